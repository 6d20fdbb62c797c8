"""Three other ways to an interval per customer, each a plain function of the same log.

plug_in        the tutorial's BG/NBD and Gamma-Gamma simulated, their parameters taken as known
cqr            conformalised quantile regression (Romano, Patterson & Candès 2019) on LightGBM
mondrian_cps   Mondrian conformal predictive system (Boström, Johansson & Löfström 2021) by crepes

The last two learn from one past origin: the features and the base forecast of ``clvcore``, and what
its customers then spent. One half of them trains, the other calibrates. Where the past window is
shorter than the horizon, each customer's spend is scaled by his base forecast for the horizon over
that for the window, both made at the origin; who spent nothing in the window stays at nothing.

Both are given what served them best on the eight cases: logarithms of spend for the quantiles
(-6 % in the Winkler score), a Tweedie objective (-7 %) and 20 categories (-3 %) for the residuals.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from tutorial import summarize, tutorial_forecast

from clvcore.members.corrections import correction_features
from clvcore.members.past import Past, label_window, whole_window
from clvcore.records.columns import DAYS_PER_WEEK
from clvcore.records.errors import ModelError
from clvcore.records.numbers import Floats

Bounds = dict[float, tuple[Floats, Floats]]

DRAWS, ROWS_AT_ONCE, SEED = 1_000, 2_000, 0
BIN_CUSTOMERS, MOST_BINS = 100, 20
TREES = 100
BOOSTING = {
    "learning_rate": 0.05, "num_leaves": 15, "lambda_l2": 5.0, "feature_fraction": 0.8,
    "bagging_fraction": 0.8, "bagging_freq": 1, "seed": SEED, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Lesson:
    """A past origin and today: features of shape (customers, columns), spend over the horizon."""

    past: Floats
    spend: Floats
    today: Floats

    @classmethod
    def of(cls, bench: Past, horizon_days: int) -> Lesson:
        """Take the latest origin a forecast made today may learn from.

        Raises
        ------
        ModelError
            If the log is too short for a past window.
        """
        window = label_window(bench.history(bench.as_of), horizon_days)
        days = bench.training_days(bench.as_of, window)
        if not days:
            raise ModelError("NO_PAST_WINDOW", "The log holds no past window to learn from.")
        origin = days[0]
        ahead, within = (
            bench.forecast(whole_window(origin, span)).revenue[:, -1]
            for span in (horizon_days, window)
        )
        return cls(
            past=_features(bench, origin, horizon_days),
            spend=bench.past(origin, window).revenue * (ahead / np.maximum(within, 1e-300)),
            today=_features(bench, bench.as_of, horizon_days),
        )

    def halves(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows to train on and those to calibrate on, drawn at random."""
        rows = np.random.default_rng(SEED).permutation(len(self.spend))
        return rows[::2], rows[1::2]

    def unit(self, rows: np.ndarray) -> float:
        """Return the mean spend of these rows: boosters are given amounts around 1."""
        return max(float(self.spend[rows].mean()), 1e-9)


def plug_in(bench: Past, horizon_days: int, levels: Sequence[float]) -> Bounds:
    """Return equal-tailed quantiles of spend simulated from the tutorial's two models."""
    snapshot = bench.snapshot(bench.as_of)
    forecast = tutorial_forecast(
        snapshot.purchases, last_day=snapshot.history_days, horizon_days=horizon_days
    )
    rfm = summarize(snapshot.purchases, snapshot.history_days).to_numpy(dtype=np.float64)
    rng, weeks = np.random.default_rng(SEED), horizon_days / DAYS_PER_WEEK
    tails = [tail for level in levels for tail in ((1.0 - level) / 2, (1.0 + level) / 2)]
    parts = [
        np.quantile(draw_spend(forecast.parameters, part, weeks, DRAWS, rng), tails, axis=1)
        for part in np.array_split(rfm, max(1, len(rfm) // ROWS_AT_ONCE))
    ]
    quantiles = np.concatenate(parts, axis=1)
    return {level: (quantiles[2 * k], quantiles[2 * k + 1]) for k, level in enumerate(levels)}


def draw_spend(
    parameters: dict[str, float], rfm: Floats, weeks: float, draws: int, rng: np.random.Generator
) -> Floats:
    """Draw spend over ``weeks``, shape (customers, draws), from BG/NBD and Gamma-Gamma.

    Given the history: alive with its probability, a rate from Gamma(r + x, alpha + T), a dropout
    probability from Beta(a, b + x), purchases until the horizon or the dropout; amounts from
    Gamma(p, nu), nu from Gamma(q + p x, v + x m). ``rfm`` holds x, t_x, T (weeks) and m.
    """
    r, alpha, a, b, p, q, v = (parameters[name] for name in ("r", "alpha", "a", "b", "p", "q", "v"))
    x, recency, age, mean = (column[:, None] for column in rfm.T)
    size = (len(rfm), draws)
    odds_dead = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + recency)) ** (r + x)
    alive = rng.random(size) < np.where(x > 0, 1.0 / (1.0 + odds_dead), 1.0)
    wanted = rng.poisson(rng.gamma(r + x, size=size) / (alpha + age) * weeks)
    allowed = rng.geometric(np.maximum(rng.beta(a, b + x, size=size), 1e-12))
    counts = np.where(alive, np.minimum(wanted, allowed), 0)
    return rng.gamma(p * counts) * (v + x * mean) / rng.gamma(q + p * x, size=size)


