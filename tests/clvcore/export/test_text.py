"""Exported lists hold what the frame holds, and no spreadsheet finds a formula in them."""

import csv
import datetime as dt
import io
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clvcore.export import customers_csv, customers_xlsx
from clvcore.records.errors import DataError

TRIGGERS = "=+-@\t\r\n\x00＝＋－＠\ufe66\ufe62\ufe63\ufe6b\u2212"
BLANKS = " \u00a0\u2003\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad"
HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1", "＋1", "－1", "＠x",
    "  =1", "\ufeff=1", "\u00a0+1", "'=1", "''=1", '",=1+1', 'a"b,c\r\nd', "=cmd|'/C calc'!A0",
    "\u00ad@",
    "{=1}", "http://example.com", "=HYPERLINK(\"http://example.com\")", "_x0041_", "007", "1e5",
]  # fmt: skip

texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.builds(
        lambda blanks, trigger, rest: blanks + trigger + rest,
        st.text(BLANKS, max_size=3),
        st.sampled_from(TRIGGERS),
        st.text(max_size=8),
    ),
    st.text(),
)


@pytest.fixture
def customers():
    return pd.DataFrame(
        {
            "clv": [120.5, -3.25, np.nan],
            "p_alive": [0.91, 0.0, 1.0],
            "frequency": [3, 0, 12],
            "first_purchase": pd.to_datetime(["2024-01-31", "2024-02-29", "2023-12-01"]),
            "segment": pd.array(["high", "low", "low"], dtype="str"),
            "short_history": [False, True, False],
        },
        index=pd.Index(["C1", "=2+5", "C3"], name="customer_id", dtype="str"),
    )


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def read_sheet(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


def starts_a_formula(field):
    return field.lstrip(BLANKS)[:1] in tuple(TRIGGERS)


def unguarded(field):
    return re.sub(f"^'(?='*[\\s{BLANKS}]*[{re.escape(TRIGGERS)}])", "", field)


def test_csv_holds_the_frame(customers):
    assert customers_csv(customers).decode() == (
        "customer_id,clv,p_alive,frequency,first_purchase,segment,short_history\r\n"
        "C1,120.5,0.91,3,2024-01-31,high,False\r\n"
        "'=2+5,-3.25,0.0,0,2024-02-29,low,True\r\n"
        "C3,,1.0,12,2023-12-01,low,False\r\n"
    )


def test_csv_keeps_the_columns_asked_for_in_their_order(customers):
    rows = read_csv(customers_csv(customers, columns=["segment", "clv"]))
    assert rows[0] == ["customer_id", "segment", "clv"]
    assert rows[1] == ["C1", "high", "120.5"]
    assert read_csv(customers_csv(customers, columns=["customer_id", "clv"]))[0] == [
        "customer_id",
        "clv",
    ]


def test_csv_starts_with_a_byte_order_mark_only_when_asked(customers):
    assert customers_csv(customers, bom=True) == b"\xef\xbb\xbf" + customers_csv(customers)


def test_csv_gives_every_number_back_exactly():
    values = np.random.default_rng(0).lognormal(0, 10, 500)
    back = pd.read_csv(io.BytesIO(customers_csv(pd.DataFrame({"clv": values}))))
    assert (back["clv"].to_numpy() == values).all()


@settings(max_examples=300)
@given(st.lists(texts, min_size=1, max_size=5))
@example(HOSTILE)
def test_no_csv_field_starts_a_formula_and_every_text_can_be_recovered(cells):
    frame = pd.DataFrame({"name": pd.Series(cells, dtype=object), "clv": -1.5})
    rows = read_csv(customers_csv(frame))[1:]
    assert len(rows) == len(cells)
    for text, (field, number) in zip(cells, rows, strict=True):
        assert not starts_a_formula(field)
        assert unguarded(field) == text
        assert number == "-1.5"


@given(texts.filter(bool))
def test_a_header_starts_no_formula_either(name):
    rows = read_csv(customers_csv(pd.DataFrame({name: ["x"]})))
    assert not starts_a_formula(rows[0][0])


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_text_is_guarded_however_it_is_held(dtype):
    frame = pd.DataFrame({"cohort": pd.Series(["=1", "b", "=1"]).astype(dtype)})
    assert [row[0] for row in read_csv(customers_csv(frame))[1:]] == ["'=1", "b", "'=1"]


def test_a_lone_surrogate_does_not_stop_the_export():
    frame = pd.DataFrame({"name": pd.Series(["a\ud800b"], dtype=object)})
    assert read_csv(customers_csv(frame))[1] == ["a?b"]
    assert read_sheet(customers_xlsx(frame))["A2"].value == "ab"


def test_an_empty_list_is_a_header(customers):
    assert len(read_csv(customers_csv(customers.head(0)))) == 1
    assert read_sheet(customers_xlsx(customers.head(0))).max_row == 1


@pytest.mark.parametrize("export", [customers_csv, customers_xlsx])
def test_an_unknown_column_is_named(customers, export):
    with pytest.raises(DataError, match="rank"):
        export(customers, columns=["clv", "rank"])


@pytest.mark.parametrize("export", [customers_csv, customers_xlsx])
def test_the_frame_given_is_left_alone(customers, export):
    before = customers.copy(deep=True)
    export(customers)
    pd.testing.assert_frame_equal(customers, before)


def test_xlsx_holds_the_frame(customers):
    sheet = read_sheet(customers_xlsx(customers, currency="EUR"))
    assert [cell.value for cell in sheet[1]] == ["customer_id", *customers.columns]
    assert [cell.value for cell in sheet[3]] == [
        "=2+5", -3.25, 0, 0, dt.datetime(2024, 2, 29), "low", True,
    ]  # fmt: skip
    assert sheet["B4"].value is None
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:G4"
    formats = {cell.column_letter: cell.number_format for cell in sheet[2]}
    assert formats["B"] == '#,##0.00 "EUR"'
    assert formats["C"] == "0.0%"
    assert formats["E"] == "yyyy-mm-dd"


@settings(max_examples=150)
@given(st.lists(texts, min_size=1, max_size=5))
@example(HOSTILE)
def test_every_text_of_a_sheet_is_a_string_cell(cells):
    frame = pd.DataFrame({"=name": pd.Series(cells, dtype=object)})
    content = customers_xlsx(frame)
    sheet = read_sheet(content)
    illegal = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    for row, text in enumerate(cells, start=2):
        cell = sheet.cell(row=row, column=1)
        assert cell.data_type in ("s", "n")
        assert cell.hyperlink is None
        expected = re.sub(illegal, "", text).replace("\r\n", "\n").replace("\r", "\n")
        found = (cell.value or "").replace("_x000D_", "\r")
        assert found.replace("\r\n", "\n").replace("\r", "\n") == expected
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_the_same_list_gives_the_same_bytes(customers):
    assert customers_xlsx(customers) == customers_xlsx(customers)
    assert customers_csv(customers) == customers_csv(customers)


@pytest.mark.parametrize("currency", ['"', 'E"R', "EURO", "", None])
def test_a_currency_of_another_shape_is_left_out_of_the_number_format(customers, currency):
    sheet = read_sheet(customers_xlsx(customers, currency=currency))
    assert sheet["B2"].number_format == "#,##0.00"


def test_infinite_numbers_are_empty_cells():
    sheet = read_sheet(customers_xlsx(pd.DataFrame({"clv": [np.inf, -np.inf, 1.0]})))
    assert [sheet.cell(row=row, column=1).value for row in (2, 3, 4)] == [None, None, 1]


def test_a_text_longer_than_a_cell_is_cut_visibly():
    sheet = read_sheet(customers_xlsx(pd.DataFrame({"note": ["x" * 40_000]})))
    assert len(sheet["A2"].value) == 32_767
    assert sheet["A2"].value.endswith("…")


def test_more_rows_than_a_sheet_holds_are_refused():
    with pytest.raises(DataError, match="CSV"):
        customers_xlsx(pd.DataFrame({"clv": np.zeros(1_048_576)}))
