"""Figures: a frame goes in, a ``Drawing`` comes out. Pure; the page decides where it hangs.

May import: ``words``. Begin with ``drawing.py``.
"""
