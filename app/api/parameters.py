"""What a caller may ask, in snake_case or camelCase, and what each value may be."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from app.api.errors import ApiError
from clvcore.records.config import EARLIEST, LATEST, MODELS, ForecastConfig

MOST_ROWS = 500_000
SOURCES = ("data", "customer_data")


def _whole(value: Any) -> Any:
    """Take 12.0 for 12, as JSON Schema does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _day(value: Any) -> Any:
    """Read a day as it must be written; whatever is no text is a wrong type."""
    if not isinstance(value, str):
        return value
    try:
        day = dt.datetime.strptime(value, "%Y-%m-%d").date()  # a day has no zone
    except ValueError:
        raise ValueError("not a day") from None
    if not (len(value) == 10 and EARLIEST <= day <= LATEST):
        raise ValueError("not a day")
    return day


Whole = Annotated[int, BeforeValidator(_whole)]
Number = Annotated[float, BeforeValidator(_number)]
Day = Annotated[dt.date, BeforeValidator(_day, json_schema_input_type=str)]
Currency = Annotated[str, Field(pattern="^[A-Za-z]{3}$")]
ModelName = Literal[MODELS]  # type: ignore[valid-type]
_AS_OF = Field(
    None,
    description="Last day known, inclusive; default the last day in the data, or today for "
    "customer_data.",
    json_schema_extra={"format": "date"},
)
_CURRENCY = Field(None, description="ISO 4217 code; it is repeated in the answer and never used.")


class TableSettings(BaseModel):
    """Settings of the feature and RFM tables."""

    model_config = ConfigDict(extra="forbid", strict=True)
    as_of: Day | None = _AS_OF
    on_invalid: Literal["leave_out", "refuse"] = Field(
        "leave_out",
        description="What becomes of orders whose customer, date or amount is blank or cannot be "
        "read: left out and counted in data_quality, or all refused, with the first of them named.",
    )
    currency: Currency | None = _CURRENCY


class ForecastSettings(TableSettings):
    """Settings of a forecast."""

    forecast_horizon: Whole = Field(12, ge=1, le=60, description="Calendar months to look ahead.")
    model_type: ModelName = Field("auto", description="auto picks what the data can carry.")
    confidence_level: Number = Field(
        0.95, ge=0.5, le=0.99, description="Share of outcomes an interval should hold."
    )
    include_confidence: bool = Field(True, description="Whether predictions carry intervals.")
    cohort_by: str | None = Field(
        "quarter", min_length=1, max_length=64,
        description="month, quarter, year, an attribute of the orders, or null.",
    )  # fmt: skip
    discount_rate: Number = Field(0.0, ge=0.0, le=10.0, description="Per year; 0.1 is 10 %.")
    gross_margin: Number = Field(
        1.0, ge=0.0001, le=1.0, description="Share of revenue that is yours."
    )
    allow_short_history: bool = Field(
        False, description="Forecast from less than six calendar months all the same."
    )

    def config(self, *, as_of: dt.date | None = None) -> ForecastConfig:
        """Return the settings the engine understands."""
        return ForecastConfig(
            horizon_months=self.forecast_horizon,
            model=self.model_type,
            confidence_level=self.confidence_level,
            cohort_by=self.cohort_by,
            as_of=self.as_of or as_of,
            annual_discount_rate=self.discount_rate,
            gross_margin=self.gross_margin,
            allow_short_history=self.allow_short_history,
        )


def both_spellings(names: Iterable[str]) -> dict[str, str]:
    """Return each accepted spelling with the name it stands for."""
    return {spelled: name for name in names for spelled in (name, to_camel(name))}


def canonical(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the parameters under their own names.

    Raises
    ------
    ApiError
        ``UNKNOWN_PARAMETER``, or ``PARAMETER_TWICE`` where both spellings of one were given.
    """
    spellings = both_spellings(names)
    found: dict[str, Any] = {}
    for key, value in given.items():
        name = spellings.get(key)
        if name is None:
            raise unknown(key, spellings)
        if name in found:
            raise ApiError("PARAMETER_TWICE", parameter=name, location="body")
        found[name] = value
    return found


def unknown(key: str, known: Iterable[str], location: str = "body") -> ApiError:
    """Say that a name is not known without repeating it; the nearest known one may help."""
    near = difflib.get_close_matches(key[:64], list(known), n=1)
    hint: dict[str, Any] = {"did_you_mean": near[0]} if near else {}
    return ApiError("UNKNOWN_PARAMETER", location=location, **hint)


def settings_of(kind: type[TableSettings], given: Mapping[str, Any]) -> Any:
    """Return checked settings.

    Raises
    ------
    ApiError
        ``WRONG_TYPE`` (400) for another JSON type, ``OUT_OF_RANGE`` (422) for a value of the right
        type that is not allowed.
    """
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=True, include_input=False)[0]
    parameter = str(first["loc"][0])
    if first["type"].endswith("_type") or first["type"] == "is_instance_of":
        raise ApiError("WRONG_TYPE", parameter=parameter, location="body")
    if first["type"] == "literal_error" and not isinstance(given[parameter], str):
        raise ApiError("WRONG_TYPE", parameter=parameter, location="body", expected="string")
    raise ApiError("OUT_OF_RANGE", parameter=parameter, location="body", **_bounds(first, kind))


def _bounds(error: Mapping[str, Any], kind: type[TableSettings]) -> dict[str, Any]:
    """Return what would have been allowed."""
    name = str(error["loc"][0])
    if error["type"] == "literal_error":
        return {"allowed": list(get_args(kind.model_fields[name].annotation))}
    if name == "as_of":
        return {"expected": "2024-06-30"}
    if name == "currency":
        return {"expected": "EUR"}
    limits = kind.model_json_schema()["properties"][name]
    wanted = ("minimum", "maximum")
    return {key: limits[key] for key in wanted if key in limits}
