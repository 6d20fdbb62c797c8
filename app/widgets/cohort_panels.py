"""The Cohorts page: what each cohort is worth and does, month by month since it first bought."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from app.charts.cohort_curves import cohort_curves
from app.charts.cohort_heatmap import MOST_ROWS, cohort_heatmap
from app.services.cached import cached
from app.services.cohorts import cohorts_by, groupings
from app.services.session import Identity, can
from app.widgets.card import chart_card, heading
from app.widgets.drawn_once import drawn_once
from app.widgets.look import canvas_for
from app.widgets.page_header import page_header, small_print
from app.widgets.payback import costs_form, payback_card
from app.words.cohort_finding import finding
from app.words.cohorts import Cohorts, Measure, cohort_name, row_words
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from clvcore.features.cohorts import PERIODS


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the reader asks to see."""

    measure: Measure
    fill: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class CohortsInView:
    """A run's customers by something, and what the reader asks to see of them."""

    shown: RunInView
    frame: pd.DataFrame
    cohorts: Cohorts
    choice: Choice

    @property
    def key(self) -> tuple[Hashable, ...] | None:
        """Name run, grouping and choice: the frame follows from them."""
        if self.shown.key is None:
            return None
        return (*self.shown.key, self.cohorts.by, self.choice.measure, self.choice.fill)


