"""The states of the Forecast page: ready, under way, come to nothing, done."""

from __future__ import annotations

import streamlit as st

from app.services.datasets import Dataset
from app.services.session import Identity
from app.widgets import (
    forecast_job,
    forecast_refused,
    forecast_result,
    forecast_run,
    model_panels,
)
from app.widgets.card import heading
from app.widgets.forecast_settings import dataset_select, forecast_settings
from app.widgets.page_header import page_header
from app.words.run_in_view import RunInView
from app.words.text import Words


def follow_chosen_run(shown: RunInView | None, saved: list[Dataset]) -> None:
    """Turn to the orders of the forecast shown: at first, and when another one was chosen."""
    run_id = shown.entry.id if shown else None
    before = st.session_state.get("forecast_seen")
    st.session_state["forecast_seen"] = run_id
    first = st.session_state.get("dataset_id") is None
    if shown is None or not (first or before not in (None, run_id)):
        return
    if shown.entry.dataset_id in {dataset.id for dataset in saved}:
        st.session_state["dataset_id"] = shown.entry.dataset_id


def forecast_page(
    w: Words,
    identity: Identity,
    saved: list[Dataset],
    dataset: Dataset,
    shown: RunInView | None,
) -> None:
    """Draw the settings at the left and what they lead to at the right."""
    job = forecast_job.job_in_view(identity, dataset)
    busy = job is not None and job.under_way
    again = shown is not None and shown.entry.dataset_id == dataset.id
    top = st.container()
    left, right = st.columns([1, 2.3])
    with left, st.container(border=True, key="settings"):
        dataset_select(w, saved)
        asked = forecast_settings(w, identity, dataset, again=again, busy=busy)
        forecast_run.took_last_time(w, identity, dataset)
    asked = st.session_state.pop(forecast_job.AGAIN, None) or asked
    if asked is not None and not busy:
        forecast_job.ask(identity, dataset, asked)
        st.rerun()
    if job is not None and busy:
        with top:
            forecast_run.running_header(w, dataset, job)
        with right:
            forecast_run.running_card(w, identity, dataset, job)
        return
    held = forecast_job.refusal_in_view(dataset, job)
    if held is not None:
        with top:
            forecast_refused.refused_header(w, dataset, held[1])
        with right:
            forecast_refused.refused_ways(w, dataset, *held, has_forecast=again)
    elif shown is not None and again:
        _done(w, shown, top, right)
    else:
        _ready(w, dataset, top, right)


def _done(w: Words, shown: RunInView, top: object, right: object) -> None:
    with top:
        forecast_result.result_header(w, shown)
    with right:
        forecast_result.result_kpis(w, shown)
        forecast_result.result_history(w, shown)
    forecast_result.result_charts(w, shown)
    model_panels.result_models(w, shown)
    forecast_result.result_terms(w, shown)


def _ready(w: Words, dataset: Dataset, top: object, right: object) -> None:
    with top:
        page_header(
            w("Forecast"),
            [dataset.name, w("not forecast yet"), dataset.currency or w("currency not stated")],
            w.plural(
                "{n} customer is ready for a forecast.",
                "{n} customers are ready for a forecast.",
                dataset.customers,
            ),
            w("Choose how far to look and how sure to be, then press Forecast."),
        )
    with right, st.container(border=True, key="ready"):
        heading(
            w("What this page will show"),
            w(
                "A few seconds later, from {first} to {last} of your orders:",
                first=dataset.first_day,
                last=dataset.last_day,
            ),
        )
        for icon, text in (
            ("show_chart", w("Revenue per month, what happened and what should follow")),
            ("bar_chart", w("How expected value spreads over your customers")),
            ("person", w("The largest customers, each with its range")),
            ("stacks", w("Segments, risks and what to do about each, on the next pages")),
        ):
            st.markdown(f":gray[:material/{icon}:]\u2002{text}")
