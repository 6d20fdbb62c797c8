"""Files of orders to transactions: read, say which column is what, check every row.

``container`` opens files, ``columns`` tells what each column is, ``presets`` knows platforms,
``dates`` and ``amounts`` read cells; ``validate`` puts them together.

May import: ``records``, ``arrays``, ``features``. Begin with ``transactions.py``.
"""

from clvcore.ingest.columns.guess import Guess, guess_mapping
from clvcore.ingest.columns.mapping import Mapping
from clvcore.ingest.container.layout import ANYWHERE, Layout
from clvcore.ingest.container.read import read_raw
from clvcore.ingest.options import IngestOptions
from clvcore.ingest.raw import RawTable
from clvcore.ingest.transactions import read_transactions
from clvcore.ingest.validate import validate

__all__ = [
    "ANYWHERE",
    "Guess",
    "IngestOptions",
    "Layout",
    "Mapping",
    "RawTable",
    "guess_mapping",
    "read_raw",
    "read_transactions",
    "validate",
]
