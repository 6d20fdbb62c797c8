"""Whole jobs: the straight line from orders to a run, scoring newer orders, comparing runs.

May import: every room but ``store``, ``export``, ``customer``, ``sample`` and ``cli``. Begin with
``forecast.py``.
"""
