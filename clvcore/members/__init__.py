"""Forecasters: whatever a user can ask for by name, all fitted and asked in the same way.

``past`` remembers what was known and forecast on a day, ``registry`` makes a member's forecast,
``published``, ``seasonal``, ``cohort``, ``boosted`` and ``ensemble`` are the members, ``moments``
gives each its predictive distribution.

May import: ``records``, ``arrays``, ``features``, ``models``, ``uncertainty``. Begin with
``registry.py``.
"""
