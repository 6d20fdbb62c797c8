"""A column of money: figures, signs and currencies.

Begin with ``amounts.py``.
"""
