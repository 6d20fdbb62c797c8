"""The Segments page: three groups, the matrix of value and risk, and what to do."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.charts.segments import segments
from app.widgets.card import card, chart_card
from app.widgets.drawn_once import drawn_once
from app.widgets.kpi import kpi_row
from app.widgets.look import canvas_for, current_palette
from app.widgets.page_header import page_header, small_print
from app.words.figures import HEADROOM, Interval, Kpi
from app.words.forecast import total_words
from app.words.groups import action_words, reason_words, risk_names, risk_ranges, segment_names
from app.words.run_in_view import RunInView
from app.words.text import Words
from clvcore.records.columns import ACTIVE, AT_RISK, COOLING, HIGH, LOW, MEDIUM, RISKS, SEGMENTS
from clvcore.uncertainty import totals_by
from clvcore.value.actions import action_plan, value_at_stake

ICONS = {HIGH: ":material/stat_3:", MEDIUM: ":material/stat_2:", LOW: ":material/stat_1:"}
ROW_HEIGHT, HEAD_HEIGHT = 38, 35
# Pixels. The longest words of three languages fit, and at 1280 the reason has 150 left.
WHO, WHAT, COUNT, STAKE, CAP = 112, 322, 76, 114, 80


@drawn_once
def segments_header(w: Words, shown: RunInView) -> None:
    """Say how many are slipping and what winning them back is worth."""
    run, customers = shown.run, shown.run.customers
    slipping = customers[customers["risk"].isin([COOLING, AT_RISK])]
    active = customers[customers["risk"] == ACTIVE]
    total = customers["clv"].sum()
    if slipping.empty:
        finding = w("None of your {n} customers is cooling or at risk.", n=len(customers))
    else:
        finding = w.plural(
            "{n} customer is cooling or at risk; winning that one back is worth up to {value}.",
            "{n} customers are cooling or at risk; winning them back is worth up to {value}.",
            len(slipping),
            value=w.money(value_at_stake(slipping).sum(), run.currency),
        )
    qualification = w(
        "{share} of customers are still active and hold {value} of expected value. Protect them "
        "first, then work down the list.",
        share=w.percent(len(active) / len(customers)),
        value=w.percent(active["clv"].sum() / total if total > 0 else 0.0),
    )
    page_header(w("Segments"), shown.about(w), finding, qualification)


@drawn_once
def segment_cards(w: Words, shown: RunInView) -> None:
    """Draw the three value groups on one scale, each with its definition and cut-offs."""
    totals = shown.run.totals
    rows = totals[totals["scope"] == "segment"].set_index("key")
    top = rows["clv_upper"].max()
    kpis = [_segment_kpi(w, shown, rows, segment, top) for segment in SEGMENTS]
    kpi_row(kpis, key="segment-kpis", least_width=230)


def _segment_kpi(w: Words, shown: RunInView, rows: pd.DataFrame, segment: str, top: float) -> Kpi:
    run = shown.run
    labels = {HIGH: w("High value"), MEDIUM: w("Medium value"), LOW: w("Low value")}
    if segment not in rows.index:
        return Kpi(
            label=labels[segment],
            icon=ICONS[segment],
            value=w.money(0.0, run.currency),
            words=w("Nobody"),
            definition=_definition(w, shown, segment),
        )
    row = rows.loc[segment]
    interval = Interval(
        value=row["clv"], low=row["clv_lower"], high=row["clv_upper"], scale=top * HEADROOM
    )
    people = w.plural("{n} customer", "{n} customers", int(row["customers"]))
    average = w(
        "Average {value}.", value=w.money(row["clv"] / max(row["customers"], 1), run.currency)
    )
    known = total_words(w, interval, run.config.confidence_level, run.currency)
    return Kpi(
        label=labels[segment],
        icon=ICONS[segment],
        value=w.money(row["clv"], run.currency),
        interval=interval,
        words=f"{people} · {known}",
        definition=f"{_definition(w, shown, segment)} {average}",
    )


def _definition(w: Words, shown: RunInView, segment: str) -> str:
    run, rule = shown.run, shown.run.config.segmentation
    high, medium = run.cutoffs.get("high_from"), run.cutoffs.get("medium_from")
    share = {
        HIGH: rule.high,
        MEDIUM: rule.medium,
        LOW: 1 - rule.high - rule.medium,
    }[segment]
    words = {
        HIGH: w("Top {share} by expected value", share=w.percent(share)),
        MEDIUM: w("Next {share}", share=w.percent(share)),
        LOW: w("Last {share}", share=w.percent(share)),
    }[segment]
    if segment == HIGH and high is not None:
        return w("{group}: from {value}.", group=words, value=w.money(high, run.currency))
    if segment == MEDIUM and medium is not None:
        if high is None:
            return w("{group}: from {value}.", group=words, value=w.money(medium, run.currency))
        return w(
            "{group}: {low} to {high}.",
            group=words,
            low=w.money(medium, run.currency),
            high=w.money(high, run.currency),
        )
    below = medium if medium is not None else high
    if segment == LOW and below is not None:
        return w("{group}: under {value}.", group=words, value=w.money(below, run.currency))
    return words + "."


@drawn_once
def matrix_card(w: Words, shown: RunInView) -> None:
    """Draw value against risk."""
    run = shown.run
    drawing = segments(
        totals_by(run, run.customers["action"]),
        cutoffs=run.cutoffs,
        level=run.config.confidence_level,
        canvas=canvas_for(w, run.currency),
    )
    note = w(
        "Columns: chance of still being a customer on {day}. Cut-offs are settings of the run.",
        day=run.as_of,
    )
    chart_card(w, drawing, key="matrix", note=note)


@drawn_once
def action_card(w: Words, shown: RunInView) -> None:
    """List every group: who, what to do, why now, how many, what is at stake, the cap."""
    run = shown.run
    uplift = run.config.segmentation.uplift
    plan = action_plan(run.customers, uplift=uplift)
    sign = w.sign(run.currency)
    unit = f", {sign}" if sign else ""
    decimals = 0 if plan["value_at_stake"].max() >= 100 else 2
    values, risks = segment_names(w), risk_names(w)
    who = [f"{values[s]} · {risks[r]}" for s, r in zip(plan["segment"], plan["risk"], strict=True)]
    frame = pd.DataFrame(
        {
            "who": who,
            "action": plan["action"].map(action_words(w)),
            "customers": plan["customers"],
            "at_stake": plan["value_at_stake"].round(decimals),
            "cap": plan["spending_cap"].round(decimals),
            "why": plan["risk"].map(reason_words(w)),
        }
    )
    with card(
        w("What to do, for whom, and the most it is worth spending"),
        w(
            "Ordered by value at stake. Spending cap = uplift ({share}, a setting) × value at "
            "stake.",
            share=w.percent(uplift),
        ),
        key="actions",
    ):
        st.dataframe(
            frame,
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * len(frame) + HEAD_HEIGHT,
            placeholder="–",
            column_config=_action_columns(w, unit, float(plan["value_at_stake"].max())),
            alt=w("What to do for each group of customers"),
        )


def _action_columns(w: Words, unit: str, largest: float) -> dict[str, object]:
    """Return the columns; the last one takes what the others leave."""
    column = st.column_config
    return {
        "who": column.TextColumn(w("Who"), width=WHO),
        "action": column.TextColumn(w("What to do"), width=WHAT),
        "customers": column.NumberColumn(w("Customers"), width=COUNT, format="localized"),
        "at_stake": column.ProgressColumn(
            w("At stake") + unit,
            width=STAKE,
            min_value=0.0,
            max_value=max(largest, 1e-9),
            format="localized",
            color=current_palette().attention,
        ),
        "cap": column.NumberColumn(w("Cap") + unit, width=CAP, format="localized"),
        "why": column.TextColumn(w("Why now")),
    }


@drawn_once
def segment_terms(w: Words, shown: RunInView) -> None:
    """Print every cut-off."""
    run, rule = shown.run, shown.run.config.segmentation
    ranges, names = risk_ranges(run.cutoffs, w), risk_names(w)
    risks = ", ".join(f"{names[risk].lower()} {ranges[risk]}" for risk in RISKS)
    small_print(
        w(
            "Cut-offs · Value: high = top {high}, medium = next {medium}, low = the rest; equal "
            "values stay together. Risk, by chance of still being a customer: {risks}. At stake: "
            "expected × (1 ÷ chance − 1) for cooling and at risk, expected for active, nothing "
            "for lost.",
            high=w.percent(rule.high),
            medium=w.percent(rule.medium),
            risks=risks,
        )
    )
