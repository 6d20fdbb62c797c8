"""Lists of customers as Parquet, types kept."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clvcore.export.text import selected


def customers_parquet(frame: pd.DataFrame, *, columns: Sequence[str] | None = None) -> bytes:
    """Return ``frame`` as Parquet; ``frame`` and ``columns`` as in ``customers_csv``.

    Raises
    ------
    DataError
        If a column is not in ``frame``.
    """
    table = pa.Table.from_pandas(selected(frame, columns), preserve_index=False)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
