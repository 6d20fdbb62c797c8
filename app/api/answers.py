"""A fitted forecast as JSON: the documented answer, numbers unrounded and never localized."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson
import pandas as pd

from app.api.fitted import Fitted
from app.api.parameters import ForecastSettings
from app.words.text import Words, words_for
from clvcore.records.columns import HIGH, MEDIUM, SEGMENTS
from clvcore.records.errors import Notice
from clvcore.value.actions import WORDS as ACTIONS

OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def to_json(value: Any) -> bytes:
    """Return JSON; what is no finite number becomes null."""
    return orjson.dumps(value, option=OPTIONS)


def forecast_answer(fitted: Fitted, settings: ForecastSettings, language: str) -> bytes:
    """Return the body of the documented forecast."""
    w = words_for(language)
    totals = fitted.totals(settings.confidence_level)
    return to_json(
        {
            "predictions": list(_predictions(fitted, settings, w)),
            "model_info": {
                "selected_model": fitted.model,
                "weights": fitted.weights,
                "model_performance": _performance(fitted),
            },
            "segments": _segments(fitted, totals, settings.confidence_level),
            "totals": _totals(fitted, totals, settings),
            "data_quality": data_quality(fitted.quality, fitted.doubts, w),
            "warnings": notices(fitted.warnings, w),
            "run_id": fitted.run_id,
        }
    )


def data_quality(quality: dict[str, Any], doubts: Iterable[Notice], w: Words) -> dict[str, Any]:
    """Return under which keys orders were read, their ledger, and what to doubt."""
    return {**quality, "warnings": notices(doubts, w)}


def notices(doubts: Iterable[Notice], w: Words) -> list[dict[str, str]]:
    """Return doubts as code and sentence."""
    return [{"code": doubt.code, "message": w.notice(doubt)} for doubt in doubts]


def histories(fitted: Fitted) -> np.ndarray:
    """Return each customer's value to date: past revenue times the margin."""
    revenue = fitted.customers["revenue_to_date"].to_numpy(dtype=np.float64)
    return np.asarray(revenue * fitted.gross_margin)


def lists(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    """Return columns as lists of plain values."""
    return [frame[name].tolist() for name in names]


def _predictions(fitted: Fitted, settings: ForecastSettings, w: Words) -> Iterable[dict[str, Any]]:
    known, past = fitted.customers, histories(fitted)
    level = settings.confidence_level
    lower, upper = ((past + bound).tolist() for bound in fitted.bounds(level))
    actions = {code: [w(sentence)] for code, sentence in ACTIONS.items()}
    columns = [
        known.index.tolist(), past.tolist(),
        *lists(known, "clv", "p_alive", "expected_purchases", "segment", "risk", "action"),
        *lists(fitted.milestones, "value_3m", "value_6m", "value_12m"),
        lower, upper,
    ]  # fmt: skip
    for row in zip(*columns, strict=True):
        name, history, clv, alive, purchases, segment, risk, action, m3, m6, m12, low, high = row
        prediction = {
            "customer_id": name,
            "predicted_clv": history + clv,
            "historical_value": history,
            "predicted_future_value": clv,
            "confidence_interval": {
                "lower_bound": low,
                "upper_bound": high,
                "confidence_level": level,
            },
            "value_breakdown": {"short_term_3m": m3, "medium_term_6m": m6, "long_term_12m": m12},
            "p_alive": alive,
            "expected_purchases": purchases,
            "segment": segment,
            "risk": risk,
            "recommended_actions": actions[action],
        }
        if not settings.include_confidence:
            del prediction["confidence_interval"]
        yield prediction


def _performance(fitted: Fitted) -> dict[str, Any]:
    """Return the scores on past windows; null where the past could not be scored."""
    nothing: dict[str, Any] = {
        "r2_score": None,
        "mae": None,
        "rmse": None,
        "bias": None,
        "coverage": [],
    }
    unmeasured = {"window_days": 0, "is_full_length": False, "verdict": "not_measured"}
    return {**nothing, **unmeasured, **fitted.performance}


def _segments(fitted: Fitted, totals: pd.DataFrame, level: float) -> list[dict[str, Any]]:
    known = totals[totals["scope"] == "segment"].set_index("key").to_dict("index")
    begins = {HIGH: fitted.cutoffs.get("high_from"), MEDIUM: fitted.cutoffs.get("medium_from")}
    return [
        {
            "segment": name,
            "customers": int(row["customers"]),
            "value_from": begins.get(name, 0.0),
            "predicted_future_value": row["clv"],
            "lower_bound": row["clv_lower"],
            "upper_bound": row["clv_upper"],
            "confidence_level": level,
        }
        for name in SEGMENTS
        if name in known
        for row in [known[name]]
    ]


def _totals(fitted: Fitted, totals: pd.DataFrame, settings: ForecastSettings) -> dict[str, Any]:
    level = settings.confidence_level
    row = totals[totals["scope"] == "all"].iloc[0]
    past = float(histories(fitted).sum())
    return {
        "customers": len(fitted.customers),
        "historical_value": past,
        "predicted_future_value": row["clv"],
        "predicted_clv": past + row["clv"],
        "confidence_interval": {
            "lower_bound": past + row["clv_lower"],
            "upper_bound": past + row["clv_upper"],
            "confidence_level": level,
        },
        "currency": settings.currency,
        "as_of": fitted.as_of,
        "horizon_months": fitted.horizon_months,
        "horizon_end": fitted.horizon_end,
    }
