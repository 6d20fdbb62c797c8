"""What to do about each group, and the most it is worth spending."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvcore.records.columns import ACTIVE, LOST, RISKS, SEGMENTS
from clvcore.records.errors import ConfigError
from clvcore.records.numbers import Floats
from clvcore.records.run import Run
from clvcore.value.segments import Groups

LEAST_ALIVE = 1e-12  # P(alive): whatever is below it divides like it, so nothing divides by 0
WORDS = {
    "high_active": "Account manager, premium service and priority support",
    "high_cooling": "Account manager calls this week",
    "high_at_risk": "Personal call from the account manager",
    "high_lost": "One personal letter; ask why they left",
    "medium_active": "Upsell and cross-sell; invite to the loyalty program",
    "medium_cooling": "Loyalty offer before the next order is due",
    "medium_at_risk": "Win-back offer with an expiry date",
    "medium_lost": "Last offer by e-mail, then stop",
    "low_active": "Automated service; learn which channel brought them",
    "low_cooling": "Automated churn check, low-cost reminder",
    "low_at_risk": "Automated win-back e-mail, then stop spending",
    "low_lost": "No spending; look for cheaper acquisition",
}


def action_codes(segments: Groups, risk: Groups) -> pd.api.extensions.ExtensionArray:
    """Return the stable code of each customer's action, ``<segment>_<risk>``, from their places."""
    codes = pd.array([f"{name}_{state}" for name in SEGMENTS for state in RISKS], dtype="str")
    return codes.take(segments * len(RISKS) + risk)


def value_at_stake(customers: pd.DataFrame) -> pd.Series[float]:
    """Return the value an action could still win back or protect, per customer.

    ``clv`` x (1 / ``p_alive`` - 1) for cooling and at-risk customers: what they would be worth
    beyond the forecast if they surely stayed. ``clv`` for active ones, nothing for lost ones.
    """
    clv: Floats = customers["clv"].to_numpy(dtype=np.float64)
    alive: Floats = customers["p_alive"].to_numpy(dtype=np.float64)
    risk = customers["risk"].to_numpy()
    slipping = clv * (1.0 / np.maximum(alive, LEAST_ALIVE) - 1.0)
    stake = np.select([risk == ACTIVE, risk == LOST], [clv, 0.0], default=slipping)
    return pd.Series(stake, index=customers.index, name="value_at_stake")


def action_plan(customers: pd.DataFrame, *, uplift: float) -> pd.DataFrame:
    """Sum up each (segment, risk) group and cap what reaching it may cost.

    Parameters
    ----------
    customers
        ``Run.customers`` or any selection of its rows.
    uplift
        Share of the value at stake an action is assumed to win back.

    Returns
    -------
    DataFrame
        One row per group with customers: ``segment``, ``risk``, ``action``, ``customers``,
        ``clv``, ``value_at_stake``, ``spending_cap`` (= uplift x value at stake); largest value at
        stake first.
    """
    frame = customers[["segment", "risk", "action", "clv"]].assign(
        value_at_stake=value_at_stake(customers)
    )
    plan = frame.groupby(["segment", "risk", "action"], observed=True, as_index=False).agg(
        customers=("clv", "size"), clv=("clv", "sum"), value_at_stake=("value_at_stake", "sum")
    )
    plan["spending_cap"] = uplift * plan["value_at_stake"]
    order = plan["segment"].map(SEGMENTS.index) * len(RISKS) + plan["risk"].map(RISKS.index)
    ranked = plan.assign(order=order).sort_values(
        ["value_at_stake", "order"], ascending=[False, True], ignore_index=True
    )
    return ranked.drop(columns="order")


@dataclass(frozen=True, eq=False, kw_only=True)
class Campaign:
    """What reaching the customers with most at stake would bring.

    Parameters
    ----------
    ids
        Customers reached, most at stake first; nobody with nothing at stake.
    at_stake, cost
        Sums over them, in the currency of the run.
    gain, lower, upper
        Uplift x value at stake - cost; the bounds are those of the value at stake, carried over.
    pays_from
        Uplift from which on the gain is not negative; NaN where nothing is at stake.
    """

    ids: pd.Index
    at_stake: float
    cost: float
    gain: float
    lower: float
    upper: float
    pays_from: float


def campaign(run: Run, *, reach: int, cost: float, uplift: float) -> Campaign:
    """Work out a campaign to the ``reach`` customers with the largest value at stake.

    Parameters
    ----------
    cost
        Per customer reached.
    uplift
        Share of the value at stake that is won back or protected, 0 to 1.

    Raises
    ------
    ConfigError
        If a number is outside its range.
    """
    for name, given, fine in (
        ("reach", reach, reach >= 1),
        ("cost", cost, 0 <= cost < np.inf),
        ("uplift", uplift, 0 <= uplift <= 1),
    ):
        if not fine:
            raise ConfigError(
                "CAMPAIGN_RANGE",
                "{name} is {given}; reach must be 1 or more, cost not negative, uplift 0 to 1.",
                name=name, given=given,
            )  # fmt: skip
    stake = value_at_stake(run.customers).to_numpy()
    first = np.argsort(-stake, kind="stable")[:reach]
    first = first[stake[first] > 0]
    weights = np.zeros(len(stake))
    weights[first] = stake[first] / run.customers["clv"].to_numpy()[first]
    at_stake, low, high = run.weighted_total(weights)
    spent = cost * len(first)
    return Campaign(
        ids=run.customers.index[first],
        at_stake=at_stake,
        cost=spent,
        gain=uplift * at_stake - spent,
        lower=uplift * low - spent,
        upper=uplift * high - spent,
        pays_from=spent / at_stake if at_stake > 0 else float("nan"),
    )
