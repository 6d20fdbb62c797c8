"""When a cohort has earned its cost back: exact where observed, bounded where expected."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.records.columns import FORECAST, OBSERVED
from clvcore.value.payback import payback


@pytest.fixture
def cohorts():
    """Two cohorts of four months: one observed for two of them, one wholly ahead."""
    ahead = np.array([False, False, True, True, True, True, True, True])
    value = np.array([10.0, 20.0, 30.0, 40.0, 5.0, 6.0, 7.0, 8.0])
    return pd.DataFrame(
        {
            "cohort": ["old"] * 4 + ["new"] * 4,
            "customers": [50] * 4 + [20] * 4,
            "month_index": [0, 1, 2, 3] * 2,
            "kind": np.where(ahead, FORECAST, OBSERVED),
            "retention": 0.5,
            "cumulative_value_per_customer": value,
            "lower": np.where(ahead, value * 0.8, np.nan),
            "upper": np.where(ahead, value * 1.25, np.nan),
        }
    )


def test_what_was_observed_is_certain(cohorts):
    row = payback(cohorts, {"old": 15.0}, margin=1.0).iloc[0]
    assert (row["month"], row["month_lower"], row["month_upper"]) == (1.5, 1.5, 1.5)
    assert row["ratio"] == pytest.approx(40 / 15)
    assert row["customers"] == 50


def test_what_is_expected_pays_back_sooner_at_the_upper_bound(cohorts):
    row = payback(cohorts, {"old": 35.0}, margin=1.0).iloc[0]
    assert row["month"] == pytest.approx(3.5)
    assert row["month_lower"] < row["month"] < row["month_upper"]
    # the lower curve ends at 32, before the cost
    assert row["month_upper"] == np.inf
    assert row["ratio_lower"] < 1 < row["ratio_upper"]


def test_half_the_margin_is_twice_the_cost(cohorts):
    half = payback(cohorts, {"old": 10.0}, margin=0.5).drop(columns="cost")
    twice = payback(cohorts, {"old": 20.0}, margin=1.0).drop(columns="cost")
    pd.testing.assert_frame_equal(half, twice)


def test_a_cost_the_first_month_covers_is_paid_within_it(cohorts):
    assert payback(cohorts, {"old": 4.0}, margin=1.0)["month"].item() == pytest.approx(0.4)


def test_a_cost_beyond_the_curve_is_never_paid_and_others_are_left_out(cohorts):
    frame = payback(cohorts, {"new": 100.0, "unheard of": 3.0}, margin=1.0)
    assert list(frame["cohort"]) == ["new"]
    assert frame["month"].item() == np.inf


def test_a_return_that_takes_value_back_delays_the_payback(cohorts):
    dipped = cohorts.assign(
        cumulative_value_per_customer=[10.0, 20.0, 12.0, 40.0, 5.0, 6.0, 7.0, 8.0],
        lower=np.nan, upper=np.nan,
    )  # fmt: skip
    assert payback(dipped, {"old": 15.0}, margin=1.0)["month"].item() > 3


@pytest.mark.parametrize(("costs", "margin"), [({"old": 0.0}, 1.0), ({"old": 1.0}, 0.0)])
def test_a_cost_or_margin_of_nothing_is_refused(cohorts, costs, margin):
    with pytest.raises(clv.ConfigError, match="above 0"):
        payback(cohorts, costs, margin=margin)
