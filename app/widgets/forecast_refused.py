"""A forecast that came to nothing: refused, failed, stopped or cut off, each with a way on."""

from __future__ import annotations

import dataclasses

import streamlit as st

from app.services.datasets import Dataset
from app.widgets.forecast_job import AGAIN, forget
from app.widgets.order_sources import ADDING
from app.widgets.page_header import page_header
from app.widgets.states import Way, refused
from app.words.text import Words
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import ClvError, HistoryError, ModelError

TOO_MUCH = ("JOB_KILLED", "JOB_MEMORY", "JOB_TOO_LONG")
OUR_SIDE = (*TOO_MUCH, "JOB_BROKEN", "JOB_CANCELLED", "JOB_INTERRUPTED", "QUEUE_FULL")
LIGHT_MODEL = "probabilistic"


def refused_header(w: Words, dataset: Dataset, error: ClvError) -> None:
    """Put the reason where the finding stands."""
    page_header(
        w("Forecast"),
        [dataset.name, dataset.currency or w("currency not stated")],
        w.error(error),
        _why(w, error),
    )


def _why(w: Words, error: ClvError) -> str:
    if isinstance(error, HistoryError):
        return w(
            "Nothing has been changed. With so little history a customer who is away looks the "
            "same as a customer who has left."
        )
    return w("Nothing has been changed.")


def refused_ways(
    w: Words,
    dataset: Dataset,
    config: ForecastConfig | None,
    error: ClvError,
    *,
    has_forecast: bool,
) -> None:
    """Offer ways on: from what the orders cannot carry, or from a job that ended too early."""
    config = config or ForecastConfig()
    if error.code in OUR_SIDE:
        ways = [_again_way(w, config, dataset), *_lighter(w, config, dataset, error)]
        ways.append(_last_way(w, dataset) if has_forecast else _look_way(w, dataset))
        title, subtitle = w("Ways on"), w("The settings at the left are as you left them.")
    else:
        ways = [_older_way(w, dataset), _look_way(w, dataset), _boldest(w, dataset, config, error)]
        if isinstance(error, ModelError):
            ways.reverse()
        title, subtitle = w("Three ways on"), w("From safest to boldest.")
    reference = w(
        "Reference {code} · {customers} customers, {first} to {last}",
        code=error.code,
        customers=dataset.customers,
        first=dataset.first_day,
        last=dataset.last_day,
    )
    refused(w, ways, title=title, subtitle=subtitle, reference=reference)


def _older_way(w: Words, dataset: Dataset) -> Way:
    return Way(
        key="way-orders",
        icon=":material/upload_file:",
        title=w("Add more orders"),
        text=w("Two years of orders are best; six months are the minimum."),
        button=w("Add orders"),
        on_click=_add_orders,
        args=(dataset.id,),
        page="views/data.py",
    )


def _look_way(w: Words, dataset: Dataset) -> Way:
    return Way(
        key="way-data",
        icon=":material/database:",
        title=w("Look at the data"),
        text=w("The ledger shows what was used, what was left out, and why."),
        button=w("Open the data"),
        on_click=forget,
        args=(dataset.id,),
        page="views/data.py",
    )


def _last_way(w: Words, dataset: Dataset) -> Way:
    return Way(
        key="way-last",
        icon=":material/history:",
        title=w("Keep the last forecast"),
        text=w("It is as it was: a forecast that did not finish changes nothing."),
        button=w("Show the last one"),
        on_click=forget,
        args=(dataset.id,),
    )


def _again_way(w: Words, config: ForecastConfig, dataset: Dataset) -> Way:
    return Way(
        key="way-again",
        icon=":material/play_arrow:",
        title=w("Run it again"),
        text=w("With the same settings."),
        button=w("Run again"),
        on_click=_again,
        args=(dataset.id, config),
    )


def _lighter(w: Words, config: ForecastConfig, dataset: Dataset, error: ClvError) -> list[Way]:
    """Offer a model without trees where memory or time ran out."""
    if error.code not in TOO_MUCH or config.model == LIGHT_MODEL:
        return []
    way = Way(
        key="way-light",
        icon=":material/speed:",
        title=w("Choose a lighter model"),
        text=w("Probabilistic needs a fraction of the memory and time."),
        button=w("Use Probabilistic"),
        on_click=_again,
        args=(dataset.id, dataclasses.replace(config, model=LIGHT_MODEL)),
    )
    return [way]


def _boldest(w: Words, dataset: Dataset, config: ForecastConfig, error: ClvError) -> Way:
    if isinstance(error, HistoryError):
        return Way(
            key="way-short",
            icon=":material/warning:",
            title=w("Forecast anyway"),
            text=w("Ranges will be wider than they look, and customers are marked short history."),
            button=w("Allow a short history"),
            on_click=_again,
            args=(dataset.id, dataclasses.replace(config, allow_short_history=True)),
        )
    return Way(
        key="way-auto",
        icon=":material/auto_mode:",
        title=w("Let the model be chosen"),
        text=w("Automatic copes with what a single model cannot, and says what it did."),
        button=w("Use Automatic"),
        on_click=_again,
        args=(dataset.id, dataclasses.replace(config, model="auto", cohort_by="quarter")),
    )


def _again(dataset_id: str, config: ForecastConfig) -> None:
    forget(dataset_id)
    st.session_state[AGAIN] = config


def _add_orders(dataset_id: str) -> None:
    forget(dataset_id)
    st.session_state[ADDING] = True
