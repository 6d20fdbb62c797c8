"""The ``clv`` command: the engine's commands, and the server, its users and its tenants.

May import: every room but ``views``. Begin with ``commands.py``.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line, loaded only now: whoever imports a command needs no other."""
    from app.cli.commands import command_line

    command_line()()
