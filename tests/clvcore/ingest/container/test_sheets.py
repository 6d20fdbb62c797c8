"""Sheets with orders are found, those of one shape joined, and what was not read is said."""

import io
import itertools

import openpyxl
import pyarrow as pa
import pytest
from shop import sheets, shop, text, total
from tables import codes, parquet

from clvcore.ingest import read_raw, read_transactions
from clvcore.records.errors import ReadError

ORDERS = shop(90)
NAMES = ("customer_id", "order_date", "amount")
COVERS = {
    "figures": [("Shop", "Brandt"), ("Orders", 90), ("Revenue", 4_010.2), ("From", "2024-01-03")],
    "a pivot table": [
        ("Month", "Revenue"),
        *(((f"2024-{m:02}"), 100.0 + m) for m in range(1, 13)),
    ],
    "a table of customers": [
        ("customer_id", "city", "score"),
        *((f"C{n}", "Bern", n / 10) for n in range(20)),
    ],
    "months in the header": [
        ("Customer", "Jan 2024", "Feb 2024", "Mar 2024"),
        *((f"C{n}", n, n, n) for n in range(20)),
    ],
    "words": [("Sheet", "What it holds"), ("Orders", "All orders"), ("Notes", "Ask Eva")],
}


def months(orders):
    for month, rows in itertools.groupby(orders, key=lambda order: order[1].strftime("%Y-%m")):
        yield month, list(rows)


@pytest.mark.parametrize("cover", COVERS.values(), ids=COVERS)
def test_the_orders_are_found_behind_a_cover(cover):
    transactions = read_transactions(sheets(Cover=cover, Sales=[NAMES, *ORDERS]))
    assert transactions.quality.rows_used == len(ORDERS)
    assert transactions.quality.amount_used == pytest.approx(total(ORDERS))
    (notice,) = (w for w in transactions.quality.warnings if w.code == "OTHER_SHEETS")
    assert (notice.values["sheet"], notice.values["others"]) == ("Sales", 1)


@pytest.mark.parametrize("title", ["{}", "Umsatz {}", "Ventas_{}"])
def test_one_sheet_a_month_is_one_table(title):
    book = {title.format(month): [NAMES, *rows] for month, rows in months(ORDERS)}
    transactions = read_transactions(sheets(**book))
    assert transactions.quality.amount_used == pytest.approx(total(ORDERS))
    (notice,) = transactions.quality.warnings
    assert notice.code == "SHEETS_JOINED"
    assert (notice.values["sheets"], notice.values["rows"]) == (len(book), len(ORDERS))
    name, rows = next(iter(book.items()))
    assert f"{name} ({len(rows) - 1})" in notice


def test_joined_sheets_may_name_their_columns_in_another_order_and_case():
    turned = [("Amount", "Customer_ID", "order_date")]
    turned += [(amount, who, day) for who, day, amount in ORDERS[45:]]
    raw = read_raw(sheets(a=[("Sales",), NAMES, *ORDERS[:45]], b=turned))
    assert raw.columns == NAMES
    assert raw.table["customer_id"].to_pylist() == [who for who, *_ in ORDERS]
    assert len(set(raw.lines.to_pylist())) == len(ORDERS)


def test_a_sheet_that_goes_on_without_names_is_joined():
    raw = read_raw(sheets(Sheet1=[NAMES, *ORDERS[:60]], Sheet2=ORDERS[60:]))
    assert raw.table["customer_id"].to_pylist() == [who for who, *_ in ORDERS]
    assert raw.columns == NAMES


def test_sheets_of_another_shape_are_named_and_not_read():
    refunds = [(*NAMES, "reason"), *((who, day, -amount, "broken") for who, day, amount in ORDERS)]
    raw = read_raw(sheets(Orders=[NAMES, *ORDERS], Refunds=refunds, Empty=[]))
    assert raw.table.num_rows == len(ORDERS)
    (notice,) = raw.notices
    assert notice.code == "OTHER_SHEETS"
    assert notice.values["names"] == "Refunds"
    assert raw.sheets == ("Orders", "Refunds", "Empty")
    assert raw.sheet == "Orders"


def test_a_sheet_of_all_months_beside_the_months_is_counted_once():
    book = {month: [NAMES, *rows] for month, rows in months(ORDERS)}
    raw = read_raw(sheets(**book, All=[NAMES, *ORDERS]))
    assert raw.table.num_rows == len(ORDERS)
    assert codes(raw.notices) == ["SHEETS_REPEATED"]
    assert raw.notices[0].values["sheets"] == len(book)


def test_a_hidden_sheet_is_read_only_where_nothing_else_is_there():
    book = openpyxl.load_workbook(io.BytesIO(sheets(Old=[NAMES, *ORDERS], New=[NAMES, *shop(40)])))
    book["Old"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    raw = read_raw(out.getvalue())
    assert raw.sheet == "New"
    assert raw.table.num_rows == 40
    assert codes(raw.notices) == ["OTHER_SHEETS"]


@pytest.mark.parametrize("asked", ["Refunds", " refunds "])
def test_a_sheet_can_be_named(asked):
    refunds = [(*NAMES, "reason"), *((who, day, -amount, "x") for who, day, amount in ORDERS[:9])]
    raw = read_raw(sheets(Orders=[NAMES, *ORDERS], Refunds=refunds), sheet=asked)
    assert raw.table.num_rows == 9
    assert raw.notices == ()
    assert raw.sheet == "Refunds"


def test_a_line_is_named_for_the_sheet_that_has_it():
    above = [("made", "by"), ("Eva", "Meier")]
    book = sheets(Cover=[("a", "b")], Orders=[*above, NAMES, *ORDERS])
    assert read_raw(book, header_row=3).columns == NAMES


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ReadError, match="Orders, Notes") as caught:
        read_raw(sheets(Orders=[NAMES, *ORDERS], Notes=[("a",)]), sheet="Order")
    assert caught.value.code == "SHEET_MISSING"


@pytest.mark.parametrize(
    ("source", "named", "code"),
    [
        (text([NAMES, *ORDERS]).encode(), {"sheet": "Orders"}, "NO_SHEETS"),
        (parquet(pa.table({"a": [1]})), {"header_row": 2}, "NOTHING_TO_NAME"),
        (pa.table({"a": [1]}), {"sheet": "a"}, "NOTHING_TO_NAME"),
    ],
    ids=["sheet of a CSV", "line of a Parquet file", "sheet of a table"],
)
def test_what_cannot_be_named_is_refused_rather_than_passed_over(source, named, code):
    with pytest.raises(ReadError) as caught:
        read_raw(source, **named)
    assert caught.value.code == code
