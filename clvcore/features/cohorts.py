"""Which cohort a customer belongs to: when he came, or an attribute he came with."""

from __future__ import annotations

import pandas as pd

from clvcore.errors import DataError
from clvcore.records import Snapshot

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
    first = customers["first_purchase"].dt
    year: pd.Series[str] = first.year.astype("str")
    labels: pd.Series[str]
    if cohort_by is None:
        return pd.Series(WHOLE, index=customers.index, dtype="str")
    if cohort_by == "year":
        return year
    if cohort_by == "quarter":
        labels = year + "-Q" + first.quarter.astype("str")
        return labels
    if cohort_by == "month":
        labels = year + "-" + first.month.astype("str").str.zfill(2)
        return labels
    attributes = [c for c in customers.columns if customers[c].dtype == "str"]
    if cohort_by not in attributes:
        raise DataError(
            "UNKNOWN_COHORT",
            "cohort_by is {cohort_by!r}, which is neither month, quarter or year nor a column kept "
            "from the file. Kept: {attributes}.",
            cohort_by=cohort_by, attributes=", ".join(attributes) or "none",
        )  # fmt: skip
    return customers[cohort_by]
