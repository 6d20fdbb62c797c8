"""Keep runs and transactions as folders of Parquet and JSON; never a pickle."""

from clvcore.store.folder import read_manifest
from clvcore.store.runs import load_run, save_run
from clvcore.store.transactions import load_transactions, save_transactions

__all__ = ["load_run", "load_transactions", "read_manifest", "save_run", "save_transactions"]
