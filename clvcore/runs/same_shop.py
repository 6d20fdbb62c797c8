"""Whether newer orders are those of the shop a forecast was fitted on, and hold all it knew."""

from __future__ import annotations

import datetime as dt

from clvcore.records.errors import DataError, Notice
from clvcore.records.run import Run
from clvcore.records.snapshot import Snapshot
from clvcore.records.transactions import Transactions
from clvcore.runs.drift import rows_of
from clvcore.runs.scorable import refuse_unless_scorable, state_of
from clvcore.uncertainty import history_days

FEW, MOST = 0.5, 0.95
A_DAY = 1


def refuse_other_orders(run: Run, transactions: Transactions, day: dt.date) -> None:
    """Refuse what can be told without looking at a customer.

    Raises
    ------
    StoreError
        If the run cannot score.
    DataError
        If the currency is another one, or the orders end before the run does, or begin after it.
    """
    refuse_unless_scorable(run)
    if None not in (run.currency, transactions.currency) and run.currency != transactions.currency:
        raise DataError(
            "CURRENCIES_DIFFER",
            "The forecast is in {before}, the orders are in {after}: amounts learned in one "
            "currency say nothing in another. Choose orders in {before}, or forecast again.",
            before=run.currency, after=transactions.currency,
        )  # fmt: skip
    if day < run.as_of:
        raise DataError(
            "ENDS_BEFORE_FORECAST",
            "The orders end on {day}, but the forecast already knew those up to {as_of}. Choose a "
            "file that ends on that day or later.",
            day=day, as_of=run.as_of,
        )  # fmt: skip
    if transactions.first_day > run.as_of:
        raise _cut(run, transactions.first_day)


def orders_notices(run: Run, snapshot: Snapshot, transactions: Transactions) -> list[Notice]:
    """Refuse another shop's orders, or a part of the shop's; doubt what lacks a little.

    Raises
    ------
    DataError
        If under half of the run's customers are there, or over half of those lack their first
        orders, or a model on a clock meets orders from before its clock began.
    """
    began = run.as_of - dt.timedelta(days=history_days(run))
    if state_of(run).has_clock and snapshot.first_day < began - dt.timedelta(days=A_DAY):
        raise DataError(
            "BEGINS_EARLIER",
            "The orders begin on {first}, those of the forecast on {began}: its seasons are not "
            "known before. Forecast again with the longer history, or leave out what is earlier.",
            first=snapshot.first_day, began=began,
        )  # fmt: skip
    then, now = run.customers["first_purchase"], snapshot.customers["first_purchase"]
    row = rows_of(run, snapshot)
    found = row >= 0
    share = float(found.mean())
    if share < FEW:
        raise DataError(
            "OTHER_SHOP",
            "Only {share:.0%} of the forecast's {customers} customers are in these orders. They "
            "seem to be another shop's, or the newer part only: choose a file with all orders of "
            "the same shop.",
            share=share, customers=len(then),
        )  # fmt: skip
    later = now.to_numpy()[row[found]] > then.to_numpy()[found]
    if later.mean() > FEW:
        raise _cut(run, snapshot.first_day)
    return _missing(run, transactions, share, float(later.mean()))


def _missing(run: Run, transactions: Transactions, share: float, cut: float) -> list[Notice]:
    notices = []
    if share < MOST:
        notices.append(
            Notice(
                "CUSTOMERS_MISSING",
                "{share:.0%} of the forecast's customers are not in these orders, and have no "
                "forecast now. Check that the file holds all orders.",
                share=1.0 - share,
            )
        )
    if cut > 1.0 - MOST:
        notices.append(
            Notice(
                "HISTORIES_SHORTER",
                "{share:.0%} of the customers have lost their first orders: they look newer than "
                "they are. Check that the file holds all orders.",
                share=cut,
            )
        )
    if transactions.currency is None and run.currency is not None:
        notices.append(
            Notice(
                "CURRENCY_TAKEN_OVER",
                "The orders do not name a currency; they are taken to be in {currency}, as the "
                "forecast.",
                currency=run.currency,
            )
        )
    return notices


def _cut(run: Run, first: dt.date) -> DataError:
    return DataError(
        "HISTORIES_CUT",
        "The orders begin on {first}, so customers lack what the forecast as of {as_of} knew of "
        "them. Choose a file with all orders of the shop, old ones and newer ones.",
        first=first, as_of=run.as_of,
    )  # fmt: skip
