"""The ``clv`` command: the engine's commands, and the server, its users and its tenants.

May import: every room but ``views``. Begin with ``commands.py``.
"""
