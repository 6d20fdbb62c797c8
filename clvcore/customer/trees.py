"""What the boosted trees do to one customer's forecast, and which of their traits they look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvcore.customer.life import Life, values_of
from clvcore.members.boosted import BOUND, categories_of, contributions, tree_features
from clvcore.members.corrections import FEATURES
from clvcore.records.prediction import Prediction
from clvcore.records.run import Run

RECENT, RHYTHM, AMOUNTS, EXPECTED, TRAITS = "recent", "rhythm", "amounts", "expected", "traits"
GROUPS = {
    "log_purchases": RHYTHM, "log_age": RHYTHM, "log_idle": RECENT, "idle_share": RECENT,
    "idle_to_gap": RECENT, "p_alive": EXPECTED, "log_expected_purchases": EXPECTED,
    "log_expected_value": AMOUNTS, "last_to_mean": AMOUNTS, "first_to_mean": AMOUNTS,
    "max_to_mean": AMOUNTS, "amount_spread": AMOUNTS, "tempo_90": RECENT, "tempo_365": RHYTHM,
    "recent_to_mean": AMOUNTS, "spend_180_to_mean": RECENT, "value_to_all": AMOUNTS,
}  # fmt: skip
BOOSTERS = ("lightgbm", "xgboost")


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeEffect:
    """Logs of factors on the forecast.

    Parameters
    ----------
    log
        Of the trees as a whole, bounded as in the forecast.
    groups
        Of each group of traits, largest first; unbounded, what is the same for everybody left out.
    weight
        Share of the forecast that is theirs, 0 to 1.
    """

    log: float
    groups: pd.Series[float]
    weight: float


def tree_effect(run: Run, life: Life) -> TreeEffect | None:
    """Read off the trees saved with a run what they say of one customer; None without trees.

    SHAP values of both boosters, averaged as the forecast averages them and weighted as it does.
    """
    weight = _weight(run)
    if weight <= 0 or run.state is None or not run.state.files:
        return None
    attributes = categories_of(run.state.files)
    features = tree_features(
        life.snapshot,
        _base(life, values_of(run, life.customer)),
        attributes,
        all_values=run.customers["expected_purchase_value"].to_numpy(dtype=np.float64),
    )
    each = contributions(run.state.files, features)
    bounded = [np.clip(part[0].sum(), -BOUND, BOUND) for part in each.values()]
    average = np.mean([part[0] for part in each.values()], axis=0)
    names = [GROUPS.get(name, TRAITS) for name in (*FEATURES, *attributes.names)]
    groups = pd.Series(average[:-1]).groupby(names).sum() * _strength(run, weight)
    order = groups.abs().sort_values(ascending=False).index
    return TreeEffect(
        log=float(np.mean(bounded)) * _strength(run, weight),
        groups=groups.reindex(order),
        weight=weight,
    )


def _weight(run: Run) -> float:
    weights = run.weights.groupby("model")["weight"].sum()
    if "ml" in weights.index:
        return 1.0
    return float(weights.reindex(BOOSTERS).fillna(0.0).sum())


def _strength(run: Run, weight: float) -> float:
    """Return the power the trees' factor is raised to before other members are mixed in."""
    weights = run.weights.groupby("model")["weight"].sum()
    others = float(weights.reindex(["last_window", "cohort"]).fillna(0.0).sum())
    return weight / max(1.0 - others, 1e-9)


def _base(life: Life, row: dict[str, float]) -> Prediction:
    """Return the probabilistic forecast the trees corrected; only what they look at is filled."""
    purchases = np.array([[row["expected_purchases"]]])
    return Prediction(
        index=life.snapshot.customers.index,
        purchases=purchases,
        revenue=purchases * row["expected_purchase_value"],
        p_alive=np.array([row["p_alive"]]),
        p_purchase=np.array([row["p_purchase"]]),
        purchase_value=np.array([row["expected_purchase_value"]]),
    )
