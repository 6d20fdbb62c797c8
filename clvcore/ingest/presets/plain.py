"""The lines of an export nobody knows: what its own columns say of cancellations and totals."""

from __future__ import annotations

import numpy as np

from clvcore.ingest.columns.mapping import Mapping
from clvcore.ingest.columns.orderwise import is_order_total
from clvcore.ingest.columns.outcomes import Outcomes, outcomes, refunds_of, shown, status_columns
from clvcore.ingest.presets.sheet import Bools, Floats, Lines, Sheet
from clvcore.ingest.presets.totals import REPEATED, order_totals
from clvcore.ingest.raw import RawTable
from clvcore.records.errors import Notice


def says_more(mapping: Mapping) -> bool:
    """Tell whether a mapping names anything that decides which rows count, and how much."""
    return bool(mapping.status or mapping.refunded or mapping.order_total)


def plain_lines(sheet: Sheet, mapping: Mapping) -> Lines:
    """Leave out rows that are no sale, take off what was given back, count order totals once."""
    money = sheet.money(mapping.amount)
    gone = np.zeros(sheet.rows, dtype=bool)
    read = _read_status(sheet, mapping)
    if read is not None:
        gone = read.unsold(money)
    lines = order_totals(
        sheet,
        order=mapping.order_id or "" if mapping.order_total else "",
        total=mapping.amount,
        refunded=mapping.refunded,
        cancelled=gone,
    )
    again = lines.dropped[REPEATED]
    notices: list[Notice] = []
    if read is not None and gone.any():
        notices.append(_left_out(str(mapping.status), gone & ~again, money, read))
    if read is not None and read.partly.any() and mapping.refunded is None:
        notices.append(_partly(str(mapping.status), read.partly & ~again, money))
    if mapping.refunded is not None and (cells := sheet.unreadable(mapping.refunded)):
        notices.append(
            Notice(
                "REFUNDS_UNREADABLE",
                "{cells} cells of column {column} are no amounts, so nothing was taken off there.",
                cells=cells, column=mapping.refunded,
            )
        )  # fmt: skip
    if mapping.order_total:
        notices.append(_once(mapping, int(again.sum())))
    return Lines(
        amount=lines.amount if mapping.refunded else None,
        dropped=lines.dropped,
        notices=(*notices, *lines.notices),
    )


def unread_outcomes(
    raw: RawTable, mapping: Mapping, money: Floats, counts: Bools
) -> tuple[Notice, ...]:
    """Point out columns that call rows no sale, or money given back, and that nobody reads.

    Parameters
    ----------
    money, counts
        Shape (rows,): amounts, and which rows count.
    """
    if mapping.preset is not None:
        return ()
    used = {column for role, column in mapping.roles() if role != "attributes"}
    notices = []
    for name, read in status_columns(raw, used).items():
        still = read.unsold(money) & counts
        if still.any():
            notices.append(
                Notice(
                    "STATUS_NOT_USED",
                    "Column {column} says that {rows} rows ({amount:,.2f} in money) may be no sale "
                    "({words}), but they count. Name it as the status if they should not.",
                    column=name, rows=int(still.sum()), amount=float(money[still].sum()),
                    words=shown(read.words),
                )
            )  # fmt: skip
    if mapping.refunded is None and (column := refunds_of(raw, used)):
        notices.append(
            Notice(
                "REFUNDS_NOT_USED",
                "Column {column} holds money given back, but nothing was taken off {amount}. Name "
                "it as refunded if it should be.",
                column=column, amount=mapping.amount,
            )
        )  # fmt: skip
    whole = mapping.order_id is not None and mapping.quantity is None and not mapping.order_total
    if whole and is_order_total(raw, str(mapping.order_id), mapping.amount):
        notices.append(
            Notice(
                "ORDER_TOTAL_POSSIBLE",
                "Column {amount} is the same on all lines of an order although other columns are "
                "not, so it may be the order's total, counted once a line. Set order_total to "
                "count it once for each order.",
                amount=mapping.amount,
            )
        )
    return tuple(notices)


def _read_status(sheet: Sheet, mapping: Mapping) -> Outcomes | None:
    if mapping.status is None:
        return None
    return outcomes(sheet.raw.table[mapping.status], mapping.status)


def _left_out(column: str, gone: Bools, money: Floats, read: Outcomes) -> Notice:
    return Notice(
        "STATUS_LEFT_OUT",
        "Column {column} says that {rows} rows ({amount:,.2f} in money) are no sale ({words}); "
        "they were left out. Rows that say anything else count ({others}).",
        column=column, rows=int(gone.sum()), amount=float(money[gone].sum()),
        words=shown(read.words), others=shown(read.others) or "–",
    )  # fmt: skip


def _partly(column: str, partly: Bools, money: Floats) -> Notice:
    return Notice(
        "PARTLY_REFUNDED",
        "Column {column} says that {rows} rows ({amount:,.2f} in money) were refunded in part, but "
        "not how much, so they count in full. Export the refunded amounts as well.",
        column=column, rows=int(partly.sum()), amount=float(money[partly].sum()),
    )  # fmt: skip


def _once(mapping: Mapping, rows: int) -> Notice:
    return Notice(
        "ORDER_TOTAL_ONCE",
        "Column {column} holds the total of an order again on each of its lines, so it is counted "
        "once for each order; {rows} further lines add nothing. Map the amount of a line instead "
        "if there is one.",
        column=mapping.amount, rows=rows,
    )  # fmt: skip
