"""The line of names is found behind whatever stands above it, or can be named."""

import pytest
from shop import sheets, shop, text, total
from tables import codes

from clvcore.ingest import read_raw, read_transactions
from clvcore.records.errors import ConfigError, ReadError

ORDERS = shop()
NAMES = ("Order", "Customer", "Date", "Amount", "Channel")
WIDE = [
    (9000 + n, who, day.isoformat(), amount, "web") for n, (who, day, amount) in enumerate(ORDERS)
]
ABOVE = {
    "as wide as the table": [
        ("Report generated at", "2024-12-31 08:00"),
        ("Stores", "Berlin", "Hamburg", "Wien", "Graz"),
        (),
    ],
    "wider than the table": [("Filialen", "Bern", "Chur", "Genf", "Zug", "Thun", "Biel", "Sion")],
    "a summary with names and values of its own": [
        ("Orders", "Total amount", "From", "To"),
        (60, 2_811.4, "2024-01-03", "2024-12-18"),
        (),
    ],
    "groups of columns": [("", "Who", "", "How much", ""), ("Sales", "Buyers", "x", "Money", "y")],
    "a title filled up to the width": [("Acme", "", "", "", ""), ("All sales", "", "", "", "")],
    "forty lines of filters": [("Filter", f"shop {n}", "is", "any", "of") for n in range(40)],
}


def said(transactions):
    return [w for w in transactions.quality.warnings if w.code.startswith("LINES_ABOVE")]


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_names_are_found_below_lines_that_could_be_names(above):
    transactions = read_transactions(text([*above, NAMES, *WIDE]).encode())
    assert transactions.quality.rows_used == len(ORDERS)
    assert transactions.quality.amount_used == pytest.approx(total(ORDERS))
    (notice,) = said(transactions)
    assert notice.values["line"] == len(above) + 1


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_the_same_in_a_workbook(above):
    raw = read_raw(sheets(Data=[*above, NAMES, *WIDE]))
    assert raw.columns == NAMES
    assert raw.header_row == len(above) + 1
    assert raw.table.num_rows == len(ORDERS)


@pytest.mark.parametrize(
    ("names", "above"),
    [
        ("Rendelés Vevő Dátum Összeg Bolt", "Üzletek Pécs Eger Ózd Vác"),
        ("Tilaus Ostaja Päivä Loppusumma Kanava", "A B C D E"),
        ("Замовлення Покупець Дата Сума Канал", "Місто Київ Львів Суми Луцьк"),
    ],
)
def test_names_nobody_knows_are_found_by_standing_on_the_table(names, above):
    raw = read_raw(text([above.split(), names.split(), *WIDE], ";").encode())
    assert raw.columns == tuple(names.split())
    assert raw.table.num_rows == len(ORDERS)


def test_units_below_the_names_are_one_row_that_is_counted():
    units = ("", "(id)", "(yyyy-mm-dd)", "(EUR)", "")
    transactions = read_transactions(text([NAMES, units, *WIDE]).encode())
    assert transactions.quality.rows_used == len(ORDERS)
    assert sum(transactions.quality.rows_dropped.values()) == 1


def test_a_first_row_with_faults_is_not_taken_for_names():
    faulty = (8_999, "C3", "unknown", "n/a", "web")
    transactions = read_transactions(text([NAMES, faulty, *WIDE]).encode())
    assert transactions.quality.rows_in == len(ORDERS) + 1
    assert not said(transactions)


def test_a_table_without_names_below_a_preamble_begins_at_its_first_order():
    raw = read_raw(text([("Export",), ("Shop", "Bern"), *WIDE]).encode())
    assert raw.header_row == 0
    assert raw.table.num_rows == len(ORDERS)
    assert codes(raw.notices) == ["LINES_ABOVE_TABLE", "NO_HEADER_LINE"]


def test_the_line_of_names_can_be_named():
    rows = [NAMES, *WIDE[:30], ("Nr", "Buyer", "Day", "Paid", "Shop"), *WIDE[30:]]
    named = read_raw(text(rows).encode(), header_row=32)
    assert named.columns == ("Nr", "Buyer", "Day", "Paid", "Shop")
    assert named.lines[0].as_py() == 33
    assert named.notices == ()
    assert read_raw(sheets(Data=rows), header_row=32).table.equals(named.table)
    given = {"customer_id": "Buyer", "date": "Day", "amount": "Paid"}
    transactions = read_transactions(text(rows).encode(), mapping=given, header_row=32)
    assert transactions.quality.amount_used == pytest.approx(total(ORDERS[30:]))


@pytest.mark.parametrize("made", [lambda rows: text(rows).encode(), lambda rows: sheets(a=rows)])
def test_that_no_line_holds_names_can_be_said(made):
    raw = read_raw(made(WIDE), header_row=0)
    assert raw.table.num_rows == len(ORDERS)
    assert raw.columns == tuple(f"column {n}" for n in range(1, 6))


@pytest.mark.parametrize("header_row", [2, 3, 70])
@pytest.mark.parametrize("made", [lambda rows: text(rows).encode(), lambda rows: sheets(a=rows)])
def test_a_line_that_holds_no_names_is_refused_by_its_number(made, header_row):
    with pytest.raises(ReadError, match=f"line {header_row}") as caught:
        read_raw(made([NAMES, (), ("one cell",), *WIDE]), header_row=header_row)
    assert caught.value.code == "HEADER_ROW_MISSING"


@pytest.mark.parametrize("header_row", [-1, 2.0, "3", True])
def test_a_line_that_is_no_number_is_refused(header_row):
    with pytest.raises(ConfigError, match="header_row must be"):
        read_raw(b"a,b\n1,2\n", header_row=header_row)
