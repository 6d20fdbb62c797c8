"""What stands in front of everything the server does: who may ask, how much, how slowly.

May import: ``accounts``, ``words``. Begin with ``shield.py``.
"""

from app.shield.shield import Shield

__all__ = ["Shield"]
