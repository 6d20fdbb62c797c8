"""A folder of Parquet files, as Spark, DuckDB and pandas write a table too large for one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from clvcore.ingest.container.columnar import read_parquet
from clvcore.ingest.raw import MAX_BYTES, RawTable, check_rows
from clvcore.records.errors import Notice, ReadError

MAX_PART_ROWS = 60_000_000
HIDDEN = (".", "_")


def read_folder(folder: Path) -> RawTable:
    """Read every Parquet file of a folder, by name, as one table; lines count on across them.

    Files whose names begin with a dot or an underscore are the writers' own and no parts.

    Raises
    ------
    ReadError
        If there is no such file, one lacks a column or has it with another type, or there is too
        much in them.
    """
    paths = _parts(folder)
    tables: list[pa.Table] = []
    notices: dict[str, Notice] = {}
    rows = 0
    for path in paths:
        part = read_parquet(_bytes(path))
        rows += part.table.num_rows
        check_rows(rows, MAX_PART_ROWS)
        first = tables[0].schema if tables else part.table.schema
        tables.append(_as_first(part.table, first, paths[0].name, path.name))
        notices |= {notice.code: notice for notice in part.notices}
    return RawTable(
        table=pa.concat_tables(tables),
        source="parquet",
        lines=pa.array(np.arange(1, rows + 1)),
        notices=tuple(notices.values()),
    )


def _parts(folder: Path) -> list[Path]:
    inside = [path for path in folder.iterdir() if not path.name.startswith(HIDDEN)]
    paths = sorted(path for path in inside if path.suffix == ".parquet" and path.is_file())
    deeper = sorted(path.name for path in inside if path.is_dir())
    others = sorted(path.name for path in inside if path.is_file() and path not in paths)
    if deeper or others or not paths:
        raise ReadError(
            "NO_PARQUET_FOLDER",
            "The folder {name!r} must hold Parquet files (*.parquet) and nothing else; found are "
            "{parts} of them, beside: {others}. Give the folder with the parts of one table, or "
            "one file.",
            name=folder.name, parts=len(paths), others=", ".join([*deeper, *others][:5]) or "-",
        )  # fmt: skip
    return paths


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise ReadError(
            "FILE_TOO_LARGE",
            "The part {name!r} is larger than {limit} GB. Write the table in smaller parts.",
            name=path.name,
            limit=MAX_BYTES // 2**30,
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReadError(
            "UNREADABLE_FILE",
            "The file {name!r} cannot be opened: {reason}. Check its permissions.",
            name=path.name, reason=error.strerror or "unknown reason",
        ) from None  # fmt: skip


def _as_first(table: pa.Table, first: pa.Schema, first_name: str, name: str) -> pa.Table:
    """Return a part with the columns of the first one, in its order; an empty one takes its type.

    A column that is empty throughout the first part has no type yet, and later ones differ from it.
    """
    if sorted(table.column_names) == sorted(first.names):
        table = table.select(first.names)
        columns = {
            field.name: pa.chunked_array([pa.nulls(len(column), field.type)])
            if column.null_count == len(column)
            else column
            for field, column in zip(first, table.columns, strict=True)
        }
        table = pa.table(columns)
        if table.schema.types == first.types:
            return table
    raise ReadError(
        "PARTS_DIFFER",
        "The parts of the table do not have the same columns: {first_name!r} has {first}, "
        "{name!r} has {found}. Write all parts alike.",
        first_name=first_name, name=name, first=_described(first), found=_described(table.schema),
    )  # fmt: skip


def _described(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)
