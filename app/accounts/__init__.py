"""Who may come in, and what they may do.

May import: ``storage``. Begin with ``users.py``.
"""
