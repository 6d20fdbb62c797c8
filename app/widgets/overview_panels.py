"""The Overview page: the whole forecast in five figures, three charts and three actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.charts.concentration import concentration
from app.charts.history import history
from app.charts.segment_values import segment_values
from app.services.session import Identity
from app.widgets.card import chart_card
from app.widgets.drawn_once import drawn_once
from app.widgets.kpi import kpi_row
from app.widgets.look import canvas_for
from app.widgets.overview_change import SinceInView
from app.widgets.page_header import page_header, small_print
from app.widgets.report_button import report_button
from app.words.forecast import FAN, cut_offs, value_terms
from app.words.overview import headline, in_range
from app.words.overview_figures import overview_kpis
from app.words.run_in_view import RunInView
from app.words.text import Words
from clvcore.uncertainty import timeline_at, totals_at

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
