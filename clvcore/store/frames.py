"""Frames and Arrow tables as Parquet bytes and back, dtypes and index included."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def frame_to_parquet(frame: pd.DataFrame) -> bytes:
    """Return ``frame`` as Parquet, its index and dtypes in the metadata."""
    return table_to_parquet(pa.Table.from_pandas(frame, preserve_index=None))


def frame_from_parquet(content: bytes) -> pd.DataFrame:
    """Return the frame ``frame_to_parquet`` was given."""
    table = table_from_parquet(content)
    frame: pd.DataFrame = table.to_pandas()
    # Parquet has no seconds: the unit a date was held in is known to the pandas metadata only.
    kinds = {c["name"]: c["numpy_type"] for c in table.schema.pandas_metadata["columns"]}
    dates = {
        name: kinds[name]
        for name, dtype in frame.dtypes.items()
        if dtype.kind == "M" and kinds[name].startswith("datetime64[")
    }
    return frame.astype(dates) if dates else frame


def table_to_parquet(table: pa.Table) -> bytes:
    """Return an Arrow table as Parquet; the same table gives the same bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def table_from_parquet(content: bytes) -> pa.Table:
    """Return the Arrow table ``table_to_parquet`` was given."""
    return pq.read_table(pa.BufferReader(content))


def frame_to_json(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a small frame as rows anyone can read, its dtypes beside them."""
    return {
        "dtypes": {str(name): str(dtype) for name, dtype in frame.dtypes.items()},
        "rows": rows(frame),
    }


def frame_from_json(about: dict[str, Any]) -> pd.DataFrame:
    """Return the frame ``frame_to_json`` was given."""
    frame = pd.DataFrame(about["rows"], columns=list(about["dtypes"]), dtype=object)
    return frame.astype(about["dtypes"])


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one dict per row, without the index."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
