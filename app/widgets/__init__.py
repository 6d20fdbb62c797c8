"""Pieces of pages: each draws one thing and returns what the reader chose.

May import: every room but ``api``, ``shield``. Begin with ``navigation.py``.
"""
