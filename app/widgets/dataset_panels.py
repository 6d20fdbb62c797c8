"""The states of the Data page: nothing yet, a file being looked at, unreadable, saved."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import streamlit as st

from app.services import datasets, remembered
from app.services.datasets import CheckResult, Dataset, Intake
from app.services.order_changes import delete_orders, save_orders
from app.services.session import Identity, asking
from app.widgets import order_sources
from app.widgets.card import card
from app.widgets.column_mapper import Chosen, column_mapper, mapping_checks
from app.widgets.drawn_once import drawn_once
from app.widgets.open_question import asks, question_card
from app.widgets.page_header import page_header
from app.widgets.quality_report import (
    carries_card,
    data_doubts,
    data_finding,
    data_kpis,
    first_rows_card,
    ledger_card,
    months_cards,
)
from app.widgets.states import doubts
from app.words.text import Words, md
from clvcore.records.errors import ClvError, StoreError


@dataclass(frozen=True, eq=False, kw_only=True)
class OrdersInView:
    """Saved orders and what they hold; ``key`` names tenant, content and version."""

    dataset: Dataset
    result: CheckResult
    key: tuple[Hashable, ...] | None


def chosen(saved: Sequence[Dataset]) -> Dataset | None:
    """Return the dataset the session has chosen, else the newest."""
    by_id = {dataset.id: dataset for dataset in saved}
    if st.session_state.get("dataset_id") not in by_id:
        st.session_state["dataset_id"] = next(iter(by_id), None)
    return by_id.get(st.session_state["dataset_id"])


def add_page(w: Words, saved: Sequence[Dataset]) -> None:
    """Invite to add orders."""
    page_header(
        w("Data"),
        [] if saved else [w("no data yet")],
        w("Add your orders and see what your customers are worth."),
        w(
            "You need one row per order with a customer, a date and an amount. Six months of "
            "history is the minimum; two years is better."
        ),
    )
    order_sources.order_sources(w)
    if saved:
        st.button(
            w("Back to your data"),
            icon=":material/arrow_back:",
            key="stop-adding",
            type="tertiary",
            on_click=_adding,
            args=(False,),
        )


def unreadable_page(w: Words) -> None:
    """Say why a file could not be read, and offer the ways in again."""
    name, error = order_sources.refusal_in_view() or ("", None)
    page_header(
        w("Data"),
        [name],
        w("This file could not be read. Nothing has been changed."),
        w.error(error) if error else "",
    )
    order_sources.order_sources(w)


def intake_page(w: Words, identity: Identity, intake: Intake) -> None:
    """Let the reader confirm the columns and see what the file becomes."""
    intake, known = _as_remembered(identity, intake)
    top = st.container()
    left, right = st.columns([1, 1.35])
    with (
        left,
        card(
            w("Which column is which"),
            w("As you chose for the last file of this shape. Change any that is wrong.")
            if known
            else w("Guessed from names and contents. Change any that is wrong."),
        ),
    ):
        choice = column_mapper(w, intake)
        result, problem = _checked(w, identity, intake, choice)
        if result is not None and choice.mapping is not None:
            mapping_checks(w, choice.mapping, choice.options, result)
        with st.container(horizontal=True):
            st.button(
                w("Use this data"),
                type="primary",
                icon=":material/check:",
                key="use-data",
                disabled=result is None,
                on_click=_save,
                args=(intake, choice),
            )
            st.button(
                w("Start over"),
                type="tertiary",
                key="start-over",
                on_click=order_sources.forget_intake,
            )
    with top:
        _intake_header(w, intake, choice, result, problem)
        if problem is not None and asks(problem):
            question_card(w, identity, intake, choice, problem)
    with right:
        if result is None:
            _raw_card(w, intake)
        else:
            ledger_card(w, result, result.currency)
    if result is not None:
        _result(w, result, result.currency)
    doubts(w, [w.notice(note) for note in intake.notes], key="intake-notes")


def saved_page(w: Words, identity: Identity, saved: Sequence[Dataset]) -> None:
    """Show a saved dataset's ledger and figures."""
    dataset = chosen(saved)
    if dataset is None:
        add_page(w, saved)
        return
    try:
        result, version = datasets.open_figures(identity.tenant, dataset.id)
    except ClvError as error:
        page_header(w("Data"), [dataset.name], w("These orders cannot be opened."), w.error(error))
        _toolbar(w, saved)
        return
    known = (identity.tenant, dataset.id, version, dataset.name, dataset.currency)
    view = OrdersInView(dataset=dataset, result=result, key=known if version is not None else None)
    _saved_header(w, view)
    _toolbar(w, saved)
    _saved_cards(w, view)
    data_doubts(w, result)


@drawn_once
def _saved_header(w: Words, view: OrdersInView) -> None:
    dataset, result = view.dataset, view.result
    span = w("{first} to {last}", first=result.first_day, last=result.last_day)
    finding, qualification = data_finding(w, result, dataset.currency)
    page_header(
        w("Data"),
        [dataset.name, span, dataset.currency or w("currency not stated")],
        finding,
        qualification,
    )


