"""The one door to a database engine."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Protocol

import pyarrow as pa


class Engine(Protocol):
    """Runs one SQL statement, written in DuckDB's dialect, over named Arrow tables."""

    def run(self, sql: str, params: Mapping[str, object], **tables: pa.Table) -> pa.Table:
        """Return the result; ``$name`` in ``sql`` is bound from ``params``, never formatted."""
        ...


def statement(package: str, name: str) -> str:
    """Read the SQL file ``name`` that ships beside the modules of ``package``."""
    return files(package).joinpath(name).read_text(encoding="utf-8")
