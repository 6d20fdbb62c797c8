"""The ensemble: seasonal MBG/NBD, corrected by trees, blended with what was spent lately.

The trees enter as a geometric average (half of a log correction), which leaves the total alone;
last-window spend as an arithmetic one, with a weight learned on past origins and shrunk by half. A
level correction needs two seasons behind two origins, and is shrunk towards 1.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from clvcore.errors import ModelError, Notice
from clvcore.models.boosted import Correction, train
from clvcore.models.seasonal import FittedSeasonal
from clvcore.origins import MIN_CUSTOMERS, Workbench, label_window, training_days
from clvcore.records import Floats, Grid, Prediction, Snapshot

WINDOW_SHRINKAGE, MOST_WINDOW = 0.5, 0.4
MIN_BUYERS = 100
LEVEL_HISTORY, LEVEL_ORIGINS = 700, 3
FUSE = 4.0


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedEnsemble:
    """A fitted ensemble.

    Parameters
    ----------
    base
        The seasonal MBG/NBD.
    correction
        Trained trees; ``None`` where the past holds too few buyers.
    window_weight
        Share of the blend that comes from last-window spend.
    level
        Factor on every forecast.
    notices
        What was left out, and why.
    """

    base: FittedSeasonal
    correction: Correction | None
    window_weight: float
    level: float
    notices: tuple[Notice, ...] = ()

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Return the parameters of the base and of the blend."""
        blend = {"window_weight": self.window_weight, "level": self.level}
        return self.base.parameters | {"ensemble": blend}

    def weights(self) -> dict[str, float]:
        """Return the share of each member in the forecast; they sum to 1."""
        tree = self.correction.strength() if self.correction else 0.0
        rest = 1.0 - self.window_weight
        return {
            "seasonal_mbg": rest * (1.0 - tree),
            "lightgbm": rest * tree / 2.0,
            "xgboost": rest * tree / 2.0,
            "last_window": self.window_weight,
        }

    def predict(self, snapshot: Snapshot, grid: Grid, window_spend: Floats) -> Prediction:
        """Return the blended forecast; only revenue differs from the base's.

        Parameters
        ----------
        snapshot, grid
            Customers, and steps to forecast.
        window_spend
            Each customer's spend in the last ``grid.horizon_days`` days.
        """
        base = self.base.predict(snapshot, grid)
        end = base.revenue[:, -1]
        factor = np.ones(len(end))
        if self.correction is not None:
            logs = list(self.correction.logs(snapshot, base).values())
            factor = np.exp(self.correction.strength() * np.mean(logs, axis=0))
            factor *= end.sum() / (factor @ end)
        corrected = base.revenue * factor[:, None]
        blended = blend_window(corrected, window_spend, self.window_weight) * self.level
        most = _fuse(snapshot, grid, blended[:, -1].mean())
        capped = blended * np.minimum(1.0, most / np.maximum(blended[:, -1], 1e-300))[:, None]
        return Prediction(
            index=base.index,
            purchases=base.purchases,
            revenue=capped,
            p_alive=base.p_alive,
            p_purchase=base.p_purchase,
            purchase_value=base.purchase_value,
        )


def fit_ensemble(bench: Workbench, *, day: dt.date, horizon_days: int, seed: int) -> FittedEnsemble:
    """Fit on what was known on ``day``; past origins teach the trees, the blend and the level."""
    window = label_window(bench.history(day), horizon_days)
    days = [
        origin
        for origin in training_days(day, bench.first_day, window)
        if len(bench.snapshot(origin).customers) >= MIN_CUSTOMERS
    ]
    origins = [bench.past(origin, window) for origin in days]
    notices = []
    correction = None
    try:
        correction = train(origins, seed=seed)
    except ModelError as error:
        notices.append(
            Notice("TREES_LEFT_OUT", "The boosted trees were left out: {reason}", reason=str(error))
        )
    return FittedEnsemble(
        base=bench.base(day),
        correction=correction,
        window_weight=_learn_window(bench, days, window, horizon_days, day),
        level=_learn_level(bench, day, horizon_days),
        notices=tuple(notices),
    )


