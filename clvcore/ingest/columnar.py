"""Parquet, Arrow tables and pandas frames: columns that already have a type."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clvcore.errors import Notice, ReadError
from clvcore.ingest.cells import cell_text
from clvcore.ingest.distinct import is_text
from clvcore.ingest.heading import refuse_data
from clvcore.ingest.packed import bomb
from clvcore.ingest.raw import MAX_BYTES, RawTable, check_rows, column_names, damaged
from clvcore.ingest.shapes import refuse_period_columns

BATCH_CELLS = 2**22  # each batch has its dictionary to be looked through: few are faster
LEAST_ROWS = 2**16
MAX_FOOTER_BYTES = 16 * 2**20
MAX_RATIO = 200
RATIO_FROM_BYTES = 64 * 2**20


def read_parquet(data: bytes) -> RawTable:
    """Read Parquet in batches; stop when it unpacks to more than 2 GiB, or far more than it has.

    Text stays in its dictionary until its size is known: a value of a megabyte, named once and
    repeated a million times, is a small file.

    Raises
    ------
    ReadError
        If the file is damaged, empty or too large.
    """
    _check_footer(data)
    most = min(max(RATIO_FROM_BYTES, MAX_RATIO * len(data)), MAX_BYTES)
    try:
        schema = pq.read_schema(pa.BufferReader(data))
        column_names(schema.names)
        texts = [field.name for field in schema if _is_texts(field.type)]
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
        check_rows(file.metadata.num_rows)
        fixed = sum(not pa.types.is_nested(kind) for kind in schema.types) - len(texts)
        if 4 * fixed * file.metadata.num_rows > most:
            raise bomb()
        batches, size = [], 0
        rows = max(LEAST_ROWS, BATCH_CELLS // max(len(schema), 1))
        for batch in file.iter_batches(batch_size=rows):
            size += sum(_unpacked_bytes(column) for column in batch.columns)
            if size > most:
                raise bomb()
            batches.append(batch)
        table = pa.Table.from_batches(batches, schema=file.schema_arrow)
        table.validate(full=True)
    except (pa.ArrowException, OSError, OverflowError) as error:
        raise damaged() from error
    return read_arrow(table, source="parquet")


def _check_footer(data: bytes) -> None:
    if len(data) < 12 or data[-4:] != b"PAR1":
        raise damaged()
    if int.from_bytes(data[-8:-4], "little") > MAX_FOOTER_BYTES:
        raise bomb()


def _is_texts(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_bytes(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _unpacked_bytes(column: pa.Array) -> int:
    """Return the bytes of a column once its dictionary is written out."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return 4 * len(column) + (pc.sum(lengths).as_py() or 0)


def read_frame(frame: pd.DataFrame) -> RawTable:
    """Read a pandas frame; a named index becomes columns, a plain one is left out."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    header = [str(name) for name in frame.columns]
    names = column_names(header)
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
    """Read an Arrow table; columns no role can use, such as lists, are left out and named.

    Raises
    ------
    ReadError
        If the table has no column or no row.
    """
    refuse_period_columns(table.schema)
    refuse_data(table.column_names)
    names = column_names(table.column_names)
    usable = {}
    for name, column in zip(names, table.columns, strict=True):
        plain = _plain(column)
        if plain is not None:
            usable[name] = plain
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
                "Columns that hold lists, records or bytes were left out: {columns}.",
                columns=", ".join(dropped),
            ),
        )
        if dropped
        else (),
    )


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return a column of single values without its wrapping; None if it holds anything else."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.cast(column.type.storage_type)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if _is_bytes(kind):
        try:
            return column.cast(pa.string())  # text of writers that do not say so
        except pa.ArrowInvalid:
            return None
    single = (
        pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind)
        or is_text(kind)
    )  # fmt: skip
    return column if single and not pa.types.is_duration(kind) else None
