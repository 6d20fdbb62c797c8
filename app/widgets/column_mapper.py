"""Which column is which: the guess, open to correction, with what it leads to beside it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from app.services.datasets import CheckResult, Intake
from app.widgets.intake_options import NO_OPTIONS, intake_options, options_said
from app.widgets.look import current_palette
from app.widgets.table_place import table_place
from app.words.text import Words
from clvcore.ingest import IngestOptions, Mapping
from clvcore.records.errors import ClvError

CURRENCIES = (
    "EUR", "USD", "GBP", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "CAD", "AUD", "CHF", "SEK",
    "NOK", "DKK", "PLN", "CZK", "JPY", "CNY", "INR", "ZAR", "TRY", "NZD", "SGD", "HKD", "KRW",
)  # fmt: skip
OPTIONAL = ("order_id", "quantity", "status", "refunded")
PRESET_ROLES = ("amount", "order_id", "quantity")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the reader says the columns mean; ``problem`` if that contradicts itself."""

    mapping: Mapping | None
    currency: str | None
    options: IngestOptions = NO_OPTIONS
    problem: ClvError | None = None


def column_mapper(w: Words, intake: Intake) -> Chosen:
    """Draw one select per role and return the mapping that is chosen now."""
    roles = {
        name: _role(w, intake, name, label)
        for name, label in (
            ("customer_id", w(":material/person: Customer")),
            ("date", w(":material/calendar_today: Date")),
            ("amount", w(":material/payments: Amount")),
            ("order_id", w(":material/receipt_long: Order (optional)")),
        )
    }
    with st.expander(w("More about these columns"), key="mapper-more"):
        roles["quantity"] = _role(w, intake, "quantity", w("Pieces, if the amount is per piece"))
        roles["status"] = _role(w, intake, "status", w("State of an order: paid, cancelled …"))
        roles["refunded"] = _role(w, intake, "refunded", w("Money given back"))
        decimal = _reading(w("Decimal mark"), "decimal", _marks(w), intake)
        date_order = _reading(w("Order in dates"), "date_order", _date_orders(w), intake)
        table_place(w, intake)
    attributes = _attributes(w, intake, taken=set(roles.values()))
    currency = _currency(w)
    beside = _beside(intake, roles)
    try:
        options = intake_options(w, intake, beside)
        if not (roles["customer_id"] and roles["date"] and roles["amount"]):
            return Chosen(mapping=None, currency=currency)
        mapping = Mapping(
            **roles,
            attributes=tuple(attributes),
            decimal=decimal,
            date_order=date_order,
            **beside,
        )
    except ClvError as error:
        return Chosen(mapping=None, currency=currency, problem=error)
    return Chosen(mapping=mapping, currency=currency, options=options)


def _beside(intake: Intake, roles: dict[str, str | None]) -> dict[str, Any]:
    """Keep what the reader is not asked: an e-mail column, and a preset they did not contradict."""
    guessed = intake.mapping
    if guessed is None:
        return {}
    kept: dict[str, Any] = {"email": guessed.email}
    same = all(roles[name] == getattr(guessed, name) for name in PRESET_ROLES)
    kept["order_total"] = same and guessed.order_total
    if same and not (roles["status"] or roles["refunded"]):
        kept["preset"] = guessed.preset
        kept["include_tax"] = guessed.include_tax
        kept["include_shipping"] = guessed.include_shipping
    return kept


def _currency(w: Words) -> str | None:
    chosen = st.session_state.get("mapper-currency")
    more = [] if chosen in (None, *CURRENCIES) else [chosen]
    return st.selectbox(
        w("Currency"),
        [*CURRENCIES, *more],
        index=None,
        key="mapper-currency",
        placeholder=w("Not stated"),
        help=w(
            "Printed beside amounts; nothing is converted. If the file holds several, rows in "
            "the others are left out and counted."
        ),
    )


def _role(w: Words, intake: Intake, name: str, label: str) -> str | None:
    columns = list(intake.columns)
    guessed = getattr(intake.mapping, name, None)
    return st.selectbox(
        label,
        columns,
        index=columns.index(guessed) if guessed in columns else None,
        key=f"mapper-{name}",
        placeholder=w("None") if name in OPTIONAL else w("Choose a column"),
    )


def _reading(label: str, name: str, words: dict[str | None, str], intake: Intake) -> str | None:
    """Ask how a column is to be read; the guess comes first, "told from the rows" is None."""
    choices = list(words)
    return st.selectbox(
        label,
        choices,
        index=choices.index(getattr(intake.mapping, name, None)),
        format_func=words.__getitem__,
        key=f"mapper-{name}",
    )


def _attributes(w: Words, intake: Intake, taken: set[str | None]) -> list[str]:
    guessed = intake.mapping.attributes if intake.mapping else ()
    return st.multiselect(
        w("Keep for cohorts"),
        [column for column in intake.columns if column not in taken],
        default=[column for column in guessed if column not in taken],
        key="mapper-attributes",
        placeholder=w("Channel, country, …"),
    )


def mapping_checks(w: Words, mapping: Mapping, options: IngestOptions, result: CheckResult) -> None:
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
    if mapping.order_total:
        good.append(w("the amount is counted once for each order"))
    if mapping.order_id:
        good.append(w("refunds are linked by order"))
    good.extend(options_said(w, mapping, options))
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
