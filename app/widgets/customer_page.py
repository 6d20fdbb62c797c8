"""The Customer page's header, figures and cards."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from html import escape

import streamlit as st

from app.charts.customer_drivers import customer_drivers
from app.charts.customer_fan import customer_fan
from app.charts.customer_history import customer_history
from app.services import datasets
from app.services.customers import CustomerInView, open_customer
from app.services.session import Identity
from app.widgets.card import card, chart_card
from app.widgets.drawn_once import DrawnAnewError, drawn_once
from app.widgets.kpi import kpi_row
from app.widgets.look import canvas_for, current_palette
from app.widgets.page_header import page_header
from app.words import customer as customer_words
from app.words.figures import Interval, Kpi
from app.words.forecast import total_words
from app.words.groups import action_words, reason_words, risk_names, risk_ranges
from app.words.run_in_view import RunInView, cohort_words
from app.words.text import Words, md
from clvcore.records.columns import (
    ACTIVE,
    AT_RISK,
    COOLING,
    HIGH,
    LOST,
    LOW,
    MEDIUM,
    SNAPSHOT_FEATURES,
)

SEGMENT_ICONS = {HIGH: "stat_3", MEDIUM: "stat_2", LOW: "stat_1"}
RISK_ICONS = {
    ACTIVE: "check_circle", COOLING: "thermostat", AT_RISK: "warning", LOST: "do_not_disturb_on",
}  # fmt: skip
RISK_COLORS = {ACTIVE: "green", COOLING: "yellow", AT_RISK: "orange", LOST: "gray"}
MOST_ATTRIBUTES = 4


@dataclass(frozen=True, kw_only=True)
class CustomerAsked:
    """Whom somebody asked for; read from run and orders only where it is drawn."""

    tenant: str
    shown: RunInView
    id: str
    orders: Hashable

    @property
    def key(self) -> tuple[Hashable, ...] | None:
        """Name run, orders and customer; None where either is not as it was saved."""
        if self.shown.key is None or self.orders is None:
            return None
        return (*self.shown.key, self.orders, self.id)


def asked(identity: Identity, shown: RunInView, customer: str) -> CustomerAsked:
    """Return whom somebody asked for, with the version of the orders they are read from."""
    dataset = shown.entry.dataset_id
    version = datasets.current_version(identity.tenant, dataset) if dataset else None
    orders = (dataset, version) if version is not None else None
    return CustomerAsked(tenant=identity.tenant, shown=shown, id=customer, orders=orders)


@drawn_once
def customer_cards(w: Words, view: CustomerAsked) -> None:
    """Draw the page of one customer."""
    shown = view.shown
    customer = open_customer(view.tenant, shown.entry, view.id)
    customer_header(w, shown, customer)
    customer_kpis(w, shown, customer)
    customer_past(w, shown, customer)
    customer_future(w, shown, customer)
    if customer.missing is not None:
        raise DrawnAnewError  # their orders could not be read; they may be tomorrow


def customer_header(w: Words, shown: RunInView, customer: CustomerInView) -> None:
    """Say how the customer buys and what to expect, and draw the badges."""
    run = shown.run
    page_header(
        w("Customer {id}", id=customer.id),
        shown.about(w),
        customer_words.finding(w, customer, run.as_of),
        customer_words.expectation(
            w,
            customer,
            months=shown.months(w),
            level=run.config.confidence_level,
            currency=run.currency,
        ),
    )
    segments = {HIGH: w("High value"), MEDIUM: w("Medium value"), LOW: w("Low value")}
    segment, risk = customer.row["segment"], customer.row["risk"]
    with st.container(horizontal=True, gap="small", key="customer-badges"):
        st.badge(segments[segment], icon=f":material/{SEGMENT_ICONS[segment]}:", color="blue")
        st.badge(
            risk_names(w)[risk], icon=f":material/{RISK_ICONS[risk]}:", color=RISK_COLORS[risk]
        )
        for value in _attributes(customer):
            st.badge(md(value), icon=":material/label:", color="gray")
        st.badge(
            md(w("Customer since {day}", day=customer.row["first_purchase"].date())),
            icon=":material/event:",
            color="gray",
        )
        if customer.row["short_history"]:
            st.badge(w("Short history"), icon=":material/hourglass_top:", color="yellow")


def _attributes(customer: CustomerInView) -> list[str]:
    """Return what is known beside dates and money, as of the first purchase."""
    if customer.life is None:
        return []
    known = customer.life.snapshot.customers
    plain = {*customer.row.index, *SNAPSHOT_FEATURES}
    names = [name for name in known.columns if name not in plain]
    return [str(known[name].iloc[0])[:40] for name in names[:MOST_ATTRIBUTES]]


def customer_kpis(w: Words, shown: RunInView, customer: CustomerInView) -> None:
    """Draw what to expect, the chance, the past, and what is at stake."""
    run, row = shown.run, customer.row
    interval = Interval(value=row["clv"], low=row["clv_lower"], high=row["clv_upper"])
    days, idle = int(row["frequency"]) + 1, (run.as_of - row["last_purchase"].date()).days
    share, risk = run.config.segmentation.uplift, row["risk"]
    cap = w.money(customer.cap, run.currency)
    kpi_row(
        [
            Kpi(
                label=w("Expected value"),
                value=w.money(row["clv"], run.currency),
                interval=interval,
                words=total_words(w, interval, run.config.confidence_level, run.currency),
                definition=w("Over the next {months}.", months=shown.months(w)),
            ),
            Kpi(
                label=w("Still a customer"),
                value=customer_words.chance_words(w, row["p_alive"]),
                words=w.plural("Last purchase {n} day ago", "Last purchase {n} days ago", idle),
                definition=f"{risk_names(w)[risk]}: {risk_ranges(run.cutoffs, w)[risk]}.",
            ),
            Kpi(
                label=w("Spent so far"),
                value=w.money(row["revenue_to_date"], run.currency),
                words=w.plural(
                    "{n} day bought, {value} a day",
                    "{n} days bought, {value} a day",
                    days,
                    value=w.money(row["revenue_to_date"] / days, run.currency),
                ),
                definition=w("Returns taken off."),
            ),
            Kpi(
                label=w("Value at stake"),
                value=w.money(customer.at_stake, run.currency),
                words=w("Spend at most {cap}", cap=cap),
                definition=w("Cap at {share} uplift, a setting.", share=w.percent(share)),
            ),
        ],
        key="customer-kpis",
    )


def customer_past(w: Words, shown: RunInView, customer: CustomerInView) -> None:
    """Draw purchases and chances beside what drives the forecast and what to do."""
    left, right = st.columns([1.65, 1])
    with left:
        if customer.life is None:
            _without_orders(w, shown, customer)
        else:
            _history(w, shown, customer)
    with right:
        _drivers(w, shown, customer)


def customer_future(w: Words, shown: RunInView, customer: CustomerInView) -> None:
    """Draw the fan; nothing where the run or its orders cannot tell."""
    if customer.life is None or customer.path is None:
        return
    run = shown.run
    drawing = customer_fan(
        customer.life.purchases(),
        customer.path,
        as_of=run.as_of,
        margin=run.config.gross_margin,
        canvas=canvas_for(w, run.currency),
    )
    chart_card(w, drawing, key="customer-fan")


def _history(w: Words, shown: RunInView, customer: CustomerInView) -> None:
    run = shown.run
    drawing = customer_history(
        customer.life.purchases(),
        customer.life.alive(),
        as_of=run.as_of,
        risk=customer.row["risk"],
        cutoffs=run.cutoffs,
        title=customer_words.history_title(w, customer, run.as_of),
        canvas=canvas_for(w, run.currency),
    )
    chart_card(w, drawing, key="customer-history")


def _drivers(w: Words, shown: RunInView, customer: CustomerInView) -> None:
    run = shown.run
    idle = (run.as_of - customer.row["last_purchase"].date()).days
    drawing = customer_drivers(
        customer.drivers,
        customer_words.driver_labels(w, customer, idle, run.currency),
        title=customer_words.driver_title(w, customer.drivers, idle),
        subtitle=w(
            "Against your average customer, who should spend {value}.",
            value=w.money(customer.average["clv"], run.currency),
        ),
        canvas=canvas_for(w, run.currency),
    )
    chart_card(w, drawing, key="customer-drivers", note=customer_words.trees_words(w, customer))
    _action(w, shown, customer)


def _action(w: Words, shown: RunInView, customer: CustomerInView) -> None:
    """Say what to do, why, and the most to spend on it."""
    colors, row = current_palette(), customer.row
    accent = colors.attention if row["risk"] in (COOLING, AT_RISK) else colors.expected
    why = w(
        "{reason}. Spend at most {cap}.",
        reason=reason_words(w)[row["risk"]],
        cap=w.money(customer.cap, shown.run.currency),
    )
    with st.container(border=True, key="customer-action"):
        st.html(
            f'<div class="clv-rule" style="border-color:{accent}">'
            f'<h2 class="clv-title">{escape(action_words(w)[row["action"]])}</h2>'
            f'<p class="clv-subtitle" style="color:{colors.muted}">{escape(why)}</p></div>'
        )


def _without_orders(w: Words, shown: RunInView, customer: CustomerInView) -> None:
    """Say why there is no time line, and show what the forecast itself holds."""
    run, row = shown.run, customer.row
    facts = {
        w("First purchase"): w.date(row["first_purchase"].date()),
        w("Last purchase"): w.date(row["last_purchase"].date()),
        w("Days bought"): w.count(row["frequency"] + 1),
        w("Cohort"): cohort_words(w, row["cohort"]),
        w("Expected days"): w.number(row["expected_purchases"]),
        w("Buys again"): w.percent(row["p_purchase"]),
        w("Past and future"): w.money(row["predicted_total_value"], run.currency),
    }
    with card(w("The purchases cannot be shown"), w.error(customer.missing), key="no-orders"):
        st.markdown("\n".join(f"- {md(name)}: **{md(value)}**" for name, value in facts.items()))
        st.caption(md(w("All figures on this page come from the forecast itself.")))
