"""One published model a file, its likelihood, and the optimizer they share.

May import: ``records``. Begin with ``base.py`` for what a purchase model is, then
``bg_nbd.py``.
"""
