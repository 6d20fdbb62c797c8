"""The settings of a forecast in words, as its page of origin and a comparison list them."""

from __future__ import annotations

from typing import Any

from app.words.run_in_view import horizon_words
from app.words.text import Words
from clvcore.records.config import ForecastConfig


def setting_names(w: Words) -> dict[str, str]:
    """Return what each setting is called."""
    return {
        "horizon_months": w("Look ahead, months"),
        "horizon_days": w("Look ahead, days"),
        "model": w("Model"),
        "confidence_level": w("How sure"),
        "cohort_by": w("Cohorts by"),
        "as_of": w("Last day to use"),
        "annual_discount_rate": w("Discount a year"),
        "gross_margin": w("Margin"),
        "allow_short_history": w("Short history allowed"),
        "seed": w("Seed"),
        "segmentation.high": w("Share of high value"),
        "segmentation.medium": w("Share of medium value"),
        "segmentation.active": w("Active from"),
        "segmentation.cooling": w("Cooling from"),
        "segmentation.at_risk": w("At risk from"),
        "segmentation.uplift": w("Uplift"),
    }


def setting_value(w: Words, name: str, value: Any) -> str:
    """Return a setting's value in words; other kinds of value stay as they are."""
    if name == "model":
        return w.model(str(value))
    if name == "confidence_level":
        return f"{w.odds_short(value)} ({w.percent(value)})"
    if name == "cohort_by":
        return cohort_rule(w, value)
    if isinstance(value, bool):
        return w("Yes") if value else w("No")
    if value is None:
        return "–"
    if name in ("annual_discount_rate", "gross_margin") or name.startswith("segmentation."):
        return w.percent(value, 0 if float(value * 100).is_integer() else 1)
    return str(value)


def cohort_rule(w: Words, rule: str | None) -> str:
    """Say what makes a cohort; an attribute stays as the user wrote it."""
    known = {
        "quarter": w("Quarter of first purchase"),
        "month": w("Month of first purchase"),
        "year": w("Year of first purchase"),
        None: w("No cohorts"),
    }
    return known.get(rule, str(rule))


def settings_listed(w: Words, config: ForecastConfig) -> list[tuple[str, str]]:
    """Return all settings of a forecast, each with its value."""
    names = setting_names(w)
    horizon = horizon_words(w, config.horizon_months, config.horizon_days)
    last = w.date(config.as_of) if config.as_of else w("the last day in the data")
    listed = [(w("Look ahead"), horizon), (names["as_of"], last)]
    for name in (
        "model", "confidence_level", "cohort_by", "gross_margin", "annual_discount_rate",
        "allow_short_history",
    ):  # fmt: skip
        listed.append((names[name], setting_value(w, name, getattr(config, name))))
    rule = config.segmentation
    groups = w(
        "top {high} high, next {medium} medium", high=w.percent(rule.high),
        medium=w.percent(rule.medium),
    )  # fmt: skip
    risks = w(
        "active from {active}, cooling from {cooling}, at risk from {at_risk}",
        active=w.percent(rule.active), cooling=w.percent(rule.cooling),
        at_risk=w.percent(rule.at_risk),
    )  # fmt: skip
    return [
        *listed, (w("Value groups"), groups), (w("Risks"), risks),
        (names["segmentation.uplift"], w.percent(rule.uplift)), (names["seed"], str(config.seed)),
    ]  # fmt: skip