def blend_window(revenue: Floats, window_spend: Floats, weight: float) -> Floats:
    """Mix cumulative ``revenue`` with last-window spend of the same total; the sum is kept."""
    total = revenue[:, -1].sum()
    spent = window_spend.sum()
    if weight <= 0 or spent <= 0 or total <= 0:
        return revenue
    scaled = window_spend * total / spent
    positive = scaled[scaled > 0]
    scaled = np.minimum(scaled, np.maximum(np.quantile(positive, 0.999), 5.0 * revenue[:, -1]))
    path = revenue.sum(axis=0) / total
    mixed = (1.0 - weight) * revenue + weight * scaled[:, None] * path[None, :]
    return np.asarray(mixed * total / mixed[:, -1].sum())


def _learn_window(
    bench: Workbench, days: list[dt.date], window: int, horizon_days: int, day: dt.date
) -> float:
    """Regress what happened on last-window spend beside the base, once capped and once not."""
    if bench.history(day) < 0.6 * horizon_days:
        return 0.0
    products, buyers = np.zeros((2, 2)), 0
    for origin in days:
        past = bench.past(origin, window)
        y, b, spent = past.revenue, past.base.revenue[:, -1], bench.window_spend(origin, window)
        if bench.history(origin) < 0.6 * window or y.sum() <= 0 or spent.sum() <= 0:
            continue
        buyers += int((y > 0).sum())
        b, spent = b * y.sum() / b.sum(), spent * y.sum() / spent.sum()
        for row, top in enumerate((np.quantile(y, 0.99), np.inf)):
            products[row] += _regression(*(np.minimum(each, top) for each in (y, b, spent)))
    if buyers < MIN_BUYERS:
        return 0.0
    slopes = products[:, 0] / np.maximum(products[:, 1], 1e-12)
    return float(WINDOW_SHRINKAGE * np.clip(slopes.mean(), 0.0, MOST_WINDOW))


def _regression(y: Floats, b: Floats, spent: Floats) -> Floats:
    """Return (gap x error, gap x gap), each by the variance of what happened."""
    gap, scale = spent - b, max(float(y.var()), 1e-300)
    return np.array([gap @ (y - b), gap @ gap]) / scale


def _learn_level(bench: Workbench, day: dt.date, horizon_days: int) -> float:
    """Average past ratios of actual to forecast where two seasons lay behind them, shrunk to 1."""
    days = [
        origin
        for origin in training_days(day, bench.first_day, horizon_days, most=LEVEL_ORIGINS)
        if bench.history(origin) >= LEVEL_HISTORY
    ]
    if len(days) < 2:
        return 1.0
    pasts = [bench.past(origin, horizon_days) for origin in days]
    ratios = [past.revenue.sum() / past.base.revenue[:, -1].sum() for past in pasts]
    logs = np.clip(np.log(np.maximum(ratios, 1e-9)), -0.5, 0.5)
    weights = 0.6 ** np.arange(len(logs))
    mean = float(weights @ logs / weights.sum())
    spread = (((logs - mean) ** 2).sum() + 2 * 0.05**2) / (len(logs) + 1)
    return float(
        np.exp(np.clip(mean * 0.01 / (0.01 + spread / max(1.0, weights.sum())), -0.2, 0.2))
    )


def _fuse(snapshot: Snapshot, grid: Grid, mean: float) -> Floats:
    """Return the most a customer can be forecast: four times the own past, and four averages."""
    customers = snapshot.customers
    past = np.maximum(customers["revenue_to_date"].to_numpy(), 0.0)
    age = np.maximum(customers["T"].to_numpy(), 90)
    return np.asarray(FUSE * past * np.maximum(1.0, grid.horizon_days / age) + FUSE * mean)
