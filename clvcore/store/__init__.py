"""Keep runs and transactions as folders of Parquet and JSON; never a pickle.

May import: ``records``, ``uncertainty``, ``ingest``. Begin with ``runs.py``.
"""

from clvcore.store.folder import put_in_place, read_manifest, verify_folder
from clvcore.store.forget import forget_in_run, forget_in_transactions
from clvcore.store.runs import load_prediction, load_run, save_run
from clvcore.store.swap import finish_swaps
from clvcore.store.transactions import load_transactions, save_transactions

__all__ = [
    "finish_swaps",
    "forget_in_run",
    "forget_in_transactions",
    "load_prediction",
    "load_run",
    "load_transactions",
    "put_in_place",
    "read_manifest",
    "save_run",
    "save_transactions",
    "verify_folder",
]