def cqr(bench: Past, horizon_days: int, levels: Sequence[float]) -> Bounds:
    """Return boosted quantiles of ln(1 + spend / mean) at both tails, moved as calibration asks.

    The score of a calibration customer is how far he lies outside, max(lower - y, y - upper); its
    quantile (1 - alpha)(1 + 1 / n) widens or narrows every interval. Nothing lies below 0.
    """
    lesson = Lesson.of(bench, horizon_days)
    train, calibrate = lesson.halves()
    unit = lesson.unit(train)
    y = np.log1p(lesson.spend / unit)
    past, seen, bounds = lesson.past[calibrate], y[calibrate], {}
    for level in levels:
        low, high = (
            _boost(lesson.past[train], y[train], {"objective": "quantile", "alpha": tail})
            for tail in ((1.0 - level) / 2, (1.0 + level) / 2)
        )
        outside = np.maximum(low(past) - seen, seen - high(past))
        rank = min(1.0, level * (1.0 + 1.0 / len(seen)))
        move = np.quantile(outside, rank, method="inverted_cdf")
        upper = np.maximum(high(lesson.today) + move, 0.0)
        lower = np.clip(low(lesson.today) - move, 0.0, upper)
        bounds[level] = np.expm1(lower) * unit, np.expm1(upper) * unit
    return bounds


def mondrian_cps(bench: Past, horizon_days: int, levels: Sequence[float]) -> Bounds:
    """Return equal-tailed percentiles of a predictive system with categories by forecast.

    Calibration residuals of a boosted mean are kept apart in up to 20 categories of equal size, at
    least 100 customers each. Where a category is too small for a level, its upper bound is
    infinite.
    """
    lesson = Lesson.of(bench, horizon_days)
    train, calibrate = lesson.halves()
    unit = lesson.unit(train)
    mean = _boost(lesson.past[train], lesson.spend[train] / unit, {"objective": "tweedie"})
    then, now = mean(lesson.past[calibrate]) * unit, mean(lesson.today) * unit
    bins = int(np.clip(len(then) // BIN_CUSTOMERS, 1, MOST_BINS))
    edges = np.quantile(then, np.arange(1, bins) / bins)
    # importing crepes changes how warnings are shown, and it warns of categories too small
    with warnings.catch_warnings():
        from crepes import ConformalPredictiveSystem

        warnings.simplefilter("ignore")
        system = ConformalPredictiveSystem().fit(
            lesson.spend[calibrate] - then, bins=np.searchsorted(edges, then)
        )
        intervals = {
            level: system.predict_int(
                now, bins=np.searchsorted(edges, now), confidence=level, y_min=0.0
            )
            for level in levels
        }
    return {level: (pair[:, 0], pair[:, 1]) for level, pair in intervals.items()}


RIVALS: dict[str, Callable[[Past, int, Sequence[float]], Bounds]] = {
    "plug_in": plug_in,
    "cqr": cqr,
    "mondrian_cps": mondrian_cps,
}


def _features(bench: Past, day: dt.date, horizon_days: int) -> Floats:
    """Return the features of the trees in the ensemble, and the log of the base forecast."""
    base = bench.forecast(whole_window(day, horizon_days))
    log_base = np.log(np.maximum(base.revenue[:, -1], 1e-9))
    return np.column_stack([correction_features(bench.snapshot(day), base), log_base])


def _boost(features: Floats, y: Floats, task: dict[str, object]) -> Callable[[Floats], Floats]:
    data = lgb.Dataset(features, y, params={"verbosity": -1})
    least = {"min_data_in_leaf": max(20, len(y) // 100)}
    booster = lgb.train(BOOSTING | least | task, data, num_boost_round=TREES)
    return lambda rows: np.asarray(booster.predict(rows, num_threads=1))
