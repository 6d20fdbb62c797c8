"""Settings refuse what cannot be meant, and say what to write instead."""

from __future__ import annotations

import datetime as dt

import pytest

import clvcore as clv


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [
        ({"confidence_level": 95}, "LEVEL_IN_PERCENT", "for 95 % write 0.95"),
        ({"confidence_level": 1.0}, "OUT_OF_RANGE", "0.5 to 0.99"),
        ({"confidence_level": True}, "OUT_OF_RANGE", "True"),
        ({"horizon_months": 0}, "OUT_OF_RANGE", "from 1 to 60"),
        ({"horizon_months": 61}, "OUT_OF_RANGE", "got 61"),
        ({"horizon_months": 2.5}, "OUT_OF_RANGE", "whole number"),
        ({"horizon_days": 1827}, "OUT_OF_RANGE", "1 to 1826"),
        ({"horizon_months": 3, "horizon_days": 90}, "HORIZON_TWICE", "Keep one"),
        ({"model": "prophet"}, "UNKNOWN_MODEL", "bg_nbd"),
        ({"gross_margin": 0.0}, "MARGIN_ZERO", "above 0"),
        ({"gross_margin": 40}, "OUT_OF_RANGE", "from 0 to 1"),
        ({"annual_discount_rate": float("nan")}, "OUT_OF_RANGE", "nan"),
        ({"as_of": "30.06.2024"}, "AS_OF_UNREADABLE", "2024-06-30"),
        ({"as_of": "2023-09-301"}, "AS_OF_UNREADABLE", "2023-09-301"),
        ({"as_of": "9999-12-01"}, "AS_OF_UNREADABLE", "2200"),
        ({"cohort_by": " "}, "COHORT_BLANK", "None"),
        ({"seed": -1}, "OUT_OF_RANGE", "seed"),
    ],
)
def test_a_setting_out_of_range_is_refused_with_advice(settings, code, says):
    with pytest.raises(clv.ConfigError, match=says) as refused:
        clv.ForecastConfig(**settings)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"high": 0.7, "medium": 0.4}, "SEGMENTATION_SHARES"),
        ({"active": 0.4}, "SEGMENTATION_RISKS"),
        ({"uplift": 2}, "OUT_OF_RANGE"),
    ],
)
def test_a_segmentation_that_cannot_be_drawn_is_refused(rule, code):
    with pytest.raises(clv.ConfigError) as refused:
        clv.Segmentation(**rule)
    assert refused.value.code == code


def test_the_default_horizon_is_twelve_months_unless_days_are_given():
    assert clv.ForecastConfig().horizon_months == 12
    assert clv.ForecastConfig(horizon_days=90).horizon_months is None


def test_a_day_may_be_written_in_three_ways():
    day = dt.date(2024, 6, 30)
    ways = (day, "2024-06-30", dt.datetime(2024, 6, 30, 23, 59))
    assert {clv.ForecastConfig(as_of=way) for way in ways} == {clv.ForecastConfig(as_of=day)}


def test_settings_survive_json():
    config = clv.ForecastConfig(
        horizon_days=100, as_of="2024-06-30", segmentation=clv.Segmentation(high=0.1)
    )
    assert clv.ForecastConfig.from_dict(config.to_dict()) == config


def test_an_unknown_setting_is_named():
    with pytest.raises(clv.ConfigError, match="horizont"):
        clv.ForecastConfig.from_dict({"horizont": 3})
