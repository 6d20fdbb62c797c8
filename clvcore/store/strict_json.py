"""Strict JSON: no NaN, no infinity, and notices that read the same after the trip."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from clvcore.records.errors import Notice


def to_json(value: Any, *, indent: int | None = None) -> bytes:
    """Return ``value`` as UTF-8 JSON, keys in their order; what is not a number becomes null."""
    text = json.dumps(_plain(value), allow_nan=False, indent=indent)
    return text.encode()


def numbers(row: dict[str, Any]) -> dict[str, float]:
    """Read numbers back by name."""
    return {name: number(value) for name, value in row.items()}


def number(value: float | None) -> float:
    """Read a number back; null was not a number."""
    return math.nan if value is None else float(value)


def notices_to_json(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """Return what each notice was made of."""
    return [
        {
            "code": notice.code,
            "template": notice.template,
            "values": {name: _tagged(value) for name, value in vars(notice)["values"].items()},
        }
        for notice in notices
    ]


def notices_from_json(rows: list[dict[str, Any]]) -> tuple[Notice, ...]:
    """Return notices equal to those given to ``notices_to_json``."""
    return tuple(
        Notice(row["code"], row["template"], **{k: _untagged(v) for k, v in row["values"].items()})
        for row in rows
    )


def _plain(value: Any) -> Any:
    """Reduce numpy numbers, dates and missing values to what JSON has."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _tagged(value: Any) -> Any:
    """Mark what JSON would flatten, so that the sentence is formatted the same way again."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [_tagged(item) for item in value]}
    if isinstance(value, dt.datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _untagged(value: Any) -> Any:
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    if isinstance(value, dict):
        ((tag, inner),) = value.items()
        return _READERS[tag](inner)
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "tuple": lambda items: tuple(_untagged(item) for item in items),
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "float": float,
}
