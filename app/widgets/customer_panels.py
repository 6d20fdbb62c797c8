"""The Customers page's finding, figures and list."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.services.session import Identity
from app.widgets import customer_filters, customer_table
from app.widgets.card import heading
from app.widgets.customer_filters import Filters
from app.widgets.drawn_once import drawn_once
from app.widgets.export_menu import export_menu
from app.widgets.kpi import kpi_row
from app.widgets.page_header import page_header, small_print
from app.words.figures import Interval, Kpi
from app.words.forecast import total_words
from app.words.groups import risk_ranges
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from clvcore.records.columns import AT_RISK, COOLING, HIGH
from clvcore.value.actions import value_at_stake


@dataclass(frozen=True, eq=False, kw_only=True)
class CustomersInView:
    """The customers of a run who match the filters."""

    shown: RunInView
    filters: Filters
    rows: pd.DataFrame

    @property
    def key(self) -> tuple[Hashable, ...] | None:
        """Name run and filters; None for what one person typed and nobody asks for again."""
        if self.shown.key is None or self.filters.search or self.filters.ranges:
            return None
        return (*self.shown.key, self.filters)


@drawn_once
def customers_header(w: Words, view: CustomersInView) -> None:
    """Say who is listed and what they should still spend."""
    shown, filters, selection = view.shown, view.filters, view.rows
    page_header(
        w("Customers"),
        shown.about(w),
        _finding(w, shown, filters, selection),
        _next(w, shown, filters, selection),
    )


def _finding(w: Words, shown: RunInView, filters: Filters, selection: pd.DataFrame) -> str:
    run = shown.run
    everybody, value = len(run.customers), w.money(selection["clv"].sum(), run.currency)
    if selection.empty:
        return w("Nobody matches these filters.")
    if filters.high_and_slipping:
        return w.plural(
            "{n} high-value customer is cooling or at risk and should still spend {value}.",
            "{n} high-value customers are cooling or at risk; together they should still spend "
            "{value}.",
            len(selection),
            value=value,
        )
    if filters.any:
        return w.plural(
            "{n} of {all} customers matches and should spend {value} over the next {months}.",
            "{n} of {all} customers match; together they should spend {value} over the next "
            "{months}.",
            len(selection),
            all=everybody,
            value=value,
            months=shown.months(w),
        )
    return w.plural(
        "Your {n} customer should spend {value} over the next {months}.",
        "Your {n} customers should spend {value} over the next {months}.",
        everybody,
        value=value,
        months=shown.months(w),
    )


def _next(w: Words, shown: RunInView, filters: Filters, selection: pd.DataFrame) -> str:
    if selection.empty:
        return w("Remove a filter, or clear all of them.")
    if filters.high_and_slipping:
        return _own_range(w, shown, selection)
    slipping = selection[
        (selection["segment"] == HIGH) & selection["risk"].isin([COOLING, AT_RISK])
    ]
    if slipping.empty:
        return w("None of the high-value ones here is cooling or at risk.")
    return w.plural(
        "{n} of them is of high value and cooling or at risk: start there.",
        "{n} of them are of high value and cooling or at risk: start there.",
        len(slipping),
    )


def _own_range(w: Words, shown: RunInView, selection: pd.DataFrame) -> str:
    run = shown.run
    total = run.total(selection.index)
    if run.common is None:
        return w("Range not measured yet")
    return w(
        "Expect between {low} and {high}, {odds}. The total has a range of its own: adding up the "
        "customers’ ranges would be wrong.",
        low=w.money(total["clv_lower"], run.currency),
        high=w.money(total["clv_upper"], run.currency),
        odds=w.odds(run.config.confidence_level),
    )


@drawn_once
def customers_kpis(w: Words, view: CustomersInView) -> None:
    """Draw the selection's own total, size, value at stake and average chance."""
    shown, selection = view.shown, view.rows
    run, uplift = shown.run, shown.run.config.segmentation.uplift
    total = run.total(selection.index)
    interval = Interval(value=total["clv"], low=total["clv_lower"], high=total["clv_upper"])
    stake = float(value_at_stake(selection).sum())
    share = len(selection) / len(run.customers)
    ranges = risk_ranges(run.cutoffs, w)
    kpi_row(
        [
            Kpi(
                label=w("Expected, selection"),
                value=w.money(total["clv"], run.currency),
                interval=interval,
                words=total_words(w, interval, run.config.confidence_level, run.currency),
                definition=w("Adding up customers’ own ranges would promise too much."),
            ),
            Kpi(
                label=w("Customers selected"),
                value=w.count(len(selection)),
                words=w(
                    "{share} of all customers", share=w.percent(share, 1 if share < 0.1 else 0)
                ),
                definition=w("Everyone known on {day}.", day=run.as_of),
            ),
            Kpi(
                label=w("Value at stake"),
                value=w.money(stake, run.currency),
                words=w("Spend at most {cap}", cap=w.money(uplift * stake, run.currency)),
                definition=w("Cap at {share} uplift, a setting.", share=w.percent(uplift)),
            ),
            Kpi(
                label=w("Still customers"),
                value=w.percent(selection["p_alive"].mean()),
                words=w("Average of the selection"),
                definition=w(
                    "Cooling: {cooling}. At risk: {at_risk}.",
                    cooling=ranges[COOLING],
                    at_risk=ranges[AT_RISK],
                ),
            ),
        ],
        key="customers-kpis",
    )


def customers_list(w: Words, identity: Identity, view: CustomersInView) -> None:
    """Draw the tools, the table, and what its columns mean."""
    shown, selection, run = view.shown, view.rows, view.shown.run
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(md(_count_line(w, len(selection))), width="stretch")
        order = customer_table.order_chooser(w)
        rows = customer_table.ranked(selection, order)
        columns = customer_table.column_chooser(w, run)
        export_menu(w, identity, shown.entry.id, list(rows.index))
    key = None if view.key is None else (*view.key, order)
    ticked = customer_table.customer_table(w, run, rows, columns, key)
    if ticked is not None:
        st.switch_page("views/customer.py", query_params={"id": ticked})
    small_print(
        w(
            "Expected: mean spend over the next {months}. {range}: the {share} range; its lower "
            "end is {zero} when not buying at all is quite possible. At stake: expected × (1 ÷ "
            "chance − 1) for cooling and at risk, expected for active, nothing for lost. Days "
            "bought: days with a kept purchase.",
            months=shown.months(w),
            range=w.odds_short(run.config.confidence_level),
            share=w.percent(run.config.confidence_level),
            zero=w.money(0.0, run.currency),
        )
    )


def _count_line(w: Words, rows: int) -> str:
    if rows > customer_table.MOST_SHOWN:
        return w(
            "The first {shown} of {rows} customers; an export holds them all. Tick one to see all "
            "about it.",
            shown=customer_table.MOST_SHOWN,
            rows=rows,
        )
    return w.plural(
        "{n} customer. Tick it to see all about it.",
        "{n} customers. Tick one to see all about it.",
        rows,
    )


def nobody(w: Words) -> None:
    """Offer the way back from filters that nobody matches."""
    with st.container(border=True, key="nobody"):
        heading(w("Nobody matches these filters."), w("Remove a filter, or clear all of them."))
        st.button(
            w("Clear all filters"),
            type="primary",
            key="clear-filters",
            on_click=customer_filters.clear,
        )
