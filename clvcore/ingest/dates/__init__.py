"""A column of days, told by all its rows together; what is said about doubtful ones.

Begin with ``dates.py``.
"""
