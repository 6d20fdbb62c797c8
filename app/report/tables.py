"""The report's tables: groups, actions, promises kept, cohorts, and where it all comes from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from app.charts.drawing import Canvas
from app.charts.segment_values import by_segment, group_shares
from app.charts.theme import LIGHT, mixed, readable_on
from app.words.cohorts import Cohorts, cohort_name, span_words
from app.words.coverage import chance_words, whole
from app.words.forecast import WHY_THIS_MODEL
from app.words.groups import action_words, risk_names, segment_names
from app.words.run_in_view import RunInView, cohort_words
from app.words.text import Words
from clvcore.features.cohorts import PERIODS
from clvcore.records.columns import HIGH, MEDIUM
from clvcore.records.run import Run
from clvcore.value.actions import action_plan

AGES = (1, 3, 6, 12, 18, 24, 36, 48, 60)
MOST_AGES, MOST_COHORTS = 7, 14
PALE, DEEPEST = 0.6, 0.62


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table in words; ``text`` columns stand at the left, all others at the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: int = 1


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of the cohort table."""

    words: str
    ground: str
    ink: str
    expected: bool


def groups_table(w: Words, run: Run) -> Table:
    """Return the value groups with their cut-offs, totals, ranges and averages."""
    shown, names = by_segment(run.totals), segment_names(w)
    shares = group_shares(run.config.segmentation, Canvas(w, LIGHT, run.currency))
    begins = {HIGH: run.cutoffs.get("high_from"), MEDIUM: run.cutoffs.get("medium_from")}
    rows = []
    for (segment, row), share in zip(shown.iterrows(), shares, strict=True):
        begin = begins.get(segment)
        floor = f", {w('from {value}', value=w.money(begin, run.currency))}" if begin else ""
        measured = bool(np.isfinite(row["clv_lower"]))
        rows.append(
            (
                f"{names[segment]} ({share}{floor})",
                w.count(row["customers"]),
                w.money(row["clv"], run.currency),
                w.money_range(row["clv_lower"], row["clv_upper"], run.currency)
                if measured
                else "–",
                w.money(row["clv"] / max(row["customers"], 1), run.currency),
            )
        )
    head = (w("Value"), w("Customers"), w("Expected"), w.odds_short(run.config.confidence_level),
            w("Average"))  # fmt: skip
    return Table(head=head, rows=tuple(rows))


def actions_table(w: Words, run: Run) -> Table:
    """Return what to do for each group of value and risk, the most at stake first."""
    plan = action_plan(run.customers, uplift=run.config.segmentation.uplift)
    values, risks, actions = segment_names(w), risk_names(w), action_words(w)
    rows = tuple(
        (
            f"{values[row.segment]} · {risks[row.risk]}",
            actions[row.action],
            w.count(row.customers),
            w.money(row.value_at_stake, run.currency),
            w.money(row.spending_cap, run.currency),
        )
        for row in plan.itertuples(index=False)
    )
    head = (w("Who"), w("What to do"), w("Customers"), w("At stake"), w("Cap"))
    return Table(head=head, rows=rows, text=2)


def coverage_table(w: Words, run: Run) -> Table | None:
    """Return promised and held shares of customers on past dates; None where none were counted."""
    known = whole(run.trust.coverage)
    if known.empty:
        return None
    rows = tuple(
        (
            w.percent(row["level"]),
            w.percent(row["coverage"], 1),
            chance_words(w, row["wilson_lower"], row["wilson_upper"]),
            w.count(row["customers"]),
        )
        for _, row in known.iterrows()
    )
    head = (w("Promised"), w("Held"), w("Chance alone, {odds}", odds=w.odds_short(0.95)),
            w("Customers"))  # fmt: skip
    return Table(head=head, rows=rows, text=0)


def cohort_table(
    w: Words, cohorts: Cohorts, currency: str | None
) -> tuple[tuple[str, ...], list[tuple[str, str, list[Cell]]]]:
    """Return the head, and per cohort its name, its customers and its value at some ages."""
    last = int(cohorts.value.columns[-1])
    ages = [age for age in AGES if age <= last][:MOST_AGES]
    names = list(cohorts.customers.index)
    names = names[-MOST_COHORTS:] if cohorts.by in PERIODS else names[:MOST_COHORTS]
    shown = cohorts.value.loc[names, ages]
    most = float(np.nanmax(shown.to_numpy(float))) if shown.notna().any(axis=None) else 1.0
    rows = []
    for name in names:
        star = "*" if name == cohorts.cut else ""
        label = cohort_name(w, name) + star
        cells = [
            _cell(w, shown.loc[name, age], most, currency,
                  expected=age > cohorts.observed[name], cut=bool(star))
            for age in ages
        ]  # fmt: skip
        rows.append((label, w.count(cohorts.customers[name]), cells))
    return (w("Cohort"), w("Customers"), *(span_words(w, age) for age in ages)), rows