@drawn_once
def _saved_cards(w: Words, view: OrdersInView) -> None:
    result, currency = view.result, view.dataset.currency
    carries_card(w, result)
    data_kpis(w, result)
    months_cards(w, result, currency)
    ledger_card(w, result, currency)
    first_rows_card(w, result, currency)


def _toolbar(w: Words, saved: Sequence[Dataset]) -> None:
    by_id = {dataset.id: dataset for dataset in saved}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # A widget's own key is forgotten when its page is left; the choice must not be.
        st.session_state["data_dataset"] = st.session_state["dataset_id"]
        st.selectbox(
            w("Orders"),
            list(by_id),
            format_func=lambda key: w(
                "{name} · {customers} customers",
                name=by_id[key].name,
                customers=by_id[key].customers,
            ),
            key="data_dataset",
            on_change=_choose,
            width=340,
        )
        if st.button(
            w("Forecast these"),
            type="primary",
            icon=":material/online_prediction:",
            key="go-forecast",
        ):
            st.switch_page("views/forecast.py")
        st.button(
            w("Add other orders"),
            icon=":material/upload_file:",
            key="add-orders",
            on_click=_adding,
            args=(True,),
        )
        with st.popover(w("Delete"), icon=":material/delete:", type="tertiary"):
            dataset = by_id[st.session_state["dataset_id"]]
            st.markdown(md(w("Delete “{name}”? Forecasts made from it stay.", name=dataset.name)))
            st.button(
                w("Delete these orders"),
                key="delete-data",
                on_click=_delete,
                args=(dataset.id,),
            )


def _intake_header(
    w: Words,
    intake: Intake,
    choice: Chosen,
    result: CheckResult | None,
    problem: ClvError | None,
) -> None:
    currency = choice.currency if result is None else result.currency
    about = [intake.name, currency or w("currency not stated"), w("not saved yet")]
    if result is not None:
        page_header(w("Data"), about, *data_finding(w, result, currency))
        return
    if asks(problem):
        page_header(
            w("Data"),
            about,
            w("One question, and this file can be used."),
            w("It leaves something open that only you know. Nothing is guessed."),
        )
        return
    page_header(
        w("Data"),
        about,
        w("We cannot use this file yet: tell us which column is which."),
        w.error(problem) if problem else w("Choose the columns for customer, date and amount."),
    )


def _checked(
    w: Words, identity: Identity, intake: Intake, choice: Chosen
) -> tuple[CheckResult | None, ClvError | None]:
    """Check the file under the chosen mapping; the same choice is checked once."""
    if choice.mapping is None:
        return None, choice.problem or intake.problem
    asked = (
        intake.content_hash, choice.mapping, choice.currency, choice.options, intake.layout,
    )  # fmt: skip
    known = st.session_state.get("data_check")
    if known is not None and known[0] == asked:
        return known[1], known[2]
    with st.spinner(w("Checking every row …")):
        try:
            answer = datasets.check(identity.tenant, *asked), None
        except ClvError as error:
            answer = None, error
    st.session_state["data_check"] = (asked, *answer)
    return answer


def _as_remembered(identity: Identity, intake: Intake) -> tuple[Intake, bool]:
    """Begin with what was chosen for the last file with the same columns."""
    known = remembered.recall(identity.tenant, intake.columns)
    if known is None:
        return intake, False
    if "mapper-currency" not in st.session_state:
        st.session_state["mapper-currency"] = known.currency
    return replace(intake, mapping=known.mapping, options=known.options, problem=None), True


def _result(w: Words, result: CheckResult, currency: str | None) -> None:
    carries_card(w, result)
    data_kpis(w, result)
    months_cards(w, result, currency)
    first_rows_card(w, result, currency)
    data_doubts(w, result)


def _raw_card(w: Words, intake: Intake) -> None:
    with card(w("First rows of the file"), w("As they stand there, nothing changed.")):
        st.dataframe(
            intake.preview.astype("str"),
            hide_index=True,
            row_height=38,
            placeholder="–",
            alt=w("First rows of the file"),
        )


def _save(intake: Intake, choice: Chosen) -> None:
    identity = asking("data")
    if choice.mapping is None or identity is None:
        return
    try:
        dataset = save_orders(
            identity,
            intake,
            choice.mapping,
            choice.currency,
            choice.options,
        )
    except ClvError as error:
        order_sources.forget_intake()
        st.session_state[order_sources.REFUSAL] = (intake.name, error)
        return
    remembered.keep(
        identity.tenant, intake.columns, choice.mapping, choice.currency, choice.options
    )
    remembered.keep_layout(identity.tenant, intake.found, intake.layout)
    order_sources.forget_intake()
    st.session_state["dataset_id"] = dataset.id
    st.session_state[order_sources.ADDING] = False


def _choose() -> None:
    st.session_state["dataset_id"] = st.session_state["data_dataset"]


def _delete(dataset_id: str) -> None:
    identity = asking("data")
    if identity is None:
        return
    with suppress(StoreError):  # somebody else was faster
        delete_orders(identity, dataset_id)
    st.session_state["dataset_id"] = None


def _adding(on: bool) -> None:
    st.session_state[order_sources.ADDING] = on
    order_sources.forget_intake()
