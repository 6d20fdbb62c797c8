"""DuckDB in memory: the engine that is always there."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

THREADS = 2


class DuckDBEngine:
    """A fresh in-memory database per statement, so that nothing is shared between callers."""

    def run(self, sql: str, params: Mapping[str, object], **tables: pa.Table) -> pa.Table:
        """Run ``sql`` over ``tables`` and return an Arrow table."""
        with duckdb.connect(":memory:", config={"threads": THREADS}) as connection:
            for name, table in tables.items():
                connection.register(name, table)
            return connection.sql(sql, params=dict(params)).to_arrow_table()
