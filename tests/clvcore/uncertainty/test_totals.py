"""Totals: nothing but two sums per group, wider where the season ahead is unknown."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from clvcore.records.horizon import Grid
from clvcore.uncertainty import Future, common_factor, group_totals, season_seen


def factor(**changes):
    usual = {"level": 0.95, "seen": 1.0, "horizon_days": 365, "full_window": True}
    return common_factor(**(usual | changes))


def test_the_season_is_seen_once_the_log_was_no_longer_new():
    assert season_seen(100, 60) == 0.0
    assert season_seen(3 * 365, 365) == 1.0
    assert season_seen(373, 183) == pytest.approx(0.55, abs=0.01)  # Online Retail II, 2010-12-09
    # the same days of the year, looked at as a stretch of their own
    whole = season_seen(400, 90)
    parts = [season_seen(400, 30, skipped_days=days) for days in (0, 30, 60)]
    assert np.mean(parts) == pytest.approx(whole)


def test_an_unseen_season_and_a_short_window_widen():
    assert factor(seen=0.0).shop > factor(seen=0.5).shop > factor().shop
    assert factor(seen=0.0, horizon_days=90).shop > factor(seen=0.0).shop
    assert factor(full_window=False).shop > factor().shop


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_levels_are_nested(level):
    assert factor(level=level).half_width(0.01, 0.3) < factor(
        level=min(0.995, level + 0.01)
    ).half_width(0.01, 0.3)


def test_the_whole_has_no_factor_of_a_group_and_a_poor_group_the_largest():
    common = factor()
    whole = common.half_width(0.0, 1.0)
    assert whole == pytest.approx(common.t * common.shop)
    assert common.half_width(0.0, 0.5) > whole
    assert common.half_width(0.0, 0.1, 0.2) > common.half_width(0.0, 0.1, 1.0)
    assert common.half_width(0.0, 0.1, 5.0) == common.half_width(0.0, 0.1, 1.0)


def test_groups_with_equal_sums_have_equal_intervals():
    mean, variance = np.array([10.0, 30.0, 15.0, 25.0]), np.array([4.0, 9.0, 6.0, 7.0])
    table = group_totals(mean, variance, pd.Series(["a", "a", "b", "b"]), factor())
    assert table["total"].tolist() == [40.0, 40.0]
    assert table["lower"][0] == table["lower"][1]
    assert table["upper"][0] == table["upper"][1]


def test_a_group_of_nothing_is_nothing_for_certain():
    table = group_totals(
        np.array([0.0, 5.0]), np.array([0.0, 1.0]), pd.Series(["none", "some"]), factor()
    )
    nothing = table.set_index("key").loc["none"]
    assert (nothing[["total", "lower", "upper"]] == 0.0).all()


def test_steps_far_ahead_are_no_surer_than_the_season_they_lie_in():
    grid = Grid(as_of=dt.date(2024, 1, 1), days=(31, 60, 91), months=(1.0, 2.0, 3.0))
    future = Future(grid=grid, history_days=300, full_window=False, level=0.95)
    assert len(future.steps) == 3
    variances = [step.shop**2 for step in future.steps]
    assert np.mean(variances) == pytest.approx(future.whole.shop**2, rel=0.02)
    # the last month lies in a season the log has begun to show
    assert variances[0] > variances[-1]
