"""One customer of a finished run: how sure we were of them, what may come, and why.

May import: ``records``, ``arrays``, ``features``, ``models``, ``members``, ``uncertainty``,
``value``. Begin with ``life.py``.
"""

from clvcore.customer.drivers import drivers, typical
from clvcore.customer.life import Life, life_of
from clvcore.customer.path import LEVELS, one_sided_misses, value_path
from clvcore.customer.trees import TreeEffect, tree_effect

__all__ = [
    "LEVELS",
    "Life",
    "TreeEffect",
    "drivers",
    "life_of",
    "one_sided_misses",
    "tree_effect",
    "typical",
    "value_path",
]