def cohort_controls(w: Words, identity: Identity, shown: RunInView) -> CohortsInView:
    """Let the reader group customers anew, choose the measure, and state what customers cost."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="medium", key="cohort-controls"
    ):
        by = _grouping(w, identity, shown)
        frame = cohorts_by(identity.tenant, shown.entry, by)
        cohorts = _tables(_Source(key=shown.key, by=by, frame=frame))
        choice = _choice(w, cohorts)
        costs_form(w, shown, cohorts)
    return CohortsInView(shown=shown, frame=frame, cohorts=cohorts, choice=choice)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """Where tables come from: told apart by ``key`` and ``by``, from which the frame follows."""

    key: tuple[Hashable, ...] | None
    by: str | None
    frame: pd.DataFrame = field(compare=False)


def _tables(source: _Source) -> Cohorts:
    return Cohorts.of(source.frame, source.by) if source.key is None else _known_tables(source)


# small ones: cohorts by months
@cached(16)
def _known_tables(source: _Source) -> Cohorts:
    return Cohorts.of(source.frame, source.by)


def _grouping(w: Words, identity: Identity, shown: RunInView) -> str | None:
    own, every = shown.run.config.cohort_by, groupings(identity.tenant, shown.entry)
    if len(every) == 1:
        return own
    names = {"month": w("Month"), "quarter": w("Quarter"), "year": w("Year"), None: w("Everybody")}
    chosen = st.segmented_control(
        w("Group by first purchase, or by what you know of customers"),
        every,
        default=own,
        format_func=lambda by: names.get(by) or md(by),
        key=f"cohort-by-{shown.entry.id}",
        persist_state="session",
    )
    # a segmented control can be un-chosen: then the run's own grouping stands
    return own if chosen is None else chosen


@drawn_once
def cohorts_header(w: Words, view: CohortsInView) -> None:
    """Say whether newer customers are worth more or less, or which cohort is worth most."""
    shown, cohorts = view.shown, view.cohorts
    page_header(
        w("Cohorts"),
        shown.about(w),
        finding(w, shown, cohorts),
        _qualification(w, cohorts),
    )


def _qualification(w: Words, cohorts: Cohorts) -> str:
    if cohorts.cut is not None:
        return w(
            "The customers of the first cohort, {cohort}, may have been buying before the orders "
            "begin, so it is no fair comparison.",
            cohort=cohort_name(w, cohorts.cut),
        )
    return w(
        "Months count from each customer’s own first purchase, so that old and young cohorts can "
        "be compared."
    )


def _choice(w: Words, cohorts: Cohorts) -> Choice:
    names: dict[Measure, str] = {
        "value": w("Value per customer"),
        "retention": w("Still buying"),
    }
    measure = st.segmented_control(
        w("Measure"),
        list(names),
        format_func=names.__getitem__,
        default="value",
        key="cohort-measure",
    )
    # without the forecast there would be nothing left where nobody's months are complete
    fill = not cohorts.observed.any() or st.toggle(
        w("Fill in the forecast"), value=True, key="cohort-fill"
    )
    # a segmented control can be un-chosen: then the first measure stands
    return Choice(measure=measure or "value", fill=fill)


def cohort_charts(w: Words, view: CohortsInView) -> None:
    """Draw the grid, the curves, and what cohorts earn back."""
    _grid(w, view)
    left, right = st.columns([1.6, 1])
    with left:
        _curves(w, view)
    with right:
        payback_card(w, view.shown, view.frame, view.cohorts)


@drawn_once
def _grid(w: Words, view: CohortsInView) -> None:
    cohorts, choice, canvas = view.cohorts, view.choice, canvas_for(w, view.shown.run.currency)
    drawing = cohort_heatmap(cohorts, choice.measure, fill=choice.fill, canvas=canvas)
    chart_card(w, drawing, key="wide-cohort-grid", note=_rows_note(w, cohorts))


@drawn_once
def _curves(w: Words, view: CohortsInView) -> None:
    choice, canvas = view.choice, canvas_for(w, view.shown.run.currency)
    drawing = cohort_curves(view.cohorts, choice.measure, fill=choice.fill, canvas=canvas)
    chart_card(w, drawing, key="cohort-curves")


def _rows_note(w: Words, cohorts: Cohorts) -> str:
    parts = []
    if cohorts.by is not None:
        parts.append(w("Rows: {by}, and the customers in it.", by=row_words(w, cohorts.by)))
    if cohorts.cut is not None:
        parts.append(
            w(
                "* Grey: cut off at the left, its customers may have been buying before the orders "
                "begin; not compared with the others."
            )
        )
    if cohorts.by not in PERIODS:
        parts.append(w("A month counts as observed once every customer has lived through it."))
    if len(cohorts.customers) > MOST_ROWS:
        parts.append(
            w(
                "Drawn: {shown} of {all} cohorts; the table holds them all.",
                shown=MOST_ROWS,
                all=len(cohorts.customers),
            )
        )
    return " ".join(parts)


@drawn_once
def cohort_terms(w: Words, view: CohortsInView) -> None:
    """Say what the figures are."""
    cohorts = view.cohorts
    if cohorts.by is None:
        words = w(
            "Not grouped. Value: revenue divided by all customers, not "
            "discounted, before margin. A month is 30.4 days from each customer’s own first "
            "purchase. Forecast months add what the same customers should still spend; nobody new "
            "joins."
        )
    else:
        words = w(
            "Grouped by {by}. Value: revenue of the cohort divided by "
            "all its customers, not discounted, before margin. A month is 30.4 days from each "
            "customer’s own first purchase. Forecast months add what the cohort’s customers "
            "should still spend; nobody new joins.",
            by=row_words(w, cohorts.by),
        )
    small_print(words)


def no_cohorts(w: Words, identity: Identity, shown: RunInView) -> None:
    """Say that this forecast holds no cohorts, and how to get them."""
    page_header(
        w("Cohorts"),
        shown.about(w),
        w("This forecast holds no cohorts yet."),
        w("It was made by an earlier version, or its horizon is shorter than a month."),
    )
    with st.container(border=True, key="no-cohorts"):
        heading(
            w("Run the forecast again"),
            w("Choose a horizon of a month or more; everything else may stay as it is."),
        )
        if can(identity, "forecast") and st.button(
            w("Forecast"), icon=":material/online_prediction:", type="primary", key="to-forecast"
        ):
            st.switch_page("views/forecast.py")
