"""Groups, cut-offs, what is at stake and what it may cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clvcore as clv
from clvcore.records.columns import RISKS, SEGMENTS
from clvcore.sample import sample_orders
from clvcore.uncertainty import totals_by
from clvcore.value.actions import WORDS, action_codes, campaign
from clvcore.value.segments import _cutoff, cutoffs, risk_groups, value_groups

RULE = clv.Segmentation()


def named(names, sort, *given) -> np.ndarray:
    """Return the names of the groups that ``sort`` puts customers into."""
    return np.array(names, dtype=object)[sort(*given)]


@pytest.fixture(scope="module")
def short_run():
    """A small shop's run by the cheapest model that has intervals."""
    orders = clv.read_transactions(sample_orders(150, seed=2))
    return clv.forecast(orders, clv.ForecastConfig(horizon_months=6, model="mbg_nbd"))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=200))
def test_ties_never_straddle_and_nothing_is_never_high(values):
    clv_values = np.array(values, dtype=float)
    labels = named(SEGMENTS, value_groups, clv_values, RULE)
    for value in np.unique(clv_values):
        assert len(set(labels[clv_values == value])) == 1
    assert not (labels[clv_values == 0] == "high").any()
    ranks = [SEGMENTS.index(label) for label in labels[np.argsort(-clv_values, kind="stable")]]
    assert ranks == sorted(ranks)


def test_without_ties_the_shares_are_the_rule():
    labels = named(SEGMENTS, value_groups, np.arange(1.0, 1001.0), RULE)
    counts = pd.Series(labels).value_counts().to_dict()
    assert counts == {"high": 200, "medium": 400, "low": 400}


def test_risks_begin_at_their_cutoffs():
    labels = named(RISKS, risk_groups, np.array([1.0, 0.8, 0.79, 0.5, 0.49, 0.2, 0.19, 0.0]), RULE)
    expected = ["active"] * 2 + ["cooling"] * 2 + ["at_risk"] * 2 + ["lost"] * 2
    assert list(labels) == expected


def test_an_action_is_named_after_segment_and_risk():
    value, alive = np.array([9.0, 5.0, 5.0, 1.0, 0.0]), np.array([1.0, 0.6, 0.3, 0.1, 0.9])
    codes = action_codes(value_groups(value, RULE), risk_groups(alive, RULE))
    segments, risks = (
        named(SEGMENTS, value_groups, value, RULE),
        named(RISKS, risk_groups, alive, RULE),
    )
    expected = [f"{segment}_{risk}" for segment, risk in zip(segments, risks, strict=True)]
    assert list(codes) == expected
    assert set(expected) <= set(WORDS)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.floats(0.01, 1.0))
def test_a_cutoff_leaves_the_share_nearest_to_the_rule(values, share):
    ordered = np.sort(np.array(values, dtype=float))
    cutoff = _cutoff(ordered, share)
    wanted = share * len(ordered)
    off = {v: abs((ordered >= v).sum() - wanted) for v in (*np.unique(ordered), np.inf)}
    assert off[cutoff] == min(off.values())


def test_cutoffs_are_the_values_the_groups_begin_at():
    values = np.array([100.0, 50.0, 40.0, 3.0, 1.0])
    begins = cutoffs(values, value_groups(values, RULE), RULE)
    assert begins["high_from"] == 100.0
    assert begins["medium_from"] == 40.0
    assert begins["at_risk_from"] == 0.2


def test_a_group_nobody_is_in_has_no_cutoff():
    nothing = np.zeros(5)
    assert "high_from" not in cutoffs(nothing, value_groups(nothing, RULE), RULE)


@pytest.fixture
def customers():
    frame = pd.DataFrame(
        {
            "clv": [100.0, 100.0, 100.0, 100.0],
            "p_alive": [0.9, 0.5, 0.25, 0.1],
            "risk": ["active", "cooling", "at_risk", "lost"],
            "segment": "high",
        },
        index=["a", "b", "c", "d"],
    )
    return frame.assign(action=frame["segment"] + "_" + frame["risk"])


def test_value_at_stake_follows_the_risk(customers):
    stake = clv.value_at_stake(customers)
    assert stake.to_dict() == pytest.approx({"a": 100.0, "b": 100.0, "c": 300.0, "d": 0.0})


def test_the_plan_caps_spending_at_the_uplift(customers):
    plan = clv.action_plan(customers, uplift=0.1)
    assert list(plan["action"][:1]) == ["high_at_risk"]
    assert plan["spending_cap"].to_numpy() == pytest.approx(plan["value_at_stake"] * 0.1)
    assert plan["customers"].sum() == 4
    assert plan["clv"].sum() == pytest.approx(400.0)


def test_a_campaign_reaches_those_with_most_at_stake_and_carries_the_interval(short_run):
    run = short_run
    stake = clv.value_at_stake(run.customers)
    found = campaign(run, reach=25, cost=2.0, uplift=0.1)
    assert len(found.ids) == 25
    assert stake[found.ids].min() >= stake.drop(found.ids).max()
    assert found.at_stake == pytest.approx(stake[found.ids].sum())
    assert found.gain == pytest.approx(0.1 * found.at_stake - 50.0)
    assert found.lower < found.gain < found.upper
    # at the uplift from which it pays, the gain is nothing
    even = campaign(run, reach=25, cost=2.0, uplift=found.pays_from)
    assert even.gain == pytest.approx(0.0, abs=1e-9)


def test_a_campaign_never_reaches_those_with_nothing_at_stake(short_run):
    everybody = campaign(short_run, reach=10**6, cost=0.0, uplift=1.0)
    stake = clv.value_at_stake(short_run.customers)
    assert len(everybody.ids) == (stake > 0).sum()
    assert everybody.gain == pytest.approx(stake.sum())


@pytest.mark.parametrize("wrong", [{"reach": 0}, {"cost": -1.0}, {"uplift": 1.5}])
def test_an_impossible_campaign_is_refused_by_name(short_run, wrong):
    with pytest.raises(clv.ConfigError, match=next(iter(wrong))):
        campaign(short_run, **{"reach": 5, "cost": 1.0, "uplift": 0.1} | wrong)


def test_weights_of_one_are_the_plain_total(short_run):
    run = short_run
    chosen = run.customers["segment"].eq("high").to_numpy()
    plain = run.total(run.customers.index[chosen])
    assert run.weighted_total(chosen.astype(float)) == pytest.approx(tuple(plain))


def test_groups_of_a_run_are_the_totals_it_ships(short_run):
    groups = totals_by(short_run, short_run.customers["segment"]).set_index("key")
    shipped = short_run.totals[short_run.totals["scope"] == "segment"].set_index("key")
    for mine, its in (("total", "clv"), ("lower", "clv_lower"), ("upper", "clv_upper")):
        assert groups[mine].to_dict() == pytest.approx(shipped[its].to_dict())


def test_there_are_words_for_every_action():
    assert set(WORDS) == {f"{segment}_{risk}" for segment in SEGMENTS for risk in RISKS}
