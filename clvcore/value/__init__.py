"""What a forecast is worth and what to do about it: margin, discount, groups, actions, payback.

May import: ``records``. Begin with ``valuation.py``.
"""
