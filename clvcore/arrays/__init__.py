"""How columns are handled fast: ids as numbers, frames put together, the only threads.

May import: ``records``. Begin with ``numbering.py``.
"""
