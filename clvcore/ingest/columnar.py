"""Parquet, Arrow tables and pandas frames: columns that already have a type."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clvcore.errors import Notice, ReadError
from clvcore.ingest.cells import cell_text
from clvcore.ingest.raw import MAX_BYTES, RawTable, check_rows, column_names


def read_parquet(data: bytes) -> RawTable:
    """Read Parquet in batches; stop when it unpacks to more than 2 GiB.

    Raises
    ------
    ReadError
        If the file is damaged, empty or too large.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        check_rows(file.metadata.num_rows)
        column_names(file.schema_arrow.names)
        batches, size = [], 0
        for batch in file.iter_batches(batch_size=2**20):
            size += batch.nbytes
            if size > MAX_BYTES:
                raise ReadError(
                    "FILE_TOO_LARGE",
                    "The file unpacks to more than {limit} GB. Keep only the columns for "
                    "customer, date, amount and order.",
                    limit=MAX_BYTES // 2**30,
                )
            batches.append(batch)
        table = pa.Table.from_batches(batches, schema=file.schema_arrow)
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise ReadError(
            "UNREADABLE_FILE",
            "The file is damaged or was not copied in full. Export it again.",
        ) from error
    return read_arrow(table, source="parquet")


def read_frame(frame: pd.DataFrame) -> RawTable:
    """Read a pandas frame; a named index becomes columns, a plain one is left out."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    names = column_names([str(name) for name in frame.columns])
    columns = [_array(frame.iloc[:, number]) for number in range(frame.shape[1])]
    return read_arrow(pa.table(columns, names=names), source="frame")


def _array(column: pd.Series) -> pa.Array | pa.ChunkedArray:
    """Convert with its type where Arrow has one for it, else cell by cell to text."""
    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([cell_text(value) for value in column], pa.string())
    return array


def read_arrow(table: pa.Table, *, source: str = "frame") -> RawTable:
    """Read an Arrow table; nested columns are left out, as no role can use them.

    Raises
    ------
    ReadError
        If the table has no column or no row.
    """
    names = column_names(table.column_names)
    usable = {}
    for name, column in zip(names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if not pa.types.is_nested(column.type):
            usable[name] = column
    if not usable:
        raise ReadError("EMPTY_FILE", "The file is empty. Export the orders again.")
    check_rows(table.num_rows)
    if table.num_rows == 0:
        raise ReadError(
            "HEADER_ONLY",
            "The file has column names ({columns}) but no row below them. Export it again with "
            "the orders.",
            columns=", ".join(usable),
        )
    dropped = [name for name in names if name not in usable]
    return RawTable(
        table=pa.table(usable),
        source=source,
        lines=pa.array(np.arange(1, table.num_rows + 1)),
        notices=(
            Notice(
                "NESTED_COLUMNS",
                "Columns that hold lists or records were left out: {columns}.",
                columns=", ".join(dropped),
            ),
        )
        if dropped
        else (),
    )
