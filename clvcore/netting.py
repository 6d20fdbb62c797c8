"""Which lines belong to a kept purchase day, and which day a return belongs to.

Lines are summed per customer and calendar day. A day without a negative line stays, even at zero.
A day with returns whose sum is not positive is dropped with all its lines. A refund on a later day
is taken off the earlier purchase only where an order id links them; otherwise it stands alone on
its own day and is dropped there.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.columns import AMOUNT, CUSTOMER, DATE, KEPT, LINE, ORDER, PURCHASE_DATE
from clvcore.engines import engine, statement


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
    negative = pc.any(pc.less(bare[AMOUNT], 0.0), min_count=0).as_py()
    if not negative:
        kept = pa.array(np.ones(bare.num_rows, dtype=bool))
        return bare.append_column(PURCHASE_DATE, bare[DATE]).append_column(KEPT, kept)
    order = bare[ORDER] if ORDER in bare.column_names else pa.nulls(bare.num_rows, pa.string())
    needed = pa.table(
        {
            LINE: np.arange(bare.num_rows),
            CUSTOMER: bare[CUSTOMER],
            DATE: bare[DATE],
            AMOUNT: bare[AMOUNT],
            ORDER: order,
        }
    )
    netted = engine().run(statement("clvcore", "netting.sql"), {}, lines=needed)
    return bare.append_column(PURCHASE_DATE, netted[PURCHASE_DATE]).append_column(
        KEPT, netted[KEPT]
    )
