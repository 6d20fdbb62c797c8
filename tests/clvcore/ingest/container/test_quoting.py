"""Lines quoted as a whole, and quotes escaped by a backslash, are read as they were meant."""

import pytest
from shop import shop, text, total

from clvcore.ingest import read_raw, read_transactions

ORDERS = shop(50)
NAMES = ("customer_id", "name", "order_date", "amount")
NICK = 'Tom "Cat", Inc'
ROWS = [(who, f"{NICK} {who[1:]}", day.isoformat(), amount) for who, day, amount in ORDERS]


def wrapped(line):
    return '"' + line.replace('"', '""') + '"'


WRAPPED = {
    "every line": lambda lines: [wrapped(line) for line in lines],
    "every line but the names": lambda lines: [lines[0], *map(wrapped, lines[1:])],
    "with the delimiters of a sheet behind": lambda lines: [
        f"{wrapped(line)},,," for line in lines
    ],
    "with a semicolon behind": lambda lines: [f"{wrapped(line)};" for line in lines],
    "with spaces around": lambda lines: [f" {wrapped(line)} " for line in lines],
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("how", WRAPPED.values(), ids=WRAPPED)
def test_lines_in_quotes_are_the_lines_within(how, delimiter, ends):
    plain = text([NAMES, *ROWS], delimiter)
    raw = read_raw(ends.join([*how(plain.splitlines()), ""]).encode())
    assert raw.table.to_pylist() == read_raw(plain.encode()).table.to_pylist()
    assert raw.table["name"][0].as_py() == ROWS[0][1]
    assert raw.notices == ()


@pytest.mark.parametrize("nickname", [NICK, 'a 5" pipe', '"quoted"', r'C:\new "x"', '"', "Ann, Bo"])
def test_quotes_behind_a_backslash_belong_to_the_cell(nickname):
    rows = [(who, nickname, day.isoformat(), amount) for who, day, amount in ORDERS]
    lines = [",".join(NAMES)]
    for who, name, day, amount in rows:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'{who},"{escaped}",{day},{amount}')
    transactions = read_transactions("\n".join(lines).encode())
    assert transactions.quality.amount_used == pytest.approx(total(ORDERS))
    assert read_raw("\n".join(lines).encode()).table["name"].to_pylist() == [nickname] * 50


def test_a_stray_quote_elsewhere_does_not_change_what_a_backslash_means():
    data = b'id,name,m\nA,"Tom \\"Cat\\", Inc",1\nB,5" pipe,2\nC,"Al \\"Ox\\"",3\n'
    assert read_raw(data).table["name"].to_pylist() == ['Tom "Cat", Inc', '5" pipe', 'Al "Ox"']


@pytest.mark.parametrize(
    "cell", ["C:\\", r"\\server\share", 'say ""hi""', "line\nbreak", r"a\b", r'\""x'],
)  # fmt: skip
def test_quotes_as_the_standard_has_them_stay_as_they_are(cell):
    data = f'id,place,m\nA,"{cell}",5\nB,"{cell}",6\n'.encode()
    assert read_raw(data).table["place"].to_pylist() == [cell.replace('""', '"')] * 2


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_cells_that_are_all_quoted_are_no_lines_in_quotes(delimiter):
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in [("a", "b", "c"), *ORDERS]]
    raw = read_raw("\n".join(lines).encode())
    assert raw.columns == ("a", "b", "c")
    assert raw.table["a"].to_pylist() == [who for who, *_ in ORDERS]
