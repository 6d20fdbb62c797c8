"""Run a forecast while the reader watches: steps, progress, and what to do when it is refused."""

from __future__ import annotations

import dataclasses

import streamlit as st

from app.services import runs
from app.services.datasets import Dataset
from app.services.session import Identity
from app.text import Words, md
from app.widgets.order_sources import ADDING
from app.widgets.page_header import page_header
from app.widgets.states import Way, refused
from clvcore.config import ForecastConfig
from clvcore.errors import ClvError, HistoryError, ModelError

REFUSED, AGAIN = "forecast_refused", "forecast_again"
STEPS = ("snapshot", "backtest", "fit", "intervals", "segments")


def step_names(w: Words) -> dict[str, str]:
    """Return what each step does."""
    return {
        "snapshot": w("Build each customer’s history"),
        "backtest": w("Check the past: forecast it, then compare"),
        "fit": w("Fit the model"),
        "intervals": w("Set the ranges"),
        "segments": w("Segments, actions and totals"),
    }


def run_forecast(w: Words, identity: Identity, dataset: Dataset, config: ForecastConfig) -> None:
    """Run, show each step as it begins, and start the page again with what came out."""
    st.session_state.pop(REFUSED, None)
    with st.container(border=True, key="running"):
        bar = st.progress(0.0, text=w("Step {n} of {of}", n=1, of=len(STEPS)))
        lines = {step: st.empty() for step in STEPS}
    _draw_steps(w, lines, "snapshot")

    def on_step(step: str, share: float) -> None:
        if step in STEPS:
            n = STEPS.index(step) + 1
            bar.progress(share, text=w("Step {n} of {of}", n=n, of=len(STEPS)))
        _draw_steps(w, lines, step)

    try:
        entry = runs.start(identity.tenant, identity.username, dataset.id, config, on_step)
    except ClvError as error:
        st.session_state[REFUSED] = (dataset.id, config, error)
    else:
        st.session_state["run_id"] = st.session_state["forecast_seen"] = entry.id
    st.rerun()


def _draw_steps(w: Words, lines: dict[str, st.delta_generator.DeltaGenerator], now: str) -> None:
    reached = STEPS.index(now) if now in STEPS else len(STEPS)
    names = step_names(w)
    for i, step in enumerate(STEPS):
        if i < reached:
            icon = ":green[:material/check_circle:]"
        elif i == reached:
            icon = ":blue[:material/progress_activity:]"
        else:
            icon = ":gray[:material/radio_button_unchecked:]"
        lines[step].markdown(f"{icon}\u2002{md(names[step])}")


def running_header(w: Words, dataset: Dataset, config: ForecastConfig) -> None:
    """Say what is going on."""
    page_header(
        w("Forecast"),
        [dataset.name, w.plural("{n} month", "{n} months", config.horizon_months or 0)],
        w.plural("Forecasting {n} customer …", "Forecasting {n} customers …", dataset.customers),
        w("You can leave this page; the run goes on and waits for you in the list at the left."),
    )


def refusal_in_view(dataset: Dataset) -> tuple[ForecastConfig | None, ClvError] | None:
    """Return what was refused for these orders, if anything was."""
    held = st.session_state.get(REFUSED)
    if held is None or held[0] != dataset.id:
        return None
    return held[1], held[2]


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
    w: Words, dataset: Dataset, config: ForecastConfig | None, error: ClvError
) -> None:
    """Offer three ways on, safest first."""
    older = Way(
        key="way-orders",
        icon=":material/upload_file:",
        title=w("Add more orders"),
        text=w("Two years of orders are best; six months are the minimum."),
        button=w("Add orders"),
        on_click=_add_orders,
        page="views/data.py",
    )
    look = Way(
        key="way-data",
        icon=":material/database:",
        title=w("Look at the data"),
        text=w("The ledger shows what was used, what was left out, and why."),
        button=w("Open the data"),
        on_click=_forget,
        page="views/data.py",
    )
    ways = [older, look, _boldest(w, config, error)]
    if isinstance(error, ModelError):
        ways.reverse()
    reference = w(
        "Reference {code} · {customers} customers, {first} to {last}",
        code=error.code,
        customers=dataset.customers,
        first=dataset.first_day,
        last=dataset.last_day,
    )
    refused(w, ways, reference=reference)


def _boldest(w: Words, config: ForecastConfig | None, error: ClvError) -> Way:
    config = config or ForecastConfig()
    if isinstance(error, HistoryError):
        return Way(
            key="way-short",
            icon=":material/warning:",
            title=w("Forecast anyway"),
            text=w("Ranges will be wider than they look, and customers are marked short history."),
            button=w("Allow a short history"),
            on_click=_again,
            args=(dataclasses.replace(config, allow_short_history=True),),
        )
    return Way(
        key="way-auto",
        icon=":material/auto_mode:",
        title=w("Let the model be chosen"),
        text=w("Automatic copes with what a single model cannot, and says what it did."),
        button=w("Use Automatic"),
        on_click=_again,
        args=(dataclasses.replace(config, model="auto", cohort_by="quarter"),),
    )


def _again(config: ForecastConfig) -> None:
    st.session_state[AGAIN] = config
    st.session_state.pop(REFUSED, None)


def _add_orders() -> None:
    st.session_state[ADDING] = True
    _forget()


def _forget() -> None:
    st.session_state.pop(REFUSED, None)
