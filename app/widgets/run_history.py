"""The list of forecasts kept, the one that is looked at, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pandas as pd
import streamlit as st

from app.services import datasets, history
from app.services.datasets import Dataset
from app.services.runs import RunEntry
from app.services.session import Identity, asking, can
from app.widgets.card import card
from app.widgets.moments import moment_words
from app.words.run_in_view import horizon_words
from app.words.text import Words, md
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import StoreError

# the settings, as (dataset id, ForecastConfig), that the Forecast page is to begin with
PREFILL = "forecast_prefill"
CHOSEN, IN_VIEW = "runs_chosen", "run_id"
MOST_SHOWN, ROWS_TALL = 1_000, 8
ROW_HEIGHT, HEAD_HEIGHT = 38, 35


def chosen_run(kept: Sequence[RunEntry]) -> RunEntry:
    """Return the forecast looked at; at first the one all pages show."""
    by_id = {entry.id: entry for entry in kept}
    for wish in (st.session_state.get(CHOSEN), st.session_state.get(IN_VIEW)):
        if wish in by_id:
            return by_id[wish]
    return kept[0]


def history_card(w: Words, kept: Sequence[RunEntry]) -> None:
    """List all forecasts; a click on a row looks at it."""
    shown = list(kept[:MOST_SHOWN])
    subtitle = w.plural(
        "{n} forecast, nothing else.", "{n} forecasts, the newest first.", len(kept)
    )
    with card(w("Forecasts kept"), f"{subtitle} {w('Tick one to look at it.')}"):
        st.dataframe(
            history_frame(w, shown),
            hide_index=True,
            column_config=_columns(w),
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * min(len(shown), ROWS_TALL) + HEAD_HEIGHT,
            placeholder="–",
            key="runs-table",
            selection_mode="single-row",
            on_select=lambda: choose_row([entry.id for entry in shown]),
            alt=w("Forecasts kept"),
        )


def history_frame(w: Words, kept: Sequence[RunEntry]) -> pd.DataFrame:
    """Return the rows of the list in words."""
    in_view = st.session_state.get(IN_VIEW)
    return pd.DataFrame(
        {
            "shown": ["●" if entry.id == in_view else "" for entry in kept],
            "as_of": [w.date(entry.as_of) for entry in kept],
            "horizon": [
                horizon_words(w, entry.horizon_months, entry.horizon_days) for entry in kept
            ],
            "clv": [w.money(entry.clv, entry.currency) for entry in kept],
            "customers": [w.count(entry.customers) for entry in kept],
            "orders": [entry.dataset_name for entry in kept],
            "model": [w.model(str(entry.config.get("model", ""))) for entry in kept],
            "made": [moment_words(w, entry.created_at) for entry in kept],
            "by": [entry.created_by for entry in kept],
        }
    )


def _columns(w: Words) -> dict[str, object]:
    def text(name: str, width: int, alignment: str = "left") -> object:
        return st.column_config.TextColumn(name, width=width, alignment=alignment)

    return {
        "shown": text(w("In view"), 66, "center"),
        "made": text(w("Made"), 140),
        "by": text(w("By"), 96),
        "orders": text(w("Orders"), 180),
        "as_of": text(w("As of"), 98),
        "horizon": text(w("Ahead"), 88),
        "model": text(w("Model"), 120),
        "customers": text(w("Customers"), 88, "right"),
        "clv": text(w("Expected"), 92, "right"),
    }


def choose_row(ids: Sequence[str]) -> None:
    """Look at the forecast whose row was ticked."""
    rows = st.session_state["runs-table"]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        st.session_state[CHOSEN] = ids[rows[0]]


def toolbar(w: Words, identity: Identity, labels: dict[str, str], chosen: RunEntry) -> None:
    """Choose the forecast looked at; show it on all pages, run it again, or delete it."""
    st.session_state["runs_choice"] = chosen.id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            w("Forecast looked at"), list(labels), format_func=labels.__getitem__,
            key="runs_choice", on_change=_choose, width=360,
        )  # fmt: skip
        in_view = chosen.id == st.session_state.get(IN_VIEW)
        st.button(
            w("Shown on all pages") if in_view else w("Show on all pages"),
            # a primary button that is disabled cannot be read on the dark theme
            type="secondary" if in_view else "primary",
            icon=":material/visibility:",
            key="reopen",
            disabled=in_view,
            on_click=_show,
            args=(chosen.id,),
        )
        if can(identity, "forecast"):
            _again_button(w, identity, chosen)
        with st.popover(w("Delete"), icon=":material/delete:", type="tertiary"):
            st.markdown(
                md(
                    w(
                        "Delete “{name}”? It is gone for everybody, with all its tables. The "
                        "orders stay.",
                        name=labels[chosen.id],
                    )
                )
            )
            st.button(
                w("Delete this forecast"), key="delete-run", on_click=_delete, args=(chosen.id,)
            )


def _again_button(w: Words, identity: Identity, chosen: RunEntry) -> None:
    orders = orders_for(chosen, datasets.list_datasets(identity.tenant))
    why = (
        w("Its orders were deleted. Add them again to run this forecast again.")
        if orders is None
        else w("Opens the Forecast page with these settings and the newest orders of this name.")
    )
    clicked = st.button(
        w("Run again with changes"),
        icon=":material/tune:",
        key="rerun",
        disabled=orders is None,
        on_click=_prefill,
        args=(chosen, orders),
        help=md(why),
    )
    if clicked:
        st.switch_page("views/forecast.py")


def orders_for(entry: RunEntry, saved: Sequence[Dataset]) -> Dataset | None:
    """Return the newest orders of the forecast's name, else the very orders it was made from."""
    named = [dataset for dataset in saved if dataset.name == entry.dataset_name]
    own = [dataset for dataset in saved if dataset.id == entry.dataset_id]
    return next(iter([*named, *own]), None)


def _choose() -> None:
    st.session_state[CHOSEN] = st.session_state["runs_choice"]


def _show(run_id: str) -> None:
    st.session_state[IN_VIEW] = run_id


def _prefill(entry: RunEntry, orders: Dataset | None) -> None:
    if orders is None:
        return
    st.session_state["dataset_id"] = orders.id
    st.session_state[PREFILL] = (orders.id, ForecastConfig.from_dict(entry.config))


def _delete(run_id: str) -> None:
    identity = asking("runs")
    if identity is None:
        return
    with suppress(StoreError):  # somebody else was faster
        history.delete_run(identity, run_id)
    st.session_state.pop(CHOSEN, None)
