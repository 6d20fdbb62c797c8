"""What to do where the past proves nothing about this horizon: what is missing, and ways on."""

from __future__ import annotations

import datetime as dt
from itertools import count

import streamlit as st

from app.services.session import Identity, can
from app.widgets.order_sources import ADDING
from app.widgets.states import Way, refused
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from app.words.trust import could_be_checked, limit_of_past
from clvcore.members.past import MIN_CUSTOMERS, label_window
from clvcore.records.horizon import add_months
from clvcore.records.run import Run

LONGEST_MONTHS = 60


def ways_to_measure(w: Words, identity: Identity, shown: RunInView) -> None:
    """Offer what would get the forecast measured, and what it is good for until then."""
    run, ways = shown.run, []
    if limit_of_past(run) is None:
        ways += [_again(w, run)] if can(identity, "forecast") else []
    else:
        ways += [_older(w, shown)] if can(identity, "data") else []
        if can(identity, "forecast") and is_too_short(run) and longest_months(run):
            ways.append(_shorter(w, run))
    if not ways:
        st.info(
            md(w("Ask a colleague who may add orders, or your administrator.")),
            icon=":material/info:",
        )
    refused(w, [*ways, _rank(w)], title=w("What you can do"))


def history_days(run: Run) -> int:
    """Return the days of orders behind the last one."""
    return (run.as_of - run.customers["first_purchase"].min().date()).days


def days_needed(run: Run) -> int:
    """Return the days of orders from which the past can be checked over the whole horizon."""
    horizon = (run.horizon_end - run.as_of).days
    return next(days for days in count(horizon) if label_window(days, horizon) == horizon)


def is_too_short(run: Run) -> bool:
    """Tell whether time is what is missing, and not customers."""
    return history_days(run) < days_needed(run)


def longest_months(run: Run) -> int:
    """Return the longest horizon in months that these orders can be checked over; 0 if none."""
    history, last = history_days(run), run.as_of
    fits = [
        months
        for months in range(1, LONGEST_MONTHS + 1)
        if label_window(history, _days(last, months)) == _days(last, months)
    ]
    return max(fits, default=0)


def _days(day: dt.date, months: int) -> int:
    return (add_months(day, months) - day).days


def _older(w: Words, shown: RunInView) -> Way:
    run = shown.run
    text = (
        w(
            "To check {horizon}, orders must reach back {needed} days; yours reach back {days}.",
            horizon=shown.months(w),
            needed=days_needed(run),
            days=history_days(run),
        )
        if is_too_short(run)
        else w("A past date can be checked with at least {n} customers on it.", n=MIN_CUSTOMERS)
    )
    return Way(
        key="way-orders",
        icon=":material/upload_file:",
        title=w("Add older orders"),
        text=text,
        button=w("Add orders"),
        on_click=_add_orders,
        page="views/data.py",
    )


def _shorter(w: Words, run: Run) -> Way:
    return Way(
        key="way-shorter",
        icon=":material/online_prediction:",
        title=w("Ask for a shorter horizon"),
        text=w.plural(
            "With these orders up to {n} month can be checked.",
            "With these orders up to {n} months can be checked.",
            longest_months(run),
        ),
        button=w("Forecast"),
        page="views/forecast.py",
    )


def _again(w: Words, run: Run) -> Way:
    return Way(
        key="way-again",
        icon=":material/online_prediction:",
        title=w("Run the forecast again"),
        text=w("The same settings will do; the past is checked on the way.")
        if could_be_checked(run)
        else w("Choose Automatic: it leaves aside what cannot be checked."),
        button=w("Forecast"),
        page="views/forecast.py",
    )


def _rank(w: Words) -> Way:
    return Way(
        key="way-rank",
        icon=":material/stacks:",
        title=w("Use it for ranking, not for budgets"),
        text=w("Who is worth more than whom is safer to say than how much."),
        button=w("Segments"),
        page="views/segments.py",
    )


def _add_orders() -> None:
    st.session_state[ADDING] = True
