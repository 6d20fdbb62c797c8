"""Exports that state the total of each order, once or again on every item line."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.presets.sheet import Bools, Floats, Lines, Sheet, repeats
from clvcore.records.errors import Notice

CANCELLED, REPEATED, NOT_A_SALE = "cancelled", "repeated_total", "not_a_sale"
NOBODY = "^0*$"


def order_totals(
    sheet: Sheet,
    *,
    order: str,
    total: str,
    cancelled: Bools,
    without: Floats | None = None,
    refunded: str | None = None,
    paid: str | None = None,
    customer: pa.Array | None = None,
) -> Lines:
    """Count each order's total once, less what was refunded.

    A later line of an order whose total is blank, or the same as on an earlier line, is dropped
    as ``repeated_total``: it only names another item. An order that was cancelled, or refunded
    in full, is dropped with its total as ``cancelled``. Of an order refunded in part the same
    part is taken off its total, on the day of the order: these exports do not date refunds.

    Parameters
    ----------
    order, total, refunded
        Columns as ``Sheet`` names them.
    paid
        Column that ``refunded`` is a part of, where that is not the total (another currency).
    cancelled
        Shape (rows,): lines of orders that came to nothing.
    without
        Shape (rows,): tax and shipping that are not to be counted.
    customer
        Ids, if they are not those of one column.
    """
    number, gross = sheet.numbers(order), sheet.money(total)
    repeated = repeats(number)
    if repeated.any():
        written = sheet.numbers(total)
        repeated &= (written < 0) | repeats(number, written)
    back = np.abs(sheet.money(refunded)) if refunded else np.zeros(sheet.rows)
    whole = gross if paid is None else sheet.money(paid)
    share = np.divide(back, whole, out=np.zeros(sheet.rows), where=whole > 0)
    gone = cancelled | (share >= 1 - 1e-9)
    net = (gross - (0.0 if without is None else without)) * (1 - share)
    counted = ~gone & ~repeated
    partly = counted & (share > 0)
    return Lines(
        amount=net,
        customer=customer,
        dropped={REPEATED: repeated, CANCELLED: gone},
        notices=_refunds(int(partly.sum()), float((gross * share)[partly].sum())),
    )


def tax_and_shipping(sheet: Sheet, *, tax: str | None, shipping: str | None) -> Floats:
    """Return what the choices about tax and shipping take off each total, shape (rows,)."""
    off = np.zeros(sheet.rows)
    if tax is not None and not sheet.tax:
        off += sheet.money(tax)
    if shipping is not None and not sheet.shipping:
        off += sheet.money(shipping)
    return off


def account_or_email(sheet: Sheet, account: str, email: str) -> pa.Array:
    """Return the account number, or the e-mail address of a guest (account blank or 0)."""
    number = sheet.text(account)
    guest = pc.match_substring_regex(number, NOBODY).fill_null(True)
    return pc.if_else(guest, sheet.text(email), number)


def either(*rows: Bools) -> Bools:
    """Return the rows that are in any of the given ones."""
    any_of: Bools = np.logical_or.reduce(rows)
    return any_of


def _refunds(orders: int, money: float) -> tuple[Notice, ...]:
    if not orders:
        return ()
    return (
        Notice(
            "REFUNDS_TAKEN_OFF",
            "{orders} orders were refunded in part; the {money:,.2f} they got back was taken off "
            "their totals.",
            orders=orders, money=money,
        ),
    )  # fmt: skip
