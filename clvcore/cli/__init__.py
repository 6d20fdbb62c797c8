"""The ``clv`` command: the same forecast on a terminal, or as one JSON document.

May import: every room. Begin with ``commands.py``.
"""

from clvcore.cli.commands import app

__all__ = ["app"]
