"""Processes beside the server: how they are started, told what to do, and ended.

May import: ``storage``. Begin with ``workers.py``, the server's side; ``launcher.py`` is the
process at the other end of its pipe, and ``pool.py`` the workers that one owns.
"""
