"""A fitted forecast, reduced to what answers are made of; fitted in a worker, kept for a while."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from app.api.errors import refused
from app.api.orders import quality_of, read_orders
from app.api.questions import Question
from clvcore.records.errors import ClvError, Notice
from clvcore.records.registry import row_of
from clvcore.records.run import Run
from clvcore.records.trust import CommonFactor

if TYPE_CHECKING:  # the models take a second to import: whoever only serves pages does without
    from clvcore.runs.summaries import SummaryRun
    from clvcore.uncertainty import Hurdle


@dataclass(frozen=True, eq=False, kw_only=True)
class Fitted:
    """A forecast whose intervals can be read off at any level.

    ``performance`` holds what forecasts of the past scored (empty where none was made), ``quality``
    the ledger of the orders (empty for summaries).
    """

    run_id: str
    customers: pd.DataFrame
    milestones: pd.DataFrame
    hurdle: Hurdle
    common: CommonFactor
    as_of: dt.date
    horizon_end: dt.date
    horizon_months: int
    gross_margin: float
    model: str
    weights: dict[str, float]
    performance: dict[str, Any]
    quality: dict[str, Any]
    doubts: tuple[Notice, ...]
    warnings: tuple[Notice, ...]
    cutoffs: dict[str, float]

    def bounds(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the interval of each customer's value at ``level``."""
        return self.hurdle.shipped(level)

    def totals(self, level: float) -> pd.DataFrame:
        """Return ``Run.totals`` at ``level``."""
        from clvcore.uncertainty import build_totals, factor_quantiles

        t, z = factor_quantiles(level)
        common = CommonFactor(shop=self.common.shop, group=self.common.group, t=t, z=z)
        return build_totals(self.customers, self.hurdle.variance(), common)


def fit(question: Question, today: dt.date) -> Fitted:
    """Fit what is asked; raises ApiError where the engine refuses.

    Parameters
    ----------
    question
        Orders or summaries.
    today
        The day summaries refer to unless they say another.
    """
    try:
        if question.mapping is None:
            return _from_summaries(question, today)
        return _from_orders(question)
    except ClvError as error:
        raise refused(error) from None


def _from_orders(question: Question) -> Fitted:
    from clvcore.runs.forecast import forecast

    run = forecast(read_orders(question), question.settings.config())
    return Fitted(
        **_common(run),
        weights=dict(zip(run.weights["model"], map(float, run.weights["weight"]), strict=True)),
        performance=_performance(run),
        quality=quality_of(run.quality, question.understood),
        doubts=tuple(doubt for doubt in run.quality.warnings if isinstance(doubt, Notice)),
    )


def _from_summaries(question: Question, today: dt.date) -> Fitted:
    from clvcore.runs.summaries import forecast_summaries

    settings = question.settings
    frame = question.rows.to_pandas().set_index("customer_id")
    run = forecast_summaries(frame, settings.config(), as_of=settings.as_of or today)
    return Fitted(**_common(run), weights={run.model: 1.0}, performance={}, quality={}, doubts=())


def _common(run: Run | SummaryRun) -> dict[str, Any]:
    from clvcore.uncertainty import Hurdle, Shape

    clv = run.customers["clv"].to_numpy(dtype=np.float64)
    buys, spread = (run.distribution[c].to_numpy(dtype=np.float64) for c in ("buys", "spread"))
    return {
        "run_id": uuid.uuid4().hex,
        "customers": run.customers,
        "milestones": run.milestones,
        "hurdle": Hurdle(mean=clv, shape=Shape(buys=buys, spread=spread), usual=clv / buys),
        "common": run.common,
        "as_of": run.as_of,
        "horizon_end": run.horizon_end,
        "horizon_months": run.config.horizon_months,
        "gross_margin": run.config.gross_margin,
        "model": run.model,
        "warnings": run.warnings,
        "cutoffs": run.cutoffs,
    }


def _performance(run: Run) -> dict[str, Any]:
    """Return the scores of the shipped model, out of time, future spend only."""
    name = row_of(run.model)
    if name not in run.leaderboard.index:
        return {}
    row, trust = run.leaderboard.loc[name], run.trust
    whole = trust.coverage[trust.coverage["scope"] == "all"]
    return {
        "r2_score": trust.r2,
        "mae": row["mae"],
        "rmse": row["rmse"],
        "bias": row["bias"],
        "coverage": [
            {"confidence_level": float(level), "coverage": float(held)}
            for level, held in zip(whole["level"], whole["coverage"], strict=True)
        ],
        "window_days": trust.window_days,
        "is_full_length": trust.is_full_length,
        "verdict": trust.verdict,
    }
