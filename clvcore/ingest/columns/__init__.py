"""Which column means what: by names, by values, by rivals.

Begin with ``guess.py``.
"""
