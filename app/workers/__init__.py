"""Processes beside the server: how they are started, told what to do, and ended.

May import: ``storage``. Begin with ``pool.py``.
"""
