"""Which cohort a customer belongs to: when they came, or an attribute they came with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.records.errors import DataError
from clvcore.records.snapshot import Snapshot

WHOLE = "all"
PERIODS = ("month", "quarter", "year")


def cohort_labels(snapshot: Snapshot, cohort_by: str | None) -> pd.Series[str]:
    """Return each customer's cohort: ``2024-03``, ``2024-Q1``, ``2024``, an attribute, or ``all``.

    Raises
    ------
    DataError
        If ``cohort_by`` is neither a period nor an attribute of the data.
    """
    customers = snapshot.customers
    if cohort_by is None:
        nobody_apart = np.zeros(len(customers), dtype=np.int64)
        return pd.Series(_spelled([WHOLE], nobody_apart), index=customers.index)
    if cohort_by in PERIODS:
        return _periods(customers["first_purchase"], cohort_by)
    attributes = attribute_columns(customers)
    if cohort_by not in attributes:
        raise DataError(
            "UNKNOWN_COHORT",
            "cohort_by is {cohort_by!r}, which is neither month, quarter or year nor a column kept "
            "from the file. Kept: {attributes}.",
            cohort_by=cohort_by, attributes=", ".join(attributes) or "none",
        )  # fmt: skip
    return customers[cohort_by]


def attribute_columns(customers: pd.DataFrame) -> list[str]:
    """Return the names of a snapshot's attribute columns: those that hold text."""
    return [str(name) for name, kind in customers.dtypes.items() if kind == "str"]


def _periods(first: pd.Series[pd.Timestamp], cohort_by: str) -> pd.Series[str]:
    """Spell each period of the log once, however many customers came in it."""
    months = first.to_numpy().astype("datetime64[M]").astype(np.int64)
    earliest, latest = (months.min(), months.max()) if months.size else (0, -1)
    labels = []
    for year, month in (divmod(k, 12) for k in range(earliest, latest + 1)):
        names = {"quarter": f"-Q{month // 3 + 1}", "month": f"-{month + 1:02d}", "year": ""}
        labels.append(f"{1970 + year}{names[cohort_by]}")
    return pd.Series(_spelled(labels, months - earliest), index=first.index, name=first.name)


def _spelled(labels: list[str], number: npt.NDArray[np.int64]) -> pd.api.extensions.ExtensionArray:
    return pd.array(labels, dtype="str").take(number)
