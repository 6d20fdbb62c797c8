"""Database engines by name.

May import: ``records``. Begin with ``base.py``.
"""

from __future__ import annotations

from clvcore.engines.base import Engine, statement
from clvcore.engines.duckdb import DuckDBEngine
from clvcore.records.errors import EngineError

__all__ = ["Engine", "engine", "statement"]

DEFAULT = "duckdb"
ENGINES: dict[str, type[Engine]] = {DEFAULT: DuckDBEngine}


def engine(name: str = DEFAULT) -> Engine:
    """Return the engine called ``name``.

    Raises
    ------
    EngineError
        If there is none of that name.
    """
    if name not in ENGINES:
        raise EngineError(
            "UNKNOWN_ENGINE",
            "There is no engine called {name!r}. Choose one of: {known}.",
            name=name, known=", ".join(sorted(ENGINES)),
        )  # fmt: skip
    return ENGINES[name]()
