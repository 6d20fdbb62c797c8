"""What every face of the product calls: datasets, runs, exports and who is asking.

May import: ``accounts``, ``storage``, ``words``, ``workers``. Begin with ``runs.py``.
"""
