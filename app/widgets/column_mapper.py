"""Which column is which: the guess, open to correction, with what it leads to beside it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from app.services.datasets import CheckResult, Intake
from app.text import Words
from app.widgets.look import current_palette
from clvcore.errors import ClvError
from clvcore.ingest import Mapping

CURRENCIES = (
    "EUR", "USD", "GBP", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "CAD", "AUD", "CHF", "SEK",
    "NOK", "DKK", "PLN", "CZK", "JPY", "CNY", "INR", "ZAR", "TRY", "NZD", "SGD", "HKD", "KRW",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the reader says the columns mean; ``problem`` if that contradicts itself."""

    mapping: Mapping | None
    currency: str | None
    problem: ClvError | None = None


def column_mapper(w: Words, intake: Intake) -> Chosen:
    """Draw one select per role and return the mapping that is chosen now."""
    guess = intake.mapping
    columns = list(intake.columns)

    def role(name: str, label: str, *, optional: bool = False) -> str | None:
        guessed = getattr(guess, name, None)
        return st.selectbox(
            label,
            columns,
            index=columns.index(guessed) if guessed in columns else None,
            key=f"mapper-{name}",
            placeholder=w("None") if optional else w("Choose a column"),
        )

    customer = role("customer_id", w(":material/person: Customer"))
    date = role("date", w(":material/calendar_today: Date"))
    amount = role("amount", w(":material/payments: Amount"))
    order = role("order_id", w(":material/receipt_long: Order (optional)"), optional=True)
    with st.expander(w("More about these columns"), key="mapper-more"):
        quantity = role("quantity", w("Pieces, if the amount is per piece"), optional=True)
        decimal = st.selectbox(
            w("Decimal mark"),
            [None, ".", ","],
            index=[None, ".", ","].index(guess.decimal if guess else None),
            format_func=lambda mark: _marks(w)[mark],
            key="mapper-decimal",
        )
        orders = [None, "ymd", "dmy", "mdy"]
        date_order = st.selectbox(
            w("Order in dates"),
            orders,
            index=orders.index(guess.date_order if guess else None),
            format_func=lambda order: _date_orders(w)[order],
            key="mapper-date-order",
        )
    taken = {customer, date, amount, order, quantity}
    attributes = st.multiselect(
        w("Keep for cohorts"),
        [column for column in columns if column not in taken],
        default=[c for c in (guess.attributes if guess else ()) if c not in taken],
        key="mapper-attributes",
        placeholder=w("Channel, country, …"),
    )
    currency = st.selectbox(
        w("Currency"),
        CURRENCIES,
        index=None,
        key="mapper-currency",
        accept_new_options=False,
        placeholder=w("Not stated"),
        help=w("Only printed beside amounts; nothing is converted."),
    )
    if not (customer and date and amount):
        return Chosen(mapping=None, currency=currency)
    try:
        mapping = Mapping(
            customer_id=customer,
            date=date,
            amount=amount,
            order_id=order,
            quantity=quantity,
            attributes=tuple(attributes),
            decimal=decimal,
            date_order=date_order,
        )
    except ClvError as error:
        return Chosen(mapping=None, currency=currency, problem=error)
    return Chosen(mapping=mapping, currency=currency)


def mapping_checks(w: Words, mapping: Mapping, result: CheckResult) -> None:
    """Say what each column turned out to hold: the quickest way to see a wrong guess."""
    good, colors = [], current_palette()
    good.append(
        w.plural("{n} customer with a purchase", "{n} customers with a purchase", result.customers)
    )
    days = w("{first} to {last}", first=result.first_day, last=result.last_day)
    how = _date_orders(w)[mapping.date_order] if mapping.date_order else ""
    good.append(f"{days}, {how}" if how else days)
    if mapping.decimal:
        good.append(_marks(w)[mapping.decimal])
    if mapping.quantity:
        good.append(w("amount × pieces"))
    if mapping.order_id:
        good.append(w("refunds are linked by order"))
    lines = "".join(f'<p class="clv-small">✓ {escape(line)}</p>' for line in good)
    st.html(f'<div style="color:{colors.good}">{lines}</div>')


def _marks(w: Words) -> dict[str | None, str]:
    return {
        None: w("told from the rows"),
        ".": w("point is the decimal mark"),
        ",": w("comma is the decimal mark"),
    }


def _date_orders(w: Words) -> dict[str | None, str]:
    return {
        None: w("told from the rows"),
        "ymd": w("year first"),
        "dmy": w("day first"),
        "mdy": w("month first"),
    }