def _cell(
    w: Words, value: float, most: float, currency: str | None, *, expected: bool, cut: bool
) -> Cell:
    if not np.isfinite(value):
        return Cell(words="", ground=LIGHT.ground, ink=LIGHT.ink, expected=False)
    ground = LIGHT.grid if cut else LIGHT.sequential_at(DEEPEST * max(value, 0.0) / max(most, 1e-9))
    if expected:
        ground = mixed(ground, LIGHT.ground, PALE)
    return Cell(
        words=w.money(value, currency), ground=ground, ink=readable_on(ground), expected=expected
    )


def definitions(w: Words, run: Run) -> list[tuple[str, str]]:
    """Return each word of the report with what it means here, cut-offs included."""
    level = run.config.confidence_level
    return [
        (
            w("Expected value"),
            w(
                "What the customers known on {day} should spend by {end}, on average over all that "
                "may happen. Nobody new is counted.",
                day=run.as_of,
                end=run.horizon_end,
            ),
        ),
        (
            w("Range"),
            w(
                "Where the truth should land {odds}. A total has a range of its own; adding up "
                "customers’ ranges would promise too much.",
                odds=w.odds(level),
            ),
        ),
        (w("Still customers"), w("Sum of each customer’s chance of still being one.")),
        (
            w("Value at stake"),
            w(
                "Expected × (1 ÷ chance still a customer − 1) for cooling and at risk, all of it "
                "for active, nothing for lost."
            ),
        ),
        (
            w("Spending cap"),
            w(
                "{share} of the value at stake: the most an action is worth spending. A setting.",
                share=w.percent(run.config.segmentation.uplift),
            ),
        ),
    ]


def doubts_of(w: Words, run: Run) -> list[str]:
    """Return what to keep in mind, each once."""
    told = [w.notice(notice) for notice in run.warnings if notice.code not in WHY_THIS_MODEL]
    return list(dict.fromkeys(told))


def provenance(w: Words, shown: RunInView, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return where the numbers come from and how to make them again."""
    run, entry, quality = shown.run, shown.entry, shown.run.quality
    rows = [
        (w("Orders"), entry.dataset_name),
        (
            w("Rows used"),
            w("{used} of {rows}", used=w.count(quality.rows_used), rows=w.count(quality.rows_in)),
        ),
        (w("Fingerprint of the orders"), f"SHA-256 {run.data_hash}"),
        (w("Last day of data"), w.date(run.as_of)),
        (w("Forecast until"), w.date(run.horizon_end)),
        (w("Model"), _model(w, run)),
        (w("Settings"), settings_words(w, run)),
        (w("Forecast"), entry.id),
    ]
    made = _made(w, manifest)
    if made:
        rows.append((w("Made on"), made))
    versions = manifest.get("versions") or {}
    said = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return [*rows, (w("Versions"), said)]


def _model(w: Words, run: Run) -> str:
    reasons = [w.notice(notice) for notice in run.warnings if notice.code in WHY_THIS_MODEL]
    return " ".join([w.model(run.model) + ".", *reasons])


def settings_words(w: Words, run: Run) -> str:
    """Return every setting of the run in one line."""
    config, rule = run.config, run.config.segmentation
    return " · ".join(
        [
            w("model: {model}", model=w.model(config.model)),
            w("ranges: {odds}", odds=w.odds(config.confidence_level)),
            w("cohorts: {by}", by=_by(w, config.cohort_by)),
            w("margin: {share}", share=_exact(w, config.gross_margin)),
            w("discount a year: {share}", share=_exact(w, config.annual_discount_rate)),
            w(
                "groups: top {high}, next {medium}",
                high=w.percent(rule.high),
                medium=w.percent(rule.medium),
            ),
            w("uplift: {share}", share=w.percent(rule.uplift)),
            w("short history allowed") if config.allow_short_history else "",
            w("seed: {seed}", seed=str(config.seed)),
        ]
    ).replace(" ·  · ", " · ")


def _exact(w: Words, share: float) -> str:
    """Write a share that was typed in, with a decimal only where it has one."""
    return w.percent(share, 0 if abs(100 * share - round(100 * share)) < 1e-9 else 1)


def _by(w: Words, by: str | None) -> str:
    named = {
        "quarter": w("Quarter of first purchase"),
        "month": w("Month of first purchase"),
        "year": w("Year of first purchase"),
        None: w("No cohorts"),
    }
    return named[by].lower() if by in named else cohort_words(w, str(by))


def _made(w: Words, manifest: dict[str, Any]) -> str:
    written = manifest.get("created_at")
    if not written:
        return ""
    moment = pd.Timestamp(written)
    if moment.tzinfo is not None:
        moment = moment.tz_convert(dt.UTC)
    return f"{w.date(moment.date())} {moment:%H:%M} UTC"
