"""Two forecasts side by side: every customer and every cent is in one of three parts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvcore as clv
from clvcore.records.columns import SEGMENTS
from clvcore.runs.comparison import MOVES_FRAME, Part, compare, differing_settings

CONFIG = clv.ForecastConfig(horizon_months=6, model="naive")


@pytest.fixture(scope="module")
def later(shop):
    return clv.forecast(shop, CONFIG)


@pytest.fixture(scope="module")
def earlier(shop):
    half_a_year_before = shop.last_day - dt.timedelta(days=182)
    return clv.forecast(shop, replace(CONFIG, as_of=half_a_year_before))


@pytest.fixture(scope="module")
def grown(earlier, later):
    return compare(earlier, later)


def _without(run: clv.Run, ids) -> clv.Run:
    kept = run.customers.drop(index=ids)
    return replace(run, customers=kept, distribution=run.distribution.loc[kept.index])


def test_everybody_is_in_one_part_and_the_parts_add_up(earlier, later, grown):
    assert grown.stayed.customers + grown.left.customers == len(earlier.customers)
    assert grown.stayed.customers + grown.joined.customers == len(later.customers)
    joined = later.customers.index.difference(earlier.customers.index)
    assert (grown.joined.customers, grown.left.customers) == (len(joined), 0)
    assert grown.joined.customers > 0
    parts = grown.stayed.change + grown.joined.change + grown.left.change
    assert grown.change == pytest.approx(parts, rel=1e-12)
    assert grown.joined == Part(
        customers=len(joined), clv_before=0.0,
        clv_after=pytest.approx(later.customers.loc[joined, "clv"].sum()),
    )  # fmt: skip


def test_the_wholes_are_those_of_the_runs(earlier, later, grown):
    for run, whole in ((earlier, grown.before), (later, grown.after)):
        total = run.totals.iloc[0]
        assert (whole.as_of, whole.customers) == (run.as_of, len(run.customers))
        assert whole.clv == pytest.approx(total["clv"])
        assert whole.clv_lower == pytest.approx(total["clv_lower"])
        assert whole.clv_upper == pytest.approx(total["clv_upper"])
        assert whole.value_at_stake == pytest.approx(clv.value_at_stake(run.customers).sum())


def test_moves_are_counted_group_by_group(earlier, later, grown):
    moves = grown.moves
    assert tuple(moves.columns) == MOVES_FRAME
    assert len(moves) == 9
    counted = pd.crosstab(earlier.customers["segment"], later.customers["segment"])
    for row in moves.itertuples():
        expected = counted.get(row.segment_after, {}).get(row.segment_before, 0)
        assert row.customers == expected
    assert moves["clv_after"].sum() == pytest.approx(grown.stayed.clv_after)
    assert grown.moved == sum(counted.to_numpy()[~np.eye(len(counted), dtype=bool)])
    assert grown.moved > 0


def test_those_who_changed_most_come_first(grown):
    sizes = grown.customers["change"].abs().to_numpy()
    assert (np.diff(sizes) <= 0).all()
    assert grown.customers.index.name == "customer_id"
    assert grown.customers["change"].sum() == pytest.approx(grown.change)


def test_a_customer_who_left_takes_the_value_with_him(later):
    gone = list(later.customers.index[:3])
    compared = compare(later, _without(later, gone))
    assert compared.left.customers == 3
    assert compared.left.change == pytest.approx(-later.customers.loc[gone, "clv"].sum())
    row = compared.customers.loc[gone[0]]
    assert (row["part"], row["clv_after"]) == ("left", 0.0)
    assert pd.isna(row["segment_after"])
    assert compared.same_data


def test_a_run_compared_with_itself_has_not_moved(later):
    same = compare(later, later)
    assert (same.change, same.moved, same.settings) == (0.0, 0, ())
    on_the_diagonal = same.moves["segment_before"] == same.moves["segment_after"]
    assert set(same.moves.loc[on_the_diagonal, "segment_before"]) == set(SEGMENTS)


def test_settings_that_differ_are_named_and_the_day_is_none_of_them(earlier, later):
    assert compare(earlier, later).settings == ()
    other = replace(
        CONFIG, horizon_months=12, segmentation=clv.Segmentation(high=0.1), as_of="2024-01-31"
    )
    found = [(s.name, s.before, s.after) for s in differing_settings(CONFIG, other)]
    assert found == [("horizon_months", 6, 12), ("segmentation.high", 0.2, 0.1)]


def test_two_currencies_are_not_subtracted(later):
    with pytest.raises(clv.DataError, match="EUR, the other in USD") as refused:
        compare(later, replace(later, currency="USD"))
    assert refused.value.code == "CURRENCIES_DIFFER"


def test_a_run_from_before_totals_had_ranges_is_compared_without_them(earlier, later):
    old = replace(earlier, common=None)
    compared = compare(old, later)
    assert np.isnan(compared.before.clv_lower)
    assert compared.change == pytest.approx(compared.after.clv - compared.before.clv)
