import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcore.ingest import read_raw
from clvcore.ingest.container.dialect import find_dialect
from clvcore.ingest.container.fast_csv import read_fast
from clvcore.ingest.container.strict_csv import read_strictly
from clvcore.ingest.raw import column_names
from clvcore.records.errors import ReadError

HEADER = ["customer", "date", "amount"]
ROWS = [["José", "2024-01-05", "12,5"], ["007", "2024-01-06", "3"], ["NA", "2024-01-07", "4,25"]]


def written(rows, delimiter=",", ends="\r\n"):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=ends).writerows(rows)
    return text.getvalue()


def cells(raw):
    return [list(row.values()) for row in raw.table.to_pylist()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_delimiter_encoding_and_line_end_gives_the_same_cells(delimiter, encoding, ends):
    raw = read_raw(written([HEADER, *ROWS], delimiter, ends).encode(encoding))
    assert raw.columns == tuple(HEADER)
    assert cells(raw) == ROWS
    assert raw.delimiter == delimiter
    assert raw.lines.to_pylist() == [2, 3, 4]
    assert raw.first_line == 2
    assert raw.notices == ()


def test_western_windows_text_is_read_and_the_guess_is_said():
    raw = read_raw(written([HEADER, *ROWS], ";").encode("cp1252"))
    assert cells(raw) == ROWS
    assert raw.encoding == "latin-1"
    assert [notice.code for notice in raw.notices] == ["ENCODING_GUESSED"]


def test_ids_and_words_for_nothing_stay_text():
    ids = ["007", "NA", "null", "nan", "None", "1e5", "TRUE", "12345678901234567", "#N/A"]
    raw = read_raw(written([HEADER, *[[i, "2024-01-05", "1.5"] for i in ids]]).encode())
    assert raw.table["customer"].to_pylist() == ids


def test_semicolons_win_over_the_decimal_commas_between_them():
    raw = read_raw(b"id;amount;date\nA;1,50;2024-01-05\nB;2,50;2024-01-06\n")
    assert raw.columns == ("id", "amount", "date")
    assert raw.table["amount"].to_pylist() == ["1,50", "2,50"]


def test_excels_delimiter_line_is_obeyed_and_not_a_row():
    raw = read_raw(b"sep=;\na;b\n1,5;2,5\n")
    assert raw.columns == ("a", "b")
    assert cells(raw) == [["1,5", "2,5"]]
    assert raw.lines.to_pylist() == [3]


def test_lines_above_the_header_are_left_out_and_said():
    raw = read_raw(b"Orders of my shop\n\ncustomer,date,amount\nA,2024-01-05,3\n")
    assert raw.columns == tuple(HEADER)
    assert raw.lines.to_pylist() == [4]
    assert [(n.code, n.values["line"]) for n in raw.notices] == [("LINES_ABOVE_HEADER", 3)]


@pytest.mark.parametrize("quote", ["", '"'], ids=["fast", "strict"])
def test_ragged_rows_are_kept_marked_and_never_shift_the_others(quote):
    text = "a,b,c\n1,2,3\n4,5\n\n6,7,8,9\n10,11,12,,\n,,\n13,14,15\n" + f"x{quote}y,16,17\n"
    raw = read_raw(text.encode())
    assert raw.lines.to_pylist() == [2, 3, 5, 6, 8, 9]
    assert raw.ragged.to_pylist() == [False, True, True, False, False, False]
    assert cells(raw)[:2] == [["1", "2", "3"], ["4", "5", None]]
    assert cells(raw)[-1] == [f"x{quote}y", "16", "17"]


def test_short_rows_lose_nothing_if_the_missing_columns_are_empty_elsewhere():
    raw = read_raw(b"a,b,note\n1,2,\n3,4\n5,6,\n")
    assert raw.ragged is None
    assert raw.table["b"].to_pylist() == ["2", "4", "6"]


def test_a_delimiter_at_the_end_of_every_row_does_not_shift_columns():
    raw = read_raw(b"a,b\n1,2,\n3,4,\n")
    assert cells(raw) == [["1", "2"], ["3", "4"]]
    assert raw.ragged is None


def test_a_header_with_one_name_too_few_is_an_error_that_says_so():
    with pytest.raises(ReadError, match="header has 2 columns") as caught:
        read_raw(b"a,b\n1,2,3\n4,5,6\n")
    assert caught.value.code == "HEADER_MISMATCH"


def test_an_unclosed_quote_costs_its_own_line_only():
    raw = read_raw(b'id,d,m\nA,2024-01-01,1\nB,"2024-01-02,2\nC,2024-01-03,3\nD,2024-01-04,4\n')
    assert raw.lines.to_pylist() == [2, 3, 4, 5]
    assert raw.ragged.to_pylist() == [False, True, False, False]
    assert raw.table["id"].to_pylist()[2:] == ["C", "D"]


def test_a_quote_that_swallows_rows_up_to_a_later_quote_gives_them_back():
    raw = read_raw(b'id,m\nZ,0\n"A,1\nB,2\nC",3\nD,4\n')
    assert raw.table["id"].to_pylist()[-3:] == ["B", 'C"', "D"]
    assert raw.table.num_rows == 5
    assert raw.ragged.to_pylist() == [False, True, False, False, False]


def test_a_line_break_within_quotes_is_part_of_the_cell():
    raw = read_raw(b'id,place,m\nA,"1 Main St, back\nTown",5\nB,"say ""hi""",6\n')
    assert cells(raw) == [["A", "1 Main St, back\nTown", "5"], ["B", 'say "hi"', "6"]]
    assert raw.lines.to_pylist() == [2, 4]


def test_quotes_after_a_space_still_protect_a_delimiter():
    raw = read_raw(b'id, name, m\nA, "Doe, Jane", 5\n')
    assert cells(raw) == [["A", "Doe, Jane", "5"]]


def test_a_huge_unclosed_cell_is_one_broken_row():
    raw = read_raw(b'id,m\nA,"' + b"x" * 200_000 + b"\nB,2\n")
    assert raw.ragged.to_pylist() == [True, False]
    assert cells(raw)[1] == ["B", "2"]


def test_names_are_never_blank_and_never_twice_the_same():
    assert column_names(["amount", None, " amount ", "a  b"]) == [
        "amount",
        "column 2",
        "amount (2)",
        "a b",
    ]


def test_nameless_columns_and_rows_without_content_are_no_data():
    raw = read_raw(b"a,b,\n1,2,\n,,\n3,4,\n")
    assert raw.columns == ("a", "b")
    assert raw.lines.to_pylist() == [2, 4]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b" \r\n\n ", "EMPTY_FILE"),
        (b"a,b,c", "HEADER_ONLY"),
        (b"a,b,c\n", "HEADER_ONLY"),
        (b"a,b,c\n,,\n\n", "HEADER_ONLY"),
        (b"only\none\ncolumn\n", "NOT_A_TABLE"),
        (bytes(range(256)) * 20, "NOT_A_TABLE"),
        (b"\x01\x02\x03\x04\x05\x06,\x07", "NOT_A_TABLE"),
        (b"A,2024-01-05\n", "NO_HEADER"),
        (b"\xff\xfea", "UNREADABLE_FILE"),
        (b"a,b\n1," + b"x" * 2_000_000, "LINE_TOO_LONG"),
        (b"x" * 300 + b",b\n1,2\n", "NAME_TOO_LONG"),
        (",".join(f"c{i}" for i in range(201)).encode() + b"\n1,2\n", "TOO_WIDE"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(data, code):
    with pytest.raises(ReadError) as caught:
        read_raw(data)
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


CELL = st.text(st.sampled_from('ab1.,;"\n ü|'), max_size=6)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8))
def test_whatever_was_written_correctly_is_read_back(rows):
    text = written([HEADER, *rows], ",", "\n")
    raw = read_raw(text.encode()) if any(any(row) for row in rows) else None
    expected = [row for row in rows if any(row)]
    if raw is None or any(_like_records(row) for row in expected):
        return
    assert [[cell or "" for cell in row] for row in cells(raw)] == expected


def _like_records(row):
    """A cell that holds a whole line of three cells is taken for the work of a stray quote."""
    return any(line.count(",") >= 2 for cell in row for line in cell.split("\n")[1:-1])


@given(st.lists(st.text(st.sampled_from('ab1,"\n'), max_size=12), min_size=1, max_size=8))
def test_the_strict_and_the_fast_reader_agree_wherever_the_fast_one_answers(lines):
    text = ("a,b,c\n1,2,3\n" + "\n".join(lines)).encode()
    dialect = find_dialect(text)
    names = [str(number) for number in range(int(dialect.cells[dialect.header]))]
    fast, strict = read_fast(text, dialect, names), read_strictly(text, dialect, names)
    if fast is not None:
        assert fast.table.equals(strict.table)
        assert fast.lines.equals(strict.lines)
        assert fast.widths.tolist() == strict.widths.tolist()
