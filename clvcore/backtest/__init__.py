"""Proof on the user's own past: rolling origins, scores, coverage and verdict, selection.

May import: ``records``, ``arrays``, ``models``, ``uncertainty``, ``members``, and ``value`` for
groups of customers. Begin with ``rolling.py``.
"""
