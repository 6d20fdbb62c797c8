"""The nouns: what travels through a forecast, left to right, and how it is named.

bytes -> Transactions -> Snapshot -> Prediction -> Run. Records are frozen; one that holds a frame
compares by identity (``eq=False``), and nobody writes to a frame they were given. ``columns`` is
the glossary in code, ``config`` what a user asks for, ``errors`` every coded refusal and doubt,
``horizon`` the months ahead.

May import: nothing of the engine. Begin with ``run.py`` for what comes out and ``transactions.py``
for what goes in.
"""
