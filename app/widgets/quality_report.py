"""What became of the rows: the ledger, four figures, the first rows, and the rejected ones."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from app.charts.new_and_returning import new_and_returning
from app.charts.orders_by_month import orders_by_month
from app.charts.quality import quality, reason_name
from app.services.datasets import CheckResult
from app.services.exports import export_rejected
from app.widgets.card import card, chart_card
from app.widgets.kpi import kpi_row
from app.widgets.look import canvas_for
from app.widgets.states import doubts
from app.widgets.take_away import take_away
from app.words.figures import Kpi
from app.words.text import Words, md
from clvcore.ingest.ledger import WINSORISED
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE, ORDER

MONTH_DAYS = 30.4375
HOLIDAY_DAYS = 21
LEAST_MONEY = 0.005


def data_finding(w: Words, result: CheckResult, currency: str | None) -> tuple[str, str]:
    """Return the finding and its qualification: how many rows are ready, what is missing."""
    ledger = result.quality
    left_out = ledger.rows_in - ledger.rows_used
    if not left_out:
        finding = w.plural("The one row is ready.", "All {n} rows are ready.", ledger.rows_in)
        cut = ledger.amount_dropped.get(WINSORISED, 0.0)
        if cut:
            money = w.money(cut, currency)
            return finding, w("{money} was cut off the largest amounts.", money=money)
        unread = next((n for n in ledger.warnings if n.code == "OTHER_SHEETS"), None)
        return finding, w("Nothing was left out.") if unread is None else w.notice(unread)
    finding = w(
        "{used} of {all} rows are ready; the other {rest} are accounted for, to the cent.",
        used=ledger.rows_used,
        all=ledger.rows_in,
        rest=left_out,
    )
    reason, rows = max(ledger.rows_dropped.items(), key=lambda item: item[1])
    words = {"rows": rows, "reason": reason_name(reason, w)}
    money = ledger.amount_dropped.get(reason, 0.0)
    if abs(money) < LEAST_MONEY:
        return finding, w("The largest gap: {rows} rows, “{reason}”.", **words)
    return finding, w(
        "The largest gap: {rows} rows, “{reason}” ({money}).",
        money=w.money(money, currency),
        **words,
    )


def ledger_card(w: Words, result: CheckResult, currency: str | None) -> None:
    """Draw the waterfall and say that both sums close."""
    ledger = result.quality
    note = w("Both sums close: rows and money in the file = used + left out.")
    if any(amount < 0 for amount in ledger.amount_dropped.values()):
        note = w("Leaving out returns adds money back: those rows are negative.") + " " + note
    chart_card(w, quality(ledger, canvas=canvas_for(w, currency)), key="ledger", note=note)


def months_cards(w: Words, result: CheckResult, currency: str | None) -> None:
    """Draw revenue and orders by month beside new and returning customers."""
    canvas = canvas_for(w, currency)
    left, right = st.columns(2)
    with left:
        chart_card(w, orders_by_month(result.months, canvas=canvas), key="orders-by-month")
    with right:
        chart_card(w, new_and_returning(result.months, canvas=canvas), key="new-and-returning")


def carries_card(w: Words, result: CheckResult) -> None:
    """Say in one sentence what the orders can carry, and why where it is less."""
    parts = "; ".join(w.notice(finding) for finding in result.capacity.findings())
    with card(w("What these orders can carry"), key="data-carries"):
        st.markdown(md(f"{parts[0].upper()}{parts[1:]}."))


def data_kpis(w: Words, result: CheckResult) -> None:
    """Draw customers, history, kept purchase days and the longest gap."""
    days = (result.last_day - result.first_day).days + 1
    kpi_row(
        [
            Kpi(
                label=w("Customers"),
                value=w.count(result.customers),
                words=w("{share} bought twice or more", share=w.percent(result.repeat_share)),
                definition=w("Everyone with a kept purchase. Twice: on two days."),
            ),
            Kpi(
                label=w("History"),
                value=_length(w, days),
                words=w("{first} to {last}", first=result.first_day, last=result.last_day),
                definition=w("At least 6 months are needed; two years are better."),
            ),
            Kpi(
                label=w("Kept purchase days"),
                value=w.count(result.purchase_days),
                words=w("One per customer and day"),
                definition=w("Returns are taken off the day they belong to."),
            ),
            _gap(w, result.longest_gap),
        ],
        key="data-kpis",
    )


def _length(w: Words, days: int) -> str:
    months = int(days / MONTH_DAYS + 0.01)
    if months >= 3:
        return w.plural("{n} month", "{n} months", months)
    return w.plural("{n} day", "{n} days", days)


def _gap(w: Words, gap: tuple[dt.date, dt.date] | None) -> Kpi:
    if gap is None:
        return Kpi(
            label=w("Longest gap"),
            value=w.plural("{n} day", "{n} days", 0),
            words=w("Somebody bought every day"),
            definition=w("A long gap would mean that a file is missing."),
        )
    first, last = gap
    days = (last - first).days
    long = days > HOLIDAY_DAYS
    return Kpi(
        label=w("Longest gap"),
        value=w.plural("{n} day", "{n} days", days),
        words=w("{first} to {last}", first=first, last=last),
        definition=w("Is a file missing?")
        if long
        else w("Looks like a pause, not a missing file."),
    )


def first_rows_card(w: Words, result: CheckResult, currency: str | None) -> None:
    """Show the first accepted rows as they were understood."""
    names = {
        CUSTOMER: w("Customer"),
        DATE: w("Date"),
        AMOUNT: w("Amount") + (f", {w.sign(currency)}" if currency else ""),
        ORDER: w("Order"),
    }
    shown = result.preview.copy()
    shown[DATE] = [w.date(day.date()) for day in shown[DATE]]
    shown[AMOUNT] = [w.number(value, 2) for value in shown[AMOUNT]]
    with card(
        w("First rows, as we read them"),
        w("{shown} of {rows}.", shown=len(shown), rows=result.quality.rows_used),
    ):
        st.dataframe(
            shown.astype("str"),
            hide_index=True,
            column_config={
                column: st.column_config.TextColumn(
                    names.get(column, column),
                    alignment="right" if column == AMOUNT else "left",
                )
                for column in shown.columns
            },
            row_height=38,
            placeholder="–",
            alt=w("First rows, as we read them"),
        )


def data_doubts(w: Words, result: CheckResult) -> None:
    """List doubts about the data and offer the rejected rows."""
    doubts(w, [w.notice(notice) for notice in result.quality.warnings], key="data-doubts")
    rejected = result.quality.rejected
    if rejected.empty:
        return
    with card(
        w("Rows we could not read"),
        w("Correct them in your system, then add the file again."),
    ):
        st.dataframe(
            rejected.head(5)
            .assign(reason=[reason_name(reason, w) for reason in rejected["reason"].head(5)])
            .astype("str"),
            hide_index=True,
            row_height=38,
            placeholder="–",
            alt=w("Rows we could not read"),
        )
        take_away(
            w, w.plural("Download {n} row", "Download {n} rows", len(rejected)),
            lambda asker: export_rejected(asker, rejected),
            capability="data", key="rejected", about=(len(rejected), result.quality.rows_in),
        )  # fmt: skip
