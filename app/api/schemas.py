"""The description of the interface, made from the models that check requests."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from app.api import shapes
from app.api.errors import CODES, REFUSALS
from app.api.parameters import MOST_ROWS, ForecastSettings, TableSettings
from app.api.rows import (
    LONGEST_TEXT,
    MOST_DAYS,
    MOST_MONEY,
    MOST_PURCHASES,
    ORDER_REQUIRED,
    SUMMARY_REQUIRED,
)

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
_EITHER: list[Schema] = [{"tenant": [], "secret": []}, {"bearer": []}]
_LANGUAGE = {
    "name": "Accept-Language", "in": "header", "required": False,
    "schema": {"type": "string"}, "description": "en, es or pt; anything else is English.",
}  # fmt: skip


def _operation(name: str, answer: type[BaseModel], security: list[Schema], body: str) -> Schema:
    """Return what a route says of itself."""
    reference = {"$ref": f"#/components/schemas/{body}"}
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

_ID: Schema = {
    "oneOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}, {"type": "integer"}],
    "description": "Text is kept as it is; 007 and 7 are two customers.",
}
_LABEL: Schema = {
    "anyOf": [
        {"type": "string", "maxLength": LONGEST_TEXT}, {"type": "number"}, {"type": "boolean"},
        {"type": "null"},
    ],
}  # fmt: skip
_DAYS: Schema = {"type": "integer", "minimum": 0, "maximum": MOST_DAYS}
_MONEY: Schema = {"type": "number", "minimum": 0, "maximum": MOST_MONEY}
_ORDER: dict[str, Schema] = {
    "customer_id": _ID,
    "date": {
        "type": "string", "minLength": 1, "maxLength": LONGEST_TEXT,
        "description": "Best as 2024-06-30; other ways of writing are told from all rows.",
    },
    "amount": {
        "type": "number", "minimum": -MOST_MONEY, "maximum": MOST_MONEY,
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
            "tenant": {"type": "apiKey", "in": "header", "name": "X-Customer-Api-Id"},
            "secret": {"type": "apiKey", "in": "header", "name": "X-Secret"},
        }
        parts["schemas"] |= {
            "Order": _order(),
            "CustomerSummary": _summary(),
            "ForecastRequest": _forecast_request(),
            "TableRequest": _request(TableSettings, {"data": _orders()}),
        }
        parts["schemas"]["Error"]["properties"]["code"]["examples"] = [*CODES, *REFUSALS]
        api.openapi_schema = whole
    return api.openapi_schema


def _order() -> Schema:
    return {
        **_object(_spelled(_ORDER), ORDER_REQUIRED),
        "patternProperties": {"^[A-Za-z][A-Za-z0-9_]{0,63}$": _LABEL},
        "description": "Other members are attributes, kept for cohort_by.",
    }


def _summary() -> Schema:
    schema = _object(_spelled(_SUMMARY), SUMMARY_REQUIRED)
    schema["allOf"].append({"anyOf": [_requires("total_revenue"), _requires("avg_order_value")]})
    return schema


def _forecast_request() -> Schema:
    summaries = {
        "type": "array", "minItems": 1, "maxItems": MOST_ROWS,
        "items": {"$ref": "#/components/schemas/CustomerSummary"},
        "description": "One summary per customer; probabilistic models serve.",
    }  # fmt: skip
    rows = {"data": _orders(), "customer_data": summaries}
    schema = _request(ForecastSettings, rows)
    del schema["allOf"]
    names = ("data", "customer_data", "customerData")
    return {**schema, "oneOf": [{"required": [name]} for name in names]}


def _orders() -> Schema:
    return {
        "type": "array", "minItems": 1, "maxItems": MOST_ROWS,
        "items": {"$ref": "#/components/schemas/Order"},
    }  # fmt: skip


def _request(settings: type[TableSettings], rows: dict[str, Schema]) -> Schema:
    properties = settings.model_json_schema()["properties"]
    for schema in properties.values():
        schema.pop("title", None)
    return _object(_spelled({**rows, **properties}), list(rows)[:1])


def _object(properties: dict[str, Schema], required: tuple[str, ...] | list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "allOf": [_requires(name) for name in required],
    }


def _spelled(properties: dict[str, Schema]) -> dict[str, Schema]:
    """Return each property under both of its spellings."""
    camel = {to_camel(name): schema for name, schema in properties.items()}
    return {**properties, **camel}


def _requires(name: str) -> Schema:
    if to_camel(name) == name:
        return {"required": [name]}
    return {"anyOf": [{"required": [name]}, {"required": [to_camel(name)]}]}
