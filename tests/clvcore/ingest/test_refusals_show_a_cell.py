"""Every refusal of a column shows a cell of it, and the line it stands on."""

import pandas as pd
import pyarrow as pa
import pytest
from tables import orders, parquet

from clvcore.ingest import read_transactions
from clvcore.records.errors import DataError

IDS = ["c1", "c2", "c1"]


def refusal(source, **mapping):
    with pytest.raises(DataError) as caught:
        read_transactions(source, mapping=mapping or None)
    return caught.value


def column(role, *cells):
    """Return a file with these cells in one column, and a blank first row in it."""
    other = {"customer_id": "c1", "date": "2024-05-06", "amount": "9.50"}
    rows = [other | {role: ""}] + [other | {role: cell} for cell in cells]
    return orders(*[",".join(f'"{row[name]}"' for name in other) for row in rows])


@pytest.mark.parametrize(
    ("role", "cells", "code", "shown"),
    [
        ("date", ["soon", "later"], "NO_USABLE_ROWS", {"soon": 3}),
        ("date", ["1403/02/23", "1403/03/05"], "FOREIGN_CALENDAR", {"1403/02/23": 3}),
        ("date", ["0001-01-01", "0002-01-01"], "NO_USABLE_ROWS", {"0001-01-01": 3}),
        ("date", ["03/04/2024", "05/06/2024"], "AMBIGUOUS_DATE_FORMAT", {"03/04/2024": 3}),
        ("date", ["13/04/2024", "04/13/2024"], "MIXED_DATE_FORMATS",
         {"13/04/2024": 3, "04/13/2024": 4}),
        ("date", ["45292", "2024-05-06"], "MIXED_DATE_FORMATS", {"45292": 3, "2024-05-06": 4}),
        ("date", ["010203", "020304"], "AMBIGUOUS_DATE_FORMAT", {"010203": 3}),
        ("amount", ["free", "5 apples"], "NO_USABLE_ROWS", {"free": 3}),
        ("amount", ["1e400", "inf"], "NO_USABLE_ROWS", {"1e400": 3}),
        ("amount", ["1.234", "5.678"], "AMBIGUOUS_NUMBER_FORMAT", {"1.234": 3}),
        ("amount", ["12,50", "1.50"], "MIXED_NUMBER_FORMATS", {"12,50": 3, "1.50": 4}),
    ],
)  # fmt: skip
def test_text_that_cannot_be_read_is_shown_with_its_line(role, cells, code, shown):
    error = refusal(column(role, *cells))
    assert error.code == code
    for cell, line in shown.items():
        assert repr(cell) in str(error)
        assert f"line {line}" in str(error)


def test_ids_that_are_none_are_shown():
    error = refusal(column("customer_id", "x" * 300, "y" * 300))
    assert error.code == "NO_USABLE_ROWS"
    assert "line 3" in str(error)
    assert "x" * 300 in str(error)


@pytest.mark.parametrize(
    ("role", "values", "code"),
    [
        ("date", [True, False, True], "NOT_DATES"),
        ("date", [1.5, 2.5, 3.5], "NOT_DATES"),
        ("amount", [True, False, True], "NOT_NUMBERS"),
        ("amount", pd.to_datetime(["2024-01-05"] * 3), "NOT_NUMBERS"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_column_of_the_wrong_type_is_shown_with_its_first_cell(role, values, code, packed):
    frame = pd.DataFrame({"customer_id": IDS, "date": ["2024-05-06"] * 3, "amount": [1.5] * 3})
    frame[role] = values
    source = parquet(pa.Table.from_pandas(frame)) if packed else frame
    error = refusal(source, customer_id="customer_id", date="date", amount="amount")
    assert error.code == code
    assert f"{str(frame[role][0])!r} on line 1" in str(error)


def test_a_column_that_is_blank_throughout_has_no_cell_to_show():
    named = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
    error = refusal(column("amount", "", ""), **named)
    assert "missing_amount: 3" in str(error)
    assert "line" not in str(error)
