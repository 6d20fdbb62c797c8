"""The description of the interface, made from the models that check requests."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from app.api import shapes
from app.api.parameters import MOST_ROWS, ForecastSettings, TableSettings, both_spellings
from app.api.rows import LONGEST_TEXT, MOST_MONEY, MOST_WHOLE
from app.api.summary_rows import MOST_DAYS, MOST_PURCHASES, SUMMARY_REQUIRED
from app.words.interface import REFUSALS, SENTENCES
from clvcore.ingest.columns.mapping import REQUIRED

Schema = dict[str, Any]

_RETRY = {"Retry-After": {"schema": {"type": "string"}, "required": True}}
_RATE = {
    f"RateLimit-{name}": {"schema": {"type": "string"}, "required": True}
    for name in ("Limit", "Remaining", "Reset")
}
_REFUSED: dict[int | str, Schema] = {
    400: {"model": shapes.Error, "description": "Cannot be read as documented"},
    401: {"model": shapes.Error, "description": "Missing, wrong or expired credentials"},
    403: {"model": shapes.Error, "description": "Right credentials without access"},
    408: {"model": shapes.Error, "description": "The body did not arrive in time"},
    413: {"model": shapes.Error, "description": "The body is too large"},
    415: {"model": shapes.Error, "description": "Not JSON, or compressed"},
    422: {
        "model": shapes.Error,
        "description": "A value is missing, unknown or out of range, or the data cannot carry it",
    },
    429: {
        "model": shapes.Error, "description": "Too many requests", "headers": {**_RETRY, **_RATE},
    },
    500: {"model": shapes.Error, "description": "Our mistake, under an error id"},
    503: {"model": shapes.Error, "description": "All places are taken", "headers": _RETRY},
}  # fmt: skip
_BEARER: list[Schema] = [{"bearer": []}]
_EITHER: list[Schema] = [{"tenant": [], "secret": []}, {"bearer": []}, {"basic": []}]
_LANGUAGE = {
    "name": "Accept-Language", "in": "header", "required": False,
    "schema": {"type": "string"}, "description": "en, es or pt; anything else is English.",
}  # fmt: skip


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(name: str, answer: type[BaseModel], security: list[Schema], body: str) -> Schema:
    """Return what a route says of itself."""
    reference = _reference(body)
    return {
        "operation_id": name,
        "responses": {200: {"model": answer, "headers": _RATE}, **_REFUSED},
        "openapi_extra": {
            "security": security,
            "parameters": [_LANGUAGE],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": reference}},
            },
        },
    }


FORECAST = _operation("clvForecast", shapes.ForecastAnswer, _BEARER, "ForecastRequest")
CLIENT_FORECAST = _operation(
    "clientForecast", shapes.ClientForecastAnswer, _EITHER, "ForecastRequest"
)
CLIENT_FEATURES = _operation("clientFeatures", shapes.ClientFeaturesAnswer, _EITHER, "TableRequest")
CLIENT_RFM = _operation("clientRfm", shapes.ClientRfmAnswer, _EITHER, "TableRequest")
HEALTH: Schema = {"operation_id": "health", "responses": {200: {"model": shapes.Health}}}

_WHOLE: Schema = {"type": "integer", "minimum": -MOST_WHOLE, "maximum": MOST_WHOLE}
_ID: Schema = {
    "oneOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}, _WHOLE],
    "description": "Text is kept as it is: 007 and 7 are two customers.",
}
_LABEL: Schema = {
    "anyOf": [
        {"type": "string", "maxLength": LONGEST_TEXT}, {"type": "number"}, {"type": "boolean"},
        {"type": "null"},
    ],
}  # fmt: skip
_ATTRIBUTE = "^[A-Za-z][A-Za-z0-9_]{0,63}$"
_DAYS: Schema = {"type": "integer", "minimum": 0, "maximum": MOST_DAYS}
_MONEY: Schema = {"type": "number", "minimum": 0, "maximum": MOST_MONEY}
_ORDER: dict[str, Schema] = {
    "customer_id": _ID,
    "date": {
        "anyOf": [
            {"type": "string", "format": "date"},
            {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
            {"type": "integer", "minimum": 0, "maximum": MOST_WHOLE},
        ],
        "description": "Best as 2024-06-30; other ways of writing are told from all rows.",
    },
    "amount": {
        "anyOf": [
            {"type": "number", "minimum": -MOST_MONEY, "maximum": MOST_MONEY},
            {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
        ],
        "description": "Refunds are negative.",
    },
    "order_id": _LABEL,
}  # fmt: skip
_SUMMARY: dict[str, Schema] = {
    "customer_id": _ID,
    "tenure_days": {**_DAYS, "description": "From the first purchase to as_of (T)."},
    "recency_days": {**_DAYS, "description": "Since the last purchase."},
    "purchase_frequency": {
        "type": "integer", "minimum": 1, "maximum": MOST_PURCHASES,
        "description": "Number of purchase days.",
    },
    "total_revenue": _MONEY,
    "avg_order_value": {**_MONEY, "description": "Used where total_revenue is missing."},
}  # fmt: skip


def document(api: FastAPI) -> Schema:
    """Return the OpenAPI document of the interface, built once."""
    if api.openapi_schema is None:
        whole = get_openapi(
            title="Customer lifetime value",
            version=version("clv"),
            description="Forecasts with intervals. Parameters may be written in snake_case or in "
            "camelCase, each in one spelling only; answers are in snake_case.",
            routes=api.routes,
        )
        parts = whole.setdefault("components", {})
        parts["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "basic": {
                "type": "http",
                "scheme": "basic",
                "description": "The tenant's id and secret, for clients that send no headers.",
            },
            "tenant": {"type": "apiKey", "in": "header", "name": "X-Customer-Api-Id"},
            "secret": {"type": "apiKey", "in": "header", "name": "X-Secret"},
        }
        parts["schemas"] |= _requests()
        parts["schemas"]["Error"]["properties"]["code"]["examples"] = [*SENTENCES, *REFUSALS]
        api.openapi_schema = whole
    return api.openapi_schema


def _requests() -> dict[str, Schema]:
    """Return the bodies in both spellings."""
    found: dict[str, Schema] = {
        "OrderRow": _order_row(), "OrderByOtherNames": _order_by_other_names(),
    }  # fmt: skip
    for camel, suffix in ((False, ""), (True, "InCamelCase")):
        name = to_camel if camel else str
        found |= {
            f"Order{suffix}": _order(camel=camel),
            f"CustomerSummary{suffix}": _summary(camel=camel),
        }
        orders = _orders(suffix)
        summaries = _rows(f"CustomerSummary{suffix}")
        asked: dict[str, tuple[str, dict[str, Any], type[TableSettings]]] = {
            f"ForecastOfOrders{suffix}": ("data", orders, ForecastSettings),
            f"ForecastOfSummaries{suffix}": ("customer_data", summaries, ForecastSettings),
            f"TableOfOrders{suffix}": ("data", orders, TableSettings),
        }
        for request, (member, rows, settings) in asked.items():
            properties = {member: rows, **_properties(settings)}
            found[request] = _object(properties, (member,), camel=camel)
            found[request]["examples"] = [_example(member, name)]
    kinds = {"ForecastRequest": "Forecast", "TableRequest": "Table"}
    for request, start in kinds.items():
        members = [name for name in found if name.startswith(start)]
        found[request] = {"anyOf": [_reference(name) for name in members]}
    return found


def _order(*, camel: bool) -> Schema:
    return {
        **_object(_ORDER, REQUIRED, camel=camel),
        "propertyNames": {"pattern": _ATTRIBUTE},
        "additionalProperties": _LABEL,
        "description": "Other members are attributes, kept for cohort_by.",
    }


def _order_row() -> Schema:
    return _row_of(
        {name: {} for name in both_spellings(REQUIRED)},
        "What stands beside an Order: a row whose customer, date or amount is blank or cannot be "
        "read is left out and counted.",
    )


def _order_by_other_names() -> Schema:
    cells = {name: {"type": ["string", "number", "null"]} for name in both_spellings(REQUIRED[1:])}
    for name in both_spellings(REQUIRED[:1]):
        cells[name] = {"type": ["string", "integer", "null"]}
    return _row_of(
        cells,
        "An order under names that are understood as the columns of a file are, in snake_case or "
        "camelCase: order_date, transactionDate, total, email and so on. data_quality.columns "
        "says what was understood.",
    )


def _row_of(properties: dict[str, Schema], description: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "propertyNames": {"pattern": _ATTRIBUTE},
        "additionalProperties": _LABEL,
        "description": description,
    }


def _orders(suffix: str) -> Schema:
    """Describe orders: one row at least under our names, or all under names of their own."""
    whole = {"contains": _reference(f"Order{suffix}")}
    return {"anyOf": [_rows("OrderRow") | whole, _rows("OrderByOtherNames")]}


def _summary(*, camel: bool) -> Schema:
    schema = _object(_SUMMARY, SUMMARY_REQUIRED, camel=camel)
    either = ("totalRevenue", "avgOrderValue") if camel else ("total_revenue", "avg_order_value")
    return {**schema, "anyOf": [{"required": [name]} for name in either]}


def _rows(name: str) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": _reference(name)}


def _properties(settings: type[TableSettings]) -> dict[str, Schema]:
    properties: dict[str, Schema] = settings.model_json_schema()["properties"]
    for schema in properties.values():
        schema.pop("title", None)
    return properties


def _object(properties: dict[str, Schema], required: tuple[str, ...], *, camel: bool) -> Schema:
    name = to_camel if camel else str
    return {
        "type": "object",
        "properties": {name(key): schema for key, schema in properties.items()},
        "required": [name(key) for key in required],
        "additionalProperties": False,
    }


def _example(member: str, name: Callable[[str], str]) -> Schema:
    """Return a body that is answered: four customers, some of whom come back."""
    if member == "data":
        rows: list[Schema] = [
            {"customer_id": "A", "date": "2023-01-03", "amount": 20.0},
            {"customer_id": "B", "date": "2023-02-09", "amount": 21.5},
            {"customer_id": "A", "date": "2023-03-18", "amount": 18.0},
            {"customer_id": "C", "date": "2023-04-24", "amount": 45.0},
            {"customer_id": "D", "date": "2023-05-31", "amount": 12.0},
            {"customer_id": "A", "date": "2023-07-07", "amount": 22.0},
            {"customer_id": "B", "date": "2023-08-13", "amount": 24.9},
            {"customer_id": "A", "date": "2023-12-02", "amount": 19.0},
        ]
    else:
        known = (
            (720, 30, 9, 540.0),
            (650, 400, 2, 80.0),
            (600, 590, 2, 61.5),
            (590, 20, 14, 700.0),
        )
        names = ("tenure_days", "recency_days", "purchase_frequency", "total_revenue")
        rows = [
            {"customer_id": "ABCD"[n], **dict(zip(names, row, strict=True))}
            for n, row in enumerate(known)
        ]
    return {name(member): [{name(key): value for key, value in row.items()} for row in rows]}
