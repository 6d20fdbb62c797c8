"""Where there is no forecast yet: three ways in, and a faded example of what is to come."""

from __future__ import annotations

import streamlit as st

from app.services import datasets, jobs
from app.services.order_changes import add_sample_orders
from app.services.session import Identity, asking, can
from app.widgets.card import heading
from app.widgets.example import example_card
from app.widgets.forecast_job import ask
from app.widgets.forecast_run import running_card, running_header
from app.widgets.order_sources import ADDING
from app.widgets.page_header import page_header
from app.words.text import Words, md
from clvcore.records.config import ForecastConfig


def first_run(w: Words, identity: Identity) -> None:
    """Draw the ways in, or the first forecast while it runs."""
    saved = {dataset.id: dataset for dataset in datasets.list_datasets(identity.tenant)}
    may_start = can(identity, "data") and can(identity, "forecast")
    own = jobs.list_jobs(identity.tenant, username=identity.username, under_way=True)
    job = next((job for job in own if job.dataset_id in saved), None)
    if job is not None:
        running_header(w, saved[job.dataset_id], job)
        running_card(w, identity, saved[job.dataset_id], job)
        return
    page_header(
        w("Overview"),
        [w("no forecast yet")],
        w("No forecast yet. Add your orders and see what your customers are worth."),
        w(
            "You need one row per order with a customer, a date and an amount. Six months of "
            "history is the minimum; two years is better."
        ),
    )
    if may_start:
        _ways(w, has_orders=bool(saved))
    else:
        st.info(
            md(w("Ask a colleague who may add orders, or your administrator.")),
            icon=":material/info:",
        )
    example_card(w)


def _ways(w: Words, *, has_orders: bool) -> None:
    grid = st.grid(3, min_column_width=240, border=True, key="first-ways")
    with grid.cell():
        _own_orders(w, has_orders=has_orders)
    samples = (
        (
            "sample",
            w("Try the sample shop"),
            w("A generated shop of some 4,000 customers. Every page is filled in under a minute."),
            w("Open the sample"),
            ":material/storefront:",
        ),
        (
            "cdnow",
            w("Try CDNOW"),
            w("2,357 real customers from 1997 and 1998, the set the research papers use."),
            w("Open CDNOW"),
            ":material/science:",
        ),
    )
    for which, title, text, label, icon in samples:
        with grid.cell():
            heading(title, text)
            st.button(label, icon=icon, key=f"try-{which}", on_click=_open, args=(which,))


def _own_orders(w: Words, *, has_orders: bool) -> None:
    heading(
        w("Use your own orders"),
        w(
            "CSV, TSV, Excel or Parquet, up to {size} MB. We guess the columns; you confirm.",
            size=st.get_option("server.maxUploadSize"),
        ),
    )
    with st.container(horizontal=True):
        if st.button(w("Add orders"), type="primary", icon=":material/upload_file:", key="to-data"):
            st.session_state[ADDING] = True
            st.switch_page("views/data.py")
        if has_orders and st.button(
            w("Forecast"), icon=":material/online_prediction:", key="to-forecast"
        ):
            st.switch_page("views/forecast.py")


def _open(which: str) -> None:
    """Save a sample and ask for its forecast; the right is asked for again."""
    identity = asking("data")
    if identity is None or not can(identity, "forecast"):
        return
    dataset = add_sample_orders(identity, which)
    st.session_state["dataset_id"] = dataset.id
    ask(identity, dataset, ForecastConfig())
