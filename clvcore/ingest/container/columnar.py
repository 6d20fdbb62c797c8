"""Parquet, Arrow tables and pandas frames: columns that already have a type."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clvcore.ingest.container.cells import cell_text
from clvcore.ingest.container.heading import refuse_data
from clvcore.ingest.container.packed import bomb
from clvcore.ingest.container.shapes import refuse_period_columns
from clvcore.ingest.distinct import is_text
from clvcore.ingest.raw import MAX_BYTES, RawTable, check_rows, column_names, damaged
from clvcore.records.errors import Notice, ReadError

KEPT_AS_THEY_ARE = {
    pa.string(), pa.large_string(), pa.bool_(), pa.float32(), pa.float64(),
    pa.int8(), pa.int16(), pa.int32(), pa.int64(),
    pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
}  # fmt: skip
PERIOD = "pandas.period"
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
        file = pq.ParquetFile(
            pa.BufferReader(data),
            read_dictionary=texts,
            # in nanoseconds, as by default, the year 2600 would be taken for 2015
            coerce_int96_timestamp_unit="us",
        )
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
    fixed = pa.types.is_fixed_size_binary(kind)
    return bool((is_text(kind) or _is_bytes(kind)) and not fixed)


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        or pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind)
    )  # fmt: skip


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
    if isinstance(column.dtype, pd.PeriodDtype):
        return _period_texts(column)
    if isinstance(column.dtype, pd.SparseDtype):
        column = pd.Series(np.asarray(column))
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
                "Columns that hold lists, records, bytes or spans of time were left out: "
                "{columns}.",
                columns=", ".join(dropped),
            ),
        )
        if dropped
        else (),
    )


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return a column of single values without its wrapping, in a type every later step knows.

    None if it holds anything else, such as lists, spans of time or bytes that are no text.
    """
    column = _unwrapped(column)
    kind = column.type
    if kind in KEPT_AS_THEY_ARE or pa.types.is_timestamp(kind):
        return column
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    if pa.types.is_decimal(kind):
        wide = pa.types.is_decimal256(kind)
        return column if wide else column.cast(pa.decimal128(kind.precision, kind.scale))
    if pa.types.is_date(kind):
        return column.cast(pa.date32())
    as_text = pa.types.is_null(kind) or pa.types.is_time(kind) or is_text(kind) or _is_bytes(kind)
    if not as_text:
        return None
    try:
        return column.cast(pa.string())  # bytes too: text of writers that do not say so
    except pa.ArrowInvalid:
        return None


def _unwrapped(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Take off extensions, dictionaries and run lengths, one within the other as they come."""
    while True:
        kind = column.type
        if isinstance(kind, pa.UuidType):
            return _uuids(column)
        if getattr(kind, "extension_name", None) == PERIOD:
            return pa.chunked_array([_period_texts(column.to_pandas())])
        if isinstance(kind, pa.BaseExtensionType):
            column = _chunks(column, lambda chunk: chunk.storage, kind.storage_type)
        elif pa.types.is_dictionary(kind):
            column = _chunks(column, pa.DictionaryArray.dictionary_decode, kind.value_type)
        elif pa.types.is_run_end_encoded(kind):
            column = _chunks(column, pc.run_end_decode, kind.value_type)
        else:
            return column


def _chunks(
    column: pa.ChunkedArray, change: Callable[[pa.Array], pa.Array], kind: pa.DataType
) -> pa.ChunkedArray:
    return pa.chunked_array([change(chunk) for chunk in column.chunks], kind)


def _uuids(column: pa.ChunkedArray) -> pa.ChunkedArray:
    storage = _chunks(column, lambda chunk: chunk.storage, column.type.storage_type)
    encoded = pc.dictionary_encode(storage.combine_chunks())
    texts = [str(uuid.UUID(bytes=value)) for value in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string()).take(encoded.indices)])


def _period_texts(periods: pd.Series) -> pa.Array:
    """Write periods as pandas prints them, 2024-05 or 2024Q2: the dates are read from that."""
    return pa.array(periods.astype(str).where(periods.notna(), None), pa.string())
