"""Which lines belong to a kept purchase day, and which day a return belongs to.

Lines are summed per customer and calendar day. A day without a negative line stays, even at zero.
A day with returns whose sum is not positive is dropped with all its lines. A refund on a later day
is taken off the earlier purchase only where an order id links them; otherwise it stands alone on
its own day and is dropped there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.engines import engine, statement
from clvcore.records.columns import AMOUNT, CUSTOMER, DATE, KEPT, LINE, ORDER, PURCHASE_DATE

Numbers = npt.NDArray[np.int32]


def net(lines: pa.Table) -> pa.Table:
    """Add ``purchase_date`` (date32) and ``kept`` (bool) to ``lines``; rows keep their order.

    Parameters
    ----------
    lines
        ``customer_id`` string, ``date`` date32, ``amount`` float64 and perhaps ``order_id``.
        Only these lines are looked at: cut them at a date first to learn what was known then.

    Returns
    -------
    pyarrow.Table
        The same rows with the two columns set (replaced if they were there).
    """
    bare = lines.drop_columns([c for c in (PURCHASE_DATE, KEPT) if c in lines.column_names])
    amount = bare[AMOUNT].to_numpy()
    if not (amount < 0).any():
        kept = pa.array(np.ones(bare.num_rows, dtype=bool))
        return bare.append_column(PURCHASE_DATE, bare[DATE]).append_column(KEPT, kept)
    order = (
        bare[ORDER]
        if ORDER in bare.column_names
        else pa.chunked_array([pa.nulls(bare.num_rows, pa.string())])
    )
    day, kept = judge(
        _numbered(bare[CUSTOMER]),
        bare[DATE].cast(pa.int32()).to_numpy(),
        amount,
        _numbered(order),
    )
    purchase_date = pa.array(day).cast(pa.date32())
    return bare.append_column(PURCHASE_DATE, purchase_date).append_column(KEPT, pa.array(kept))


def judge(
    customer: Numbers, date: Numbers, amount: npt.NDArray[np.float64], order: Numbers
) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return the day each line counts for and whether it counts, both of shape (lines,).

    Parameters
    ----------
    customer, order
        Shape (lines,), numbers from 0 on that tell customers, and a customer's orders, apart; -1
        is a line without an order id.
    date
        Shape (lines,), day since 1970-01-01.
    amount
        Shape (lines,), money.
    """
    day, kept = date.copy(), np.ones(date.size, dtype=bool)
    returner = np.zeros(customer.max(initial=-1) + 1, dtype=bool)
    returner[customer[amount < 0]] = True
    # whoever returned nothing keeps every line where it is
    rows = np.flatnonzero(returner[customer])
    if rows.size:
        needed = pa.table(
            {
                LINE: rows,
                "customer": customer[rows],
                DATE: date[rows],
                AMOUNT: amount[rows],
                "order_number": pa.array(order[rows], mask=order[rows] < 0),
            }
        )
        netted = engine().run(statement("clvcore.features", "netting.sql"), {}, lines=needed)
        line = netted[LINE].to_numpy()
        day[line] = netted["purchase_day"].to_numpy()
        kept[line] = netted[KEPT].to_numpy()
    return day, kept


def _numbered(column: pa.ChunkedArray) -> Numbers:
    indices = pc.dictionary_encode(column.combine_chunks()).indices
    numbers: Numbers = indices.fill_null(-1).to_numpy()
    return numbers
