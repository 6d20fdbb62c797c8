"""The ``clv`` command: the same forecast on a terminal, or as one JSON document."""

from clvcore.cli.commands import app

__all__ = ["app"]
