"""The peer: BG/NBD times Gamma-Gamma by plain ``lifetimes``, as a tutorial would have it.

Summaries in weeks, ``monetary_value`` over repeat purchases, the fitters' own penalty raised until
they converge, expected purchases times expected amount over the horizon, no discount. Nothing of
``clvcore`` but the purchase days goes in, so that both sides forecast the same customers.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

PENALTIES = (0.0, 0.001, 0.01, 0.1, 1.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class TutorialForecast:
    """Expected revenue per customer, the parameters it came from and the penalties they took."""

    revenue: Floats
    parameters: dict[str, float]
    penalties: dict[str, float]


def summarize(purchases: pd.DataFrame, last_day: int) -> pd.DataFrame:
    """Reduce purchase days to frequency, recency, T (weeks) and monetary_value.

    Parameters
    ----------
    purchases
        One row per customer and purchase day: ``customer``, ``day`` (a number), ``amount``.
    last_day
        Day up to which customers were watched, inclusive.
    """
    ordered = purchases.sort_values(["customer", "day"])
    by_customer = ordered.groupby("customer")
    first, last = by_customer["day"].min(), by_customer["day"].max()
    repeats = ordered[ordered["day"] > ordered["customer"].map(first)]
    return pd.DataFrame(
        {
            "frequency": by_customer.size() - 1,
            "recency": (last - first) / 7.0,
            "T": (last_day - first) / 7.0,
            "monetary_value": repeats.groupby("customer")["amount"].mean(),
        }
    ).fillna({"monetary_value": 0.0})


def tutorial_forecast(
    purchases: pd.DataFrame, *, last_day: int, horizon_days: int
) -> TutorialForecast:
    """Forecast each customer's revenue over ``horizon_days``; rows in order of ``customer``.

    Raises
    ------
    RuntimeError
        If a fitter converges at no penalty.
    """
    # importing lifetimes changes pandas settings: only where it is needed
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    rfm = summarize(purchases, last_day)
    x, recency, age = (rfm[name] for name in ("frequency", "recency", "T"))
    buyers = rfm[(rfm["frequency"] > 0) & (rfm["monetary_value"] > 0)]
    with _silence():
        bgf, counts_penalty = _raise_penalty(
            lambda penalty: BetaGeoFitter(penalizer_coef=penalty).fit(x, recency, age)
        )
        ggf, spend_penalty = _raise_penalty(
            lambda penalty: GammaGammaFitter(penalizer_coef=penalty).fit(
                buyers["frequency"], buyers["monetary_value"]
            )
        )
        counts = bgf.conditional_expected_number_of_purchases_up_to_time(
            horizon_days / 7.0, x, recency, age
        )
        amount = ggf.conditional_expected_average_profit(x, rfm["monetary_value"])
    revenue = np.asarray(counts, dtype=np.float64) * np.asarray(amount, dtype=np.float64)
    return TutorialForecast(
        revenue=revenue,
        parameters={**bgf.params_.to_dict(), **ggf.params_.to_dict()},
        penalties={"bg_nbd": counts_penalty, "gamma_gamma": spend_penalty},
    )


def _raise_penalty(fit: Callable) -> tuple:
    """Return the first fit that converges, and its penalty."""
    from lifetimes.utils import ConvergenceError

    for penalty in PENALTIES:
        try:
            return fit(penalty), penalty
        except ConvergenceError:
            continue
    raise RuntimeError(f"no fit converges, even with a penalty of {PENALTIES[-1]}")


@contextlib.contextmanager
def _silence():
    """Keep lifetimes' prints and the warnings of its optimizer off the report."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield
