"""The form that asks for a forecast: how far, which model, how sure, what counts."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from app.services import datasets
from app.services.datasets import Dataset
from app.services.session import Identity
from app.widgets.card import heading
from app.words.text import Words, md
from clvcore.records.config import MODELS, ForecastConfig, Segmentation
from clvcore.records.errors import ClvError

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
PERIODS = ("quarter", "month", "year")
# shares of customers whose value counts as high and as medium
SEGMENTS = ((0.2, 0.4), (0.1, 0.3), (0.05, 0.15), (1 / 3, 1 / 3))


def model_names(w: Words) -> dict[str, str]:
    """Return the models as the select shows them, each under 25 characters."""
    return {name: w.model(name) for name in MODELS} | {"auto": w("Automatic (recommended)")}


def dataset_select(w: Words, saved: list[Dataset]) -> None:
    """Let the reader choose whose future is asked for."""
    by_id = {dataset.id: dataset for dataset in saved}
    st.session_state["forecast_dataset"] = st.session_state["dataset_id"]
    st.selectbox(
        w("Orders"),
        list(by_id),
        format_func=lambda key: by_id[key].name,
        key="forecast_dataset",
        on_change=_choose_dataset,
    )


def forecast_settings(
    w: Words, identity: Identity, dataset: Dataset, *, again: bool, busy: bool = False
) -> ForecastConfig | ClvError | None:
    """Draw the form; return the settings when it is sent, or why they cannot be."""
    with st.form("forecast-settings", enter_to_submit=False, border=False):
        heading(w("Settings"))
        months = st.slider(
            w("Look ahead, months"), 1, 60, 12, key="set-months", persist_state="session"
        )
        model, level = _model(w), _level(w)
        cohort = _cohort(w, identity, dataset)
        margin, discount = _money(w)
        high, medium = _segments(w)
        as_of, uplift, short = _rarely_changed(w, dataset)
        sent = _send(w, again=again, busy=busy)
    if not sent:
        return None
    try:
        return ForecastConfig(
            horizon_months=months,
            model=model,
            confidence_level=level,
            cohort_by=cohort,
            as_of=as_of,
            gross_margin=margin / 100,
            annual_discount_rate=discount / 100,
            segmentation=Segmentation(high=high, medium=medium, uplift=uplift / 100),
            allow_short_history=short,
        )
    except ClvError as error:
        return error


def _money(w: Words) -> tuple[int, int]:
    left, right = st.columns(2)
    margin = left.number_input(
        w("Margin, %"), 1, 100, 100, key="set-margin", persist_state="session"
    )
    discount = right.number_input(
        w("Discount a year, %"), 0, 100, 0, key="set-discount", persist_state="session"
    )
    return margin, discount


def _segments(w: Words) -> tuple[float, float]:
    def words(rule: tuple[float, float]) -> str:
        if rule == SEGMENTS[-1]:
            return w("Three equal groups")
        high, medium = (w.percent(share) for share in rule)
        return w("Top {high}, next {medium}, rest", high=high, medium=medium)

    return st.selectbox(
        w("Value groups"),
        SEGMENTS,
        format_func=words,
        key="set-segments",
        persist_state="session",
        help=md(
            w(
                "Which customers count as high, medium and low value, by what each should still "
                "spend."
            )
        ),
    )


def _rarely_changed(w: Words, dataset: Dataset) -> tuple[dt.date | None, int, bool]:
    with st.expander(w("More settings"), key="set-more"):
        as_of = _last_day(w, dataset)
        uplift = st.number_input(
            w("Won back by an action, %"), 0, 100, 10, key="set-uplift", persist_state="session",
            help=md(
                w(
                    "The share of the value at stake an action is taken to win back. It caps what "
                    "an action may cost."
                )
            ),
        )  # fmt: skip
        short = st.checkbox(
            w("Allow a short history"), key="set-short", persist_state="session",
            help=md(w("Forecast from under six months of orders all the same.")),
        )  # fmt: skip
    return as_of, uplift, short


def _send(w: Words, *, again: bool, busy: bool) -> bool:
    label = w("Forecast again") if again else w("Forecast")
    return st.form_submit_button(
        w("Running …") if busy else label,
        type="secondary" if busy else "primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=busy,
    )


def _model(w: Words) -> str:
    names = model_names(w)
    return st.selectbox(
        w("Model"),
        MODELS,
        format_func=names.__getitem__,
        key="set-model",
        persist_state="session",
        help=md(
            w(
                "Automatic takes what did best on past dates and the data can carry, and says "
                "which. Ensemble: a seasonal model, corrected by boosted trees and blended with "
                "recent spend. Probabilistic: purchases and lifetimes only. Boosted trees: XGBoost "
                "and LightGBM together. Cohorts: one fit per cohort. The others are for "
                "comparison; a model that cannot be fitted says so."
            )
        ),
    )


def _level(w: Words) -> float:
    said = ", ".join(f"{w.odds_short(level)} = {w.percent(level)}" for level in LEVELS)
    return st.select_slider(
        w("How sure"),
        LEVELS,
        value=0.95,
        format_func=w.odds_short,
        key="set-level",
        persist_state="session",
        help=md(w("How often the range should hold the truth: {list}.", list=said)),
    )


def _last_day(w: Words, dataset: Dataset) -> dt.date | None:
    return st.date_input(
        w("Last day to use"),
        value=None,
        min_value=dataset.first_day,
        max_value=dataset.last_day,
        format="YYYY-MM-DD",
        key=f"set-as-of-{dataset.id}",
        help=md(w("Empty: the last day in the data. Later orders are then left out.")),
    )


def _cohort(w: Words, identity: Identity, dataset: Dataset) -> str | None:
    words = {
        "quarter": w("Quarter of first purchase"),
        "month": w("Month of first purchase"),
        "year": w("Year of first purchase"),
        None: w("No cohorts"),
    }
    try:
        kept = datasets.load(identity.tenant, dataset.id).attributes
    except ClvError:
        kept = ()
    return st.selectbox(
        w("Cohorts by"),
        [*PERIODS, *kept, None],
        format_func=lambda rule: words.get(rule, rule),
        key=f"set-cohort-{dataset.id}",
        persist_state="session",
    )


def _choose_dataset() -> None:
    st.session_state["dataset_id"] = st.session_state["forecast_dataset"]
