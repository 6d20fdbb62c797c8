"""The executive report: one self-contained page of HTML, ready to print.

May import: ``charts``, ``services``, ``storage``, ``words``. Begin with ``page.py``.
"""
