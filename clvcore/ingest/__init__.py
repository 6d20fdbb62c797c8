"""Files of orders to transactions: read, say which column is what, check every row.

May import: ``records``, ``arrays``, ``features``. Begin with ``transactions.py``.
"""

from clvcore.ingest.guess import Guess, guess_mapping
from clvcore.ingest.layout import ANYWHERE, Layout
from clvcore.ingest.mapping import Mapping
from clvcore.ingest.options import IngestOptions
from clvcore.ingest.raw import RawTable
from clvcore.ingest.read import read_raw
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
