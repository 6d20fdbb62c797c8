"""Trees learn relative corrections, deterministically, and survive in their native formats."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

import clvcore as clv
from clvcore.members.boosted import BOUND, TREES, Correction, PastOrigin, train
from clvcore.members.corrections import FEATURES, correction_features
from clvcore.members.past import Past
from clvcore.sample import sample_orders

TODAY, ORIGIN, WINDOW = dt.date(2024, 12, 31), dt.date(2024, 6, 30), 184


@pytest.fixture(scope="module")
def bench():
    return Past(clv.read_transactions(sample_orders(900, seed=4)), as_of=TODAY)


@pytest.fixture(scope="module")
def past(bench):
    return bench.past(ORIGIN, WINDOW)


@pytest.fixture(scope="module")
def correction(past):
    return train([past], seed=1)


def test_corrections_are_bounded_and_say_something(correction, past):
    for log in correction.logs(past.snapshot, past.base).values():
        assert np.abs(log).max() <= BOUND
        assert log.std() > 0.01


def test_a_planted_trait_is_learned(past):
    """Customers whose last amount was above their mean spend five times the forecast."""
    last = correction_features(past.snapshot, past.base)[:, FEATURES.index("last_to_mean")]
    base = past.base.revenue[:, -1]
    planted = PastOrigin(
        snapshot=past.snapshot, base=past.base, revenue=base * np.where(last > 0.05, 5.0, 1.0)
    )
    logs = train([planted], seed=1).logs(past.snapshot, past.base)
    for log in logs.values():
        assert log[last > 0.05].mean() > log[last <= 0.05].mean() + 0.5


def test_a_planted_attribute_is_learned_and_a_value_never_seen_does_no_harm(past):
    """Customers of one channel spend four times the forecast, everyone else as expected."""
    channel = np.where(np.arange(len(past.revenue)) % 3 == 0, "partner", "web")
    snapshot = with_channel(past.snapshot, channel)
    base = past.base.revenue[:, -1]
    revenue = base * np.where(channel == "partner", 4.0, 1.0)
    trees = train([PastOrigin(snapshot=snapshot, base=past.base, revenue=revenue)], seed=1)
    assert "channel" in trees.attributes.names
    for log in trees.logs(snapshot, past.base).values():
        assert log[channel == "partner"].mean() > log[channel == "web"].mean() + 0.5
    strangers = with_channel(past.snapshot, np.full(len(channel), "fair"))
    for log in trees.logs(strangers, past.base).values():
        assert np.isfinite(log).all()


def with_channel(snapshot, channel):
    customers = snapshot.customers.assign(channel=pd.array(channel, dtype="str"))
    return replace(snapshot, customers=customers)


def test_a_common_level_is_not_learned(past):
    """Everyone spending three times the forecast is a level, which trees must not see."""
    flat = PastOrigin(
        snapshot=past.snapshot, base=past.base, revenue=3.0 * past.base.revenue[:, -1]
    )
    for log in train([flat], seed=1).logs(past.snapshot, past.base).values():
        assert np.abs(log).max() < 0.05


def test_the_same_seed_gives_the_same_trees_and_another_seed_others(past):
    first, again, other = (train([past], seed=seed) for seed in (1, 1, 2))
    assert again.lightgbm.encode() == first.lightgbm.encode()
    assert again.xgboost == first.xgboost
    before, after = (trees.logs(past.snapshot, past.base) for trees in (first, other))
    assert all(not np.array_equal(before[name], after[name]) for name in before)


def test_trees_are_kept_in_the_boosters_own_formats(correction, past, tmp_path):
    text, raw = tmp_path / "lightgbm.txt", tmp_path / "xgboost.json"
    text.write_text(correction.lightgbm)
    raw.write_bytes(correction.xgboost)
    assert lgb.Booster(model_file=text).num_trees() == TREES
    assert xgb.Booster(model_file=raw).num_boosted_rounds() == TREES
    loaded = Correction(
        lightgbm=text.read_text(), xgboost=raw.read_bytes(), buyers=correction.buyers,
        attributes=correction.attributes,
    )  # fmt: skip
    for name, log in loaded.logs(past.snapshot, past.base).items():
        assert np.array_equal(log, correction.logs(past.snapshot, past.base)[name])


def test_half_a_correction_needs_500_buyers():
    assert Correction(lightgbm=None, xgboost=None, buyers=2000).strength() == 0.5
    assert Correction(lightgbm=None, xgboost=None, buyers=250).strength() == 0.25


def test_too_few_buyers_are_named(past):
    nobody = PastOrigin(snapshot=past.snapshot, base=past.base, revenue=np.zeros(len(past.revenue)))
    with pytest.raises(clv.ModelError, match="100") as refused:
        train([nobody], seed=1)
    assert refused.value.code == "TOO_FEW_PAST_BUYERS"


def test_a_past_of_which_nothing_was_expected_teaches_nothing(past):
    """Everything was free before the origin, and money starts after it."""
    free = replace(past.base, revenue=np.zeros_like(past.base.revenue))
    with pytest.raises(clv.ModelError, match="100"):
        train([PastOrigin(snapshot=past.snapshot, base=free, revenue=past.revenue)], seed=1)
