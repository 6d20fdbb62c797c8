"""Find one customer: the way back, the box, and what is shown where there is not exactly one."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.charts.drawing import shorten
from app.services.customers import MOST_FOUND, find_customers
from app.widgets.card import heading
from app.widgets.page_header import page_header
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from clvcore.records.run import Run
from clvcore.value.actions import value_at_stake

LONGEST = 200
_BOX = "customer-search"


def search_row(w: Words) -> None:
    """Draw the way back to the list, and the box."""
    with st.container(horizontal=True, vertical_alignment="center", key="customer-tools"):
        with st.container(width="stretch"):
            st.page_link("views/customers.py", label=w("Customers"), icon=":material/arrow_back:")
        st.text_input(
            w("Find a customer"),
            key=_BOX,
            icon=":material/search:",
            placeholder=w("Number or part of it"),
            label_visibility="collapsed",
            max_chars=LONGEST,
            on_change=_search,
            width=260,
        )


def chosen(w: Words, shown: RunInView) -> str:
    """Return the customer the address names, or draw the choice and end the page here."""
    asked = (st.query_params.get("id") or "")[:LONGEST]
    found = [asked] if asked in shown.run.customers.index else find_customers(shown.run, asked)
    if len(found) != 1:
        _several_or_none(w, shown, asked, found)
        st.stop()
    # written even where it is the same: a link to this page leaves the browser's address behind
    st.query_params["id"] = found[0]
    return found[0]


def _search() -> None:
    wanted = (st.session_state.get(_BOX) or "").strip()
    if wanted:
        st.query_params["id"] = wanted
    st.session_state[_BOX] = ""


def _several_or_none(w: Words, shown: RunInView, asked: str, found: Sequence[str]) -> None:
    name = shorten(asked.strip(), 60)
    if found:
        title = w("Several customers match “{text}”.", text=name)
        below = w("Choose one, or write more of the number.")
    elif name:
        title = w("There is no customer “{text}” in this forecast.", text=name)
        below = w("Check the number, or choose the other forecast they are part of.")
    else:
        title = w("Which customer would you like to see?")
        below = w("Write a number into the box, or start with those who have most at stake.")
    page_header(w("Customer"), shown.about(w), title, below)
    links = list(found)[:MOST_FOUND] or _most_at_stake(shown.run)
    with st.container(border=True, key="customer-choice"):
        heading(w("Customers found") if found else w("Most at stake"))
        for customer in links:
            row = shown.run.customers.loc[customer]
            st.page_link(
                "views/customer.py",
                label=_line(w, shown.run, customer, row),
                icon=":material/person:",
                query_params={"id": customer},
            )
        if len(found) > MOST_FOUND:
            st.caption(md(w("And more: write more of the number.")))


def _most_at_stake(run: Run) -> list[str]:
    stake = value_at_stake(run.customers)
    return [str(name) for name in stake.nlargest(MOST_FOUND).index]


def _line(w: Words, run: Run, customer: str, row: pd.Series) -> str:
    return md(
        w(
            "{id} · {value} expected · {share} still a customer",
            id=shorten(customer, 40),
            value=w.money(row["clv"], run.currency),
            share=w.percent(row["p_alive"]),
        )
    )
