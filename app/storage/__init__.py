"""What the program keeps under ``CLV_HOME``: its settings, database, trail and locks.

May import: nothing of the app. Begin with ``home.py``, then ``database``.
"""
