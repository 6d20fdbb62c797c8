"""The Overview page: the whole forecast in five figures, three charts and three actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.charts.concentration import concentration
from app.charts.history import history
from app.charts.segment_values import segment_values
from app.charts.segments import risk_names, risk_ranges
from app.report.button import report_button
from app.services.session import Identity
from app.widgets.card import chart_card
from app.widgets.drawn_once import drawn_once
from app.widgets.kpi import kpi_row
from app.widgets.look import canvas_for
from app.widgets.overview_change import SinceInView
from app.widgets.overview_kpis import overview_kpis
from app.widgets.overview_words import headline, in_range
from app.widgets.page_header import page_header, small_print
from app.widgets.run_in_view import RunInView
from app.words.text import Words
from clvcore.records.columns import RISKS
from clvcore.records.run import Run
from clvcore.uncertainty import timeline_at, totals_at

FAN = (0.5, 0.8)
LOADED = "overview_loaded"


@contextmanager
def loading(w: Words, run_id: str | None) -> Iterator[None]:
    """Show the page's bare shapes while a forecast is read for the first time."""
    place = st.empty()  # always there: what follows keeps its place from one rerun to the next
    if run_id is not None and st.session_state.get(LOADED) != run_id:
        with place.container():
            _shapes(w)
    try:
        yield
    finally:
        place.empty()
    st.session_state[LOADED] = run_id


def _shapes(w: Words) -> None:
    st.caption(w("Reading the forecast …"))
    st.skeleton(height=88, width=900)
    for cell in st.columns(5):
        cell.skeleton(height=210)
    for cell in st.columns([1.75, 1]):
        cell.skeleton(height=440)


def overview_header(w: Words, identity: Identity, shown: RunInView) -> None:
    """State what is expected and how sure it is; the report hangs beside it."""
    with st.container(horizontal=True, vertical_alignment="top", key="overview-head"):
        with st.container():
            _head(w, shown)
        report_button(w, identity, shown)


@drawn_once
def _head(w: Words, shown: RunInView) -> None:
    page_header(w("Overview"), shown.about(w), headline(w, shown), in_range(w, shown))


@drawn_once
def overview_figures(w: Words, view: SinceInView) -> None:
    """Draw the five figures."""
    before = view.since.before if view.since is not None else None
    kpi_row(overview_kpis(w, view.shown, before), key="overview-kpis")


@drawn_once
def overview_history(w: Words, shown: RunInView) -> None:
    """Draw months behind and ahead, and value by group."""
    run, canvas = shown.run, canvas_for(w, shown.run.currency)
    measured = run.common is not None
    left, right = st.columns([1.75, 1])
    with left:
        drawing = history(
            run.timeline,
            as_of=run.as_of,
            customers=len(run.customers),
            level=run.config.confidence_level,
            canvas=canvas,
            inner={level: timeline_at(run, level) for level in FAN} if measured else None,
        )
        chart_card(w, drawing, key="history")
    with right:
        drawing = segment_values(
            run.totals,
            rule=run.config.segmentation,
            level=run.config.confidence_level,
            canvas=canvas,
            inner=totals_at(run, FAN[0]) if measured else None,
        )
        chart_card(w, drawing, key="segment-values")


@drawn_once
def overview_concentration(w: Words, shown: RunInView) -> None:
    """Draw how much the top customers hold."""
    drawing = concentration(shown.run.customers, canvas=canvas_for(w, shown.run.currency))
    chart_card(w, drawing, key="concentration")


@drawn_once
def overview_terms(w: Words, shown: RunInView) -> None:
    """Print the cut-offs, and what value means here."""
    small_print(cut_offs(w, shown.run) + " " + value_terms(w, shown.run))


def cut_offs(w: Words, run: Run) -> str:
    """Return every cut-off in one line."""
    rule, ranges, names = run.config.segmentation, risk_ranges(run.cutoffs, w), risk_names(w)
    return w(
        "Cut-offs · Value: high = top {high}, medium = next {medium}, low = the rest. Risk, by "
        "chance of still being a customer: {risks}.",
        high=w.percent(rule.high),
        medium=w.percent(rule.medium),
        risks=", ".join(f"{names[risk].lower()} {ranges[risk]}" for risk in RISKS),
    )


def value_terms(w: Words, run: Run) -> str:
    """Say whether value is revenue or margin, and whether it is discounted."""
    config = run.config
    margin = (
        w("Revenue, not margin.")
        if config.gross_margin == 1
        else w("Margin {share} applied.", share=w.percent(config.gross_margin))
    )
    discount = (
        w("Not discounted.")
        if config.annual_discount_rate == 0
        else w("Discounted at {share} a year.", share=w.percent(config.annual_discount_rate))
    )
    return f"{margin} {discount}"
