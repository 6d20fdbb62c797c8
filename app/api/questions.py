"""A body that was read, checked and turned into columns: what a worker is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Named
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from app.api.body import decoded
from app.api.errors import ApiError
from app.api.order_rows import order_rows
from app.api.parameters import (
    SOURCES,
    ForecastSettings,
    TableSettings,
    canonical,
    settings_of,
)
from app.api.summary_rows import summaries_table
from clvcore.ingest import Mapping
from clvcore.records.errors import Notice

DATA, CUSTOMER_DATA = SOURCES
# What an answer can be read at without fitting anything again.
READ_OFF = {"confidence_level", "include_confidence", "currency"}


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """Orders with their mapping, or summaries without one, and the settings of the answer.

    ``key`` is the same for the same rows and the same fit, whatever is only read off it.
    ``understood`` names the key of each role of orders, ``notices`` doubt the guess.
    """

    rows: pa.Table
    mapping: Mapping | None
    settings: Any
    key: str
    understood: dict[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def forecast_question(body: bytes) -> Question:
    """Read a request for a forecast; raises ApiError."""
    given = canonical(decoded(body), [*ForecastSettings.model_fields, *SOURCES])
    sources = [name for name in SOURCES if name in given]
    if not sources:
        raise ApiError("MISSING_PARAMETER", parameter=DATA, location="body")
    if len(sources) > 1:
        raise ApiError("PARAMETER_TWICE", parameter=CUSTOMER_DATA, location="body")
    return _question(ForecastSettings, given, sources[0])


def table_question(body: bytes) -> Question:
    """Read a request for a table of features; raises ApiError."""
    given = canonical(decoded(body), [*TableSettings.model_fields, DATA])
    if DATA not in given:
        raise ApiError("MISSING_PARAMETER", parameter=DATA, location="body")
    return _question(TableSettings, given, DATA)


def _question(kind: type[TableSettings], given: Named[str, Any], source: str) -> Question:
    settings = settings_of(kind, {k: v for k, v in given.items() if k not in SOURCES})
    if source == CUSTOMER_DATA:
        rows = summaries_table(given[CUSTOMER_DATA])
        return Question(rows=rows, mapping=None, settings=settings, key=_key(rows, None, settings))
    orders = order_rows(given[DATA], getattr(settings, "cohort_by", None))
    return Question(
        rows=orders.table,
        mapping=orders.mapping,
        settings=settings,
        key=_key(orders.table, orders.mapping, settings),
        understood=orders.understood,
        notices=orders.notices,
    )


def _key(rows: pa.Table, mapping: Mapping | None, settings: TableSettings) -> str:
    content = hashlib.sha256(settings.model_dump_json(exclude=READ_OFF).encode())
    content.update(repr(mapping).encode())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    content.update(sink.getvalue())
    return content.hexdigest()
