"""The CDNOW sample, the field's best known log, as the installed ``lifetimes`` ships it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from clvcore.ingest import Mapping, read_transactions
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE
from clvcore.records.errors import ReadError
from clvcore.records.transactions import Transactions

_FILE = "CDNOW_sample.txt"
_COLUMNS = ["master_id", CUSTOMER, DATE, "cds", AMOUNT]


def cdnow_sample() -> Transactions:
    """Read the orders of 2,357 CDNOW customers who joined in early 1997.

    One row per order (6,919), January 1997 to June 1998, in USD. Fader, Hardie & Lee (2005)
    publish the parameters of these customers as of 1997-09-30.

    Raises
    ------
    ReadError
        If the installed ``lifetimes`` does not carry the file.
    """
    frame = pd.read_csv(_path(), sep=r"\s+", header=None, names=_COLUMNS, dtype="str")
    frame[DATE] = pd.to_datetime(frame[DATE], format="%Y%m%d").dt.strftime("%Y-%m-%d")
    mapping = Mapping(customer_id=CUSTOMER, date=DATE, amount=AMOUNT, decimal=".", date_order="ymd")
    return read_transactions(frame, mapping=mapping, currency="USD")


def _path() -> Path:
    # Found, not imported: importing lifetimes changes pandas settings for everyone.
    spec = find_spec("lifetimes")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "datasets" / _FILE
        if path.is_file():
            return path
    raise ReadError(
        "SAMPLE_MISSING",
        "{file} is not part of the installed lifetimes. Install lifetimes 0.11.3, or use the "
        "simulated sample instead.",
        file=_FILE,
    )
