"""Tables that nobody can read row by row are refused with what to export instead."""

import datetime as dt

import pandas as pd
import pytest
from shop import sheets, shop, text, total

from clvcore.ingest import read_raw, read_transactions
from clvcore.records.errors import ReadError

ORDERS = shop(80, 9)
PERIODS = {
    "months, English": ("Customer", "Jan 2024", "Feb 2024", "Mar 2024", "Apr 2024", "Total"),
    "months, Spanish": ("Cliente", "enero", "febrero", "marzo", "abril"),
    "months, Russian": ("Клиент", "янв. 2024", "февр. 2024", "март 2024", "апр. 2024"),
    "months, Japanese": ("顧客", "1月", "2月", "3月", "4月"),
    "months in numbers": ("Kunde", "Ort", "2024-01", "2024-02", "2024-03", "2024-04"),
    "a word before": ("Kunde", "Umsatz 01/2024", "Umsatz 02/2024", "Umsatz 03/2024"),
    "years": ("client", "2021", "2022", "2023", "2024"),
    "quarters": ("Buyer", "Q1 2024", "Q2 2024", "Q3 2024", "Q4 2024"),
    "days": ("Customer", dt.date(2024, 1, 7), dt.date(2024, 1, 14), dt.date(2024, 1, 21)),
}


def across(names):
    body = [
        (f"Client {n}", *("Bern" for _ in range(names.count("Ort"))),
         *((n * place) % 7 + 0.5 if (n + place) % 3 else None
           for place in range(len(names) - 1 - names.count("Ort"))))
        for n in range(1, 30)
    ]  # fmt: skip
    return [names, *body]


@pytest.mark.parametrize("names", PERIODS.values(), ids=PERIODS)
@pytest.mark.parametrize("made", [lambda rows: text(rows).encode(), lambda rows: sheets(a=rows)])
def test_periods_in_the_header_are_refused_with_what_to_do(names, made):
    with pytest.raises(ReadError, match="npivot") as caught:
        read_raw(made(across(names)))
    assert caught.value.code == "PERIODS_IN_HEADER"
    assert caught.value.values["count"] >= 3  # noqa: PD011


def test_a_frame_that_was_pivoted_is_refused_alike():
    frame = pd.DataFrame(ORDERS, columns=["customer", "date", "amount"])
    frame["month"] = pd.to_datetime(frame["date"]).dt.to_period("M").dt.to_timestamp()
    wide = frame.pivot_table(index="customer", columns="month", values="amount", aggfunc="sum")
    with pytest.raises(ReadError) as caught:
        read_raw(wide.reset_index())
    assert caught.value.code == "PERIODS_IN_HEADER"


@pytest.mark.parametrize(
    "extra", [("2022", "2023", "2024"), ("May", "June", "March"), ("Q1", "Q2", "Q3")]
)
def test_orders_that_have_such_columns_too_are_orders(extra):
    names = ("customer", "date", "amount", *extra)
    rows = [(who, day.isoformat(), amount, 1, 2, 3) for who, day, amount in ORDERS]
    assert read_transactions(text([names, *rows]).encode()).quality.rows_used == len(ORDERS)


def grouped(total_row, *, inside):
    """Orders under a line for each customer: in a column of its own, or in the one of dates."""
    names = ("", "Date", "Num", "Amount") if not inside else ("Date", "Num", "Amount")
    rows = [("Acme Ltd",), ("Sales by Customer Detail",), (), names]
    for who in sorted({who for who, *_ in ORDERS}):
        own = [order for order in ORDERS if order[0] == who]
        shift = () if inside else ("",)
        rows.append((f"Buyer {who}", *("" for _ in names[1:])))
        rows += [(*shift, day.strftime("%m/%d/%Y"), 2_000 + n, amount) for n, (_, day, amount) in
                 enumerate(own)]  # fmt: skip
        rows.append((total_row.format(f"Buyer {who}"), *("" for _ in names[2:]), f"${total(own)}"))
    return [*rows, ("TOTAL", *("" for _ in names[2:]), f"${total(ORDERS)}")]


@pytest.mark.parametrize("inside", [False, True], ids=["own column", "column of dates"])
@pytest.mark.parametrize("total_row", ["Total for {}", "{} – Summe", "Total {}", "{} 合計"])
@pytest.mark.parametrize("made", [lambda rows: text(rows).encode(), lambda rows: sheets(a=rows)])
def test_a_grouped_report_is_named(total_row, inside, made):
    with pytest.raises(ReadError, match="flat list") as caught:
        read_raw(made(grouped(total_row, inside=inside)))
    assert caught.value.code == "GROUPED_REPORT"
    assert caught.value.values["first"] == "Buyer C0"  # noqa: PD011


def test_headings_of_months_over_rows_that_name_their_customer_are_left_out_and_counted():
    rows = [("Customer", "Date", "Amount")]
    for month in range(1, 13):
        own = [o for o in ORDERS if o[1].month == month]
        rows.append((dt.date(2024, month, 1).strftime("%B"), "", ""))
        rows += [(who, day.isoformat(), amount) for who, day, amount in own]
    quality = read_transactions(text(rows).encode()).quality
    assert quality.rows_used == len(ORDERS)
    assert sum(quality.rows_dropped.values()) == 12


def test_notes_below_a_table_make_no_report_of_it():
    rows = [("", "client", "date", "amount"), *(("", *order) for order in ORDERS)]
    rows += [("Made by Eva", "", "", ""), ("Page 1 of 1", "", "", "")]
    assert read_transactions(text(rows).encode()).quality.rows_used == len(ORDERS)
