"""The one process: what is checked before it starts, what it loads when, and what it answers.

May import: every room but ``cli`` and ``views``. Begin with ``start.py``.
"""
