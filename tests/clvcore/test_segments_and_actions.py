"""Groups, cut-offs, what is at stake and what it may cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clvcore as clv
from clvcore.actions import WORDS, action_codes
from clvcore.columns import RISKS, SEGMENTS
from clvcore.segments import cutoffs, risks, value_segments

RULE = clv.Segmentation()


@given(st.lists(st.integers(0, 30), min_size=1, max_size=200))
def test_ties_never_straddle_and_nothing_is_never_high(values):
    clv_values = np.array(values, dtype=float)
    labels = value_segments(clv_values, RULE)
    for value in np.unique(clv_values):
        assert len(set(labels[clv_values == value])) == 1
    assert not (labels[clv_values == 0] == "high").any()
    ranks = [SEGMENTS.index(label) for label in labels[np.argsort(-clv_values, kind="stable")]]
    assert ranks == sorted(ranks)


def test_without_ties_the_shares_are_the_rule():
    labels = value_segments(np.arange(1.0, 1001.0), RULE)
    counts = pd.Series(labels).value_counts().to_dict()
    assert counts == {"high": 200, "medium": 400, "low": 400}


def test_risks_begin_at_their_cutoffs():
    labels = risks(np.array([1.0, 0.8, 0.79, 0.5, 0.49, 0.2, 0.19, 0.0]), RULE)
    expected = ["active"] * 2 + ["cooling"] * 2 + ["at_risk"] * 2 + ["lost"] * 2
    assert list(labels) == expected


def test_cutoffs_are_the_values_the_groups_begin_at():
    values = np.array([100.0, 50.0, 40.0, 3.0, 1.0])
    begins = cutoffs(values, value_segments(values, RULE), RULE)
    assert begins["high_from"] == 100.0
    assert begins["medium_from"] == 40.0
    assert begins["at_risk_from"] == 0.2


def test_a_group_nobody_is_in_has_no_cutoff():
    nothing = np.zeros(5)
    assert "high_from" not in cutoffs(nothing, value_segments(nothing, RULE), RULE)


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
    return frame.assign(action=action_codes(frame["segment"], frame["risk"]))


def test_value_at_stake_follows_the_risk(customers):
    stake = clv.value_at_stake(customers)
    assert stake.to_dict() == pytest.approx({"a": 100.0, "b": 100.0, "c": 300.0, "d": 0.0})


def test_the_plan_caps_spending_at_the_uplift(customers):
    plan = clv.action_plan(customers, uplift=0.1)
    assert list(plan["action"][:1]) == ["high_at_risk"]
    assert plan["spending_cap"].to_numpy() == pytest.approx(plan["value_at_stake"] * 0.1)
    assert plan["customers"].sum() == 4
    assert plan["clv"].sum() == pytest.approx(400.0)


def test_there_are_words_for_every_action():
    assert set(WORDS) == {f"{segment}_{risk}" for segment in SEGMENTS for risk in RISKS}
