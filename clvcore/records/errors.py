"""Everything clvcore can refuse to do, and everything it can doubt.

ClvError                 catch this to catch all of them
├── ConfigError          a setting is out of range or contradicts another
├── DataError            the orders cannot carry what was asked of them
│   ├── ReadError        the file cannot be read at all
│   ├── MappingError     which column means what cannot be told
│   └── HistoryError     the orders cover too little time
├── ModelError           a model that was asked for by name cannot be fitted
├── EngineError          a database engine is unknown or not installed
└── StoreError           a saved run is missing, damaged or of another version

A ``Notice`` is the milder sibling: a statistical doubt that travels inside the result.
Both carry a stable ``code``, an English ``template`` and its ``values``, so that a page can
translate the sentence and an API can keep the code.

    try:
        run = clv.forecast(clv.read_transactions("orders.csv"))
    except clv.ClvError as error:
        print(error.code, error)
"""

from __future__ import annotations

from typing import Any


class ClvError(Exception):
    """Base of every error raised on purpose; ``str(error)`` says what, where and what next."""

    def __init__(self, code: str, template: str, **values: Any) -> None:
        super().__init__(template.format(**values))
        self.code = code
        self.template = template
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the trip from a worker process."""
        return _rebuild, (type(self), self.code, self.template, self.values)


class ConfigError(ClvError):
    """A setting is out of range or contradicts another."""


class DataError(ClvError):
    """The orders cannot carry what was asked of them."""


class ReadError(DataError):
    """The file cannot be read at all."""


class MappingError(DataError):
    """Which column means what cannot be told."""


class HistoryError(DataError):
    """The orders cover too little time."""


class ModelError(ClvError):
    """A model that was asked for by name cannot be fitted."""


class EngineError(ClvError):
    """A database engine is unknown or not installed."""


class StoreError(ClvError):
    """A saved run is missing, damaged or of another version."""


class Notice(str):
    """A sentence of doubt: a ``str`` that also knows its code, template and values.

    Examples
    --------
    >>> notice = Notice("SHORT_HISTORY", "{customers} customers are new.", customers=3)
    >>> notice
    '3 customers are new.'
    >>> notice.code
    'SHORT_HISTORY'
    """

    code: str
    template: str
    values: dict[str, Any]

    def __new__(cls, code: str, template: str, /, **values: Any) -> Notice:
        """Format the sentence once; keep what it was made of."""
        notice = super().__new__(cls, template.format(**values))
        notice.code, notice.template, notice.values = code, template, values
        return notice

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the trip from a worker process."""
        return _rebuild, (type(self), self.code, self.template, self.values)


def _rebuild(kind: type, code: str, template: str, values: dict[str, Any]) -> Any:
    return kind(code, template, **values)
