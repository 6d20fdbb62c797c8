"""Proof on the user's own past: rolling origins, scores, coverage and verdict, selection.

May import: ``members`` and whatever that may, and ``value`` for groups of customers. Begin with
``rolling.py``.
"""
