"""The HTTP interface: the same forecasts, for programs.

May import: ``accounts``, ``shield``, ``storage``, ``words``, ``workers``. Begin with ``routes.py``.
"""
