"""What a forecast says: the finding, three figures, three charts, and what to keep in mind."""

from __future__ import annotations

import streamlit as st

from app.charts.distribution import distribution
from app.charts.history import history
from app.charts.top import top
from app.widgets.card import chart_card
from app.widgets.drawn_once import drawn_once
from app.widgets.kpi import kpi_row
from app.widgets.look import canvas_for
from app.widgets.page_header import page_header, small_print
from app.widgets.states import doubts
from app.words.figures import Interval, Kpi
from app.words.forecast import WHY_THIS_MODEL, total_words, value_terms
from app.words.run_in_view import RunInView
from app.words.text import Words


@drawn_once
def result_header(w: Words, shown: RunInView) -> None:
    """State what is expected, from whom, over how long."""
    run = shown.run
    clv = run.customers["clv"]
    page_header(
        w("Forecast"),
        shown.about(w),
        w.plural(
            "Expect {value} from {n} customer over the next {months}.",
            "Expect {value} from your {n} customers over the next {months}.",
            len(clv),
            value=w.money(clv.sum(), run.currency),
            months=shown.months(w),
        ),
        w(
            "Half of them should spend less than {median}; the top 1% more than {top} each.",
            median=w.money(clv.median(), run.currency),
            top=w.money(clv.quantile(0.99), run.currency),
        ),
    )


@drawn_once
def result_kpis(w: Words, shown: RunInView) -> None:
    """Draw the total, the typical customer and those who still are customers."""
    run, customers = shown.run, shown.run.customers
    whole = run.totals[run.totals["scope"] == "all"].iloc[0]
    interval = Interval(value=whole["clv"], low=whole["clv_lower"], high=whole["clv_upper"])
    mean, median = customers["clv"].mean(), customers["clv"].median()
    alive = customers["p_alive"].sum()
    kpi_row(
        [
            Kpi(
                label=w("Expected value"),
                value=w.money(whole["clv"], run.currency),
                interval=interval,
                words=total_words(w, interval, run.config.confidence_level, run.currency),
                definition=w("What today’s customers should spend. Nobody new is counted.")
                if interval.known
                else w("Adding up customers’ own ranges would promise too much."),
            ),
            Kpi(
                label=w("Typical customer"),
                value=w.money(median, run.currency),
                words=w("Half are below, half above"),
                definition=w(
                    "The average is {mean}: a few spend far more.",
                    mean=w.money(mean, run.currency),
                ),
            ),
            Kpi(
                label=w("Still customers"),
                value=w.count(alive),
                words=w(
                    "{share} of {n}", share=w.percent(alive / len(customers)), n=len(customers)
                ),
                definition=w("Sum of each customer’s chance of still being one."),
            ),
        ],
        key="forecast-kpis",
    )


@drawn_once
def result_history(w: Words, shown: RunInView) -> None:
    """Draw the months behind and ahead."""
    run = shown.run
    drawing = history(
        run.timeline,
        as_of=run.as_of,
        customers=len(run.customers),
        level=run.config.confidence_level,
        canvas=canvas_for(w, run.currency),
    )
    chart_card(w, drawing, key="history")


@drawn_once
def result_charts(w: Words, shown: RunInView) -> None:
    """Draw how value spreads, and the largest customers."""
    run, canvas = shown.run, canvas_for(w, shown.run.currency)
    left, right = st.columns([1.25, 1])
    with left:
        drawing = distribution(
            run.customers, cutoffs=run.cutoffs, months=shown.months(w), canvas=canvas
        )
        chart_card(w, drawing, key="distribution")
    with right:
        drawing = top(
            run.customers,
            level=run.config.confidence_level,
            months=shown.months(w),
            canvas=canvas,
        )
        chart_card(w, drawing, key="top")


@drawn_once
def result_terms(w: Words, shown: RunInView) -> None:
    """List doubts, then say which model made the numbers, why that one, and how."""
    run = shown.run
    reasons = [notice for notice in run.warnings if notice.code in WHY_THIS_MODEL]
    others = [notice for notice in run.warnings if notice.code not in WHY_THIS_MODEL]
    doubts(w, [w.notice(notice) for notice in others], key="run-doubts")
    parts = [
        w("Model: {model}.", model=w.model(run.model)),
        *(w.notice(notice) for notice in reasons),
        value_terms(w, run),
    ]
    small_print(" ".join(parts))
