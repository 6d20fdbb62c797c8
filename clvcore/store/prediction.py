"""The forecast of each customer month by month, as Parquet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from clvcore.records.numbers import Floats
from clvcore.records.prediction import Prediction
from clvcore.store.frames import table_from_parquet, table_to_parquet

_TABLES = ("purchases", "revenue")


def prediction_to_parquet(prediction: Prediction) -> bytes:
    """Return both tables, a column per step, in single precision: seven digits are plenty."""
    columns = {
        f"{name}_{step}": table[:, step].astype(np.float32)
        for name, table in ((name, getattr(prediction, name)) for name in _TABLES)
        for step in range(table.shape[1])
    }
    return table_to_parquet(pa.table(columns))


def prediction_from_parquet(content: bytes, customers: pd.DataFrame) -> Prediction:
    """Return the forecast; what does not change from month to month stands in ``customers``."""
    table = table_from_parquet(content)
    steps = table.num_columns // len(_TABLES)

    def read(name: str) -> Floats:
        rows = [table[f"{name}_{step}"].to_numpy() for step in range(steps)]
        return np.ascontiguousarray(np.array(rows, dtype=np.float64).T)

    return Prediction(
        index=customers.index,
        purchases=read("purchases"),
        revenue=read("revenue"),
        p_alive=customers["p_alive"].to_numpy(),
        p_purchase=customers["p_purchase"].to_numpy(),
        purchase_value=customers["expected_purchase_value"].to_numpy(),
    )
