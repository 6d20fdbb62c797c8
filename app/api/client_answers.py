"""The answers that the public Python client ``echointel`` parses, from the same forecasts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from app.api.answers import data_quality, histories, lists, to_json
from app.api.errors import refused
from app.api.fitted import Fitted
from app.api.orders import quality_of, read_orders
from app.api.parameters import ForecastSettings
from app.api.questions import Question
from app.words.interface import bought_words, chance_words, silence_words, standing_words
from app.words.text import Words, words_for
from clvcore.features import ledger, take_snapshot
from clvcore.records.errors import ClvError, Notice
from clvcore.records.snapshot import Snapshot
from clvcore.value.actions import WORDS as ACTIONS

FIFTHS = 5
# By recency and frequency score, both from 1 to 5; the first that fits counts.
RFM_SEGMENTS = (
    ("champions", 4, 4),
    ("loyal", 3, 4),
    ("promising", 4, 2),
    ("new", 4, 1),
    ("needs_attention", 3, 1),
    ("at_risk", 1, 3),
    ("hibernating", 1, 1),
)


def forecast_answer(fitted: Fitted, settings: ForecastSettings, language: str) -> bytes:
    """Return the client's forecast; ``predicted_clv`` is history plus future, as everywhere."""
    w = words_for(language)
    answer: dict[str, Any] = {
        "best_algorithm": fitted.model,
        "horizon_months": fitted.horizon_months,
        "customers": list(_customers(fitted, settings, w)),
        "data_quality": data_quality(fitted.quality, fitted.doubts, w),
    }
    if "mae" in fitted.performance:  # the client reads a missing figure as 0, and null not at all
        answer["evaluation_mae"] = fitted.performance["mae"]
    return to_json(answer)


def _customers(fitted: Fitted, settings: ForecastSettings, w: Words) -> Iterator[dict[str, Any]]:
    known, past = fitted.customers, histories(fitted)
    lower, upper = (past + bound for bound in fitted.bounds(settings.confidence_level))
    margin = known["expected_purchase_value"].to_numpy() * fitted.gross_margin
    silent = (pd.Timestamp(fitted.as_of) - known["last_purchase"]).dt.days
    # each distinct sentence is written once: thousands of customers share them
    bought, silence, chance = (
        cache(partial(say, w)) for say in (bought_words, silence_words, chance_words)
    )
    columns = [
        known.index.tolist(), (past + known["clv"].to_numpy()).tolist(),
        lower.tolist(), upper.tolist(), margin.tolist(), silent.tolist(),
        *lists(known, "expected_purchases", "segment", "risk", "action", "frequency", "p_alive"),
    ]  # fmt: skip
    for row in zip(*columns, strict=True):
        name, clv, low, high, value, days, purchases, segment, risk, action, repeats, alive = row
        yield {
            "customer_id": name,
            "predicted_clv": clv,
            "confidence_lower": low,
            "confidence_upper": high,
            "predicted_txns": purchases,
            "predicted_avg_margin": value,
            "algorithm_used": fitted.model,
            "clv_tier": segment,
            "interpretation": standing_words(w, risk),
            "explanations": [
                bought(repeats + 1),
                silence(days),
                chance(round(alive * 100)),
                w(ACTIONS[action]),
            ],
        }


def features_answer(question: Question, language: str) -> bytes:
    """Return one row of features per customer; raises ApiError where the orders are refused."""
    snapshot, quality = _snapshot(question, language)
    known = snapshot.customers
    purchases = known["frequency"] + 1
    return to_json(
        {
            "customers": _rows(
                customer_id=known.index,
                total_revenue=known["revenue_to_date"],
                avg_order_value=known["revenue_to_date"] / known["n_orders"],
                order_count=known["n_orders"],
                customer_age_days=known["T"],
                recency_days=known["days_since_last"],
                purchase_frequency=purchases.astype("float64"),
            ),
            "data_quality": quality,
        }
    )


def rfm_answer(question: Question, language: str) -> bytes:
    """Return recency, frequency and money with scores from 1 to 5; raises ApiError.

    A score is the fifth of the customers one is in, 5 the best; equal customers score alike.
    """
    snapshot, quality = _snapshot(question, language)
    known = snapshot.customers
    recency, purchases = known["days_since_last"], known["frequency"] + 1
    r, f, m = (_fifths(x) for x in (-recency, purchases, known["revenue_to_date"]))
    segments = [_segment(*pair) for pair in zip(r.tolist(), f.tolist(), strict=True)]
    summary = pd.Series(segments).value_counts(sort=False)
    return to_json(
        {
            "customers": _rows(
                customer_id=known.index,
                recency=recency,
                frequency=purchases,
                monetary=known["revenue_to_date"],
                r_score=r,
                f_score=f,
                m_score=m,
                rfm_score=pd.Series([f"{a}{b}{c}" for a, b, c in zip(r, f, m, strict=True)]),
                segment=pd.Series(segments),
            ),
            "segment_summary": {str(k): int(v) for k, v in summary.sort_index().items()},
            "data_quality": quality,
        }
    )


def _snapshot(question: Question, language: str) -> tuple[Snapshot, dict[str, Any]]:
    """Return what is known of each customer, and what became of the rows."""
    orders = read_orders(question)
    try:
        snapshot = take_snapshot(orders, as_of=question.settings.as_of)
    except ClvError as error:
        raise refused(error) from None
    report = ledger(orders, as_of=snapshot.as_of)
    doubts = [doubt for doubt in report.warnings if isinstance(doubt, Notice)]
    quality = quality_of(report, question.understood)
    return snapshot, data_quality(quality, doubts, words_for(language))


def _rows(**columns: Iterable[Any]) -> list[dict[str, Any]]:
    names = list(columns)
    values = [pd.Series(column).tolist() for column in columns.values()]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _fifths(values: pd.Series) -> np.ndarray:
    share = values.rank(pct=True, method="average").to_numpy()
    return np.clip(np.ceil(share * FIFTHS), 1, FIFTHS).astype(np.int64)


def _segment(r: int, f: int) -> str:
    return next(name for name, least_r, least_f in RFM_SEGMENTS if r >= least_r and f >= least_f)
