"""Transactions on disk: the lines, their ledger and a manifest."""

from __future__ import annotations

from pathlib import Path

from clvcore.records.transactions import Transactions
from clvcore.store.folder import TRANSACTIONS, new_folder, saved_folder
from clvcore.store.frames import table_from_parquet, table_to_parquet
from clvcore.store.quality import read_quality, write_quality

_LINES = "lines.parquet"


def save_transactions(transactions: Transactions, folder: Path) -> None:
    """Write ``transactions`` to ``folder``, completely or not at all.

    Raises
    ------
    StoreError
        ``DATA_FOLDER_IN_USE`` if the folder holds something, ``DATA_UNWRITABLE`` if the disk
        refuses.
    """
    with new_folder(folder, TRANSACTIONS) as out:
        out.file(_LINES, table_to_parquet(transactions.lines))
        write_quality(transactions.quality, out)
        about = {
            "content_hash": transactions.content_hash,
            "attributes": transactions.attributes,
            "currency": transactions.currency,
            "rows": transactions.lines.num_rows,
            "customers": transactions.quality.customers_used,
            "first_day": transactions.first_day,
            "last_day": transactions.last_day,
        }
        out.manifest(TRANSACTIONS, about)


def load_transactions(folder: Path) -> Transactions:
    """Read transactions back, equal to those saved.

    Raises
    ------
    StoreError
        ``DATA_MISSING`` if there are none, ``DATA_DAMAGED`` if a file is not what was written,
        ``DATA_NEWER`` if a later version of the product wrote it.
    """
    with saved_folder(folder, TRANSACTIONS) as saved:
        about = saved.manifest
        return Transactions(
            lines=table_from_parquet(saved.file(_LINES)),
            quality=read_quality(saved),
            content_hash=about["content_hash"],
            attributes=tuple(about["attributes"]),
            currency=about["currency"],
        )
