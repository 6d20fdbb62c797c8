"""Whatever a file holds: every row and every cent is used or dropped for a reason."""

import csv
import io
import math
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clvcore.ingest import read_raw, read_transactions, validate
from clvcore.ingest.columns.mapping import Mapping
from clvcore.records.errors import DataError

MAPPING = Mapping(
    customer_id="customer", date="date", amount="amount", decimal=".", date_order="dmy"
)
WHO = st.sampled_from(["A", "B", " A ", "007", "", "NA", "x" * 300, "two\nlines", "José"])
WHEN = st.sampled_from(
    ["2024-01-05", "2024-02-06", "05/01/2024", "31/12/2023", "", "soon", "1970-01-01", "2024-02-30"]
)
PAID = st.sampled_from(
    ["1.50", "20", "-3.25", "0", "", "free", "inf", "1e16", "(4.10)", "1,234.50", "€7.07", "0.1"]
)
VALUE = {
    "1.50": 1.5, "20": 20.0, "-3.25": -3.25, "0": 0.0, "(4.10)": -4.1, "1,234.50": 1234.5,
    "€7.07": 7.07, "0.1": 0.1,
}  # fmt: skip
EXTRA = st.sampled_from([0, 0, 0, 0, -1, 1])
# a ragged row of several lines is taken for the work of a stray quote, line by line
# and a row without a single filled cell is a blank line
ROW = st.tuples(WHO, WHEN, PAID, EXTRA).filter(
    lambda row: not (row[3] and "\n" in row[0]) and (row[3] >= 0 or any(map(str.strip, row[:3])))
)


def as_csv(rows):
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["customer", "date", "amount", "note"])
    for who, when, paid, extra in rows:
        cells = [who, when, paid, "note", "too much"]
        out.writerow(cells[: 4 + extra])
    return text.getvalue().encode()


def exact(amounts):
    return float(sum((Fraction(amount) for amount in amounts), Fraction()))


@settings(max_examples=60)
@given(st.lists(ROW, min_size=1, max_size=30))
def test_rows_and_money_add_up(rows):
    data = as_csv([("buys", "2024-01-01", "1.50", 0), *rows])
    quality = validate(read_raw(data), MAPPING).quality
    assert quality.rows_in == len(rows) + 1
    assert quality.rows_in == quality.rows_used + sum(quality.rows_dropped.values())
    assert quality.rows_dropped.get("ragged_row", 0) == sum(bool(row[3]) for row in rows)
    money = [1.5, *[VALUE.get(paid, 0.0) for _, _, paid, extra in rows if not extra]]
    assert quality.amount_in == exact(money)
    parts = [quality.amount_used, *quality.amount_dropped.values()]
    assert math.isclose(math.fsum(parts), quality.amount_in, abs_tol=1e-9)
    assert set(quality.rows_dropped) == set(quality.amount_dropped)
    listed = quality.rows_in - quality.rows_used - quality.rows_dropped.get("returned", 0)
    assert len(quality.rejected) == listed


@settings(max_examples=20)
@given(st.lists(ROW, min_size=1, max_size=15), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_but_the_order_of_lines(rows, chance):
    rows = [("buys", "2023-01-01", "1.50", 0), *[row for row in rows if not row[3]]]
    first = validate(read_raw(as_csv(rows)), MAPPING)
    chance.shuffle(rows)
    second = validate(read_raw(as_csv(rows)), MAPPING)
    assert second.content_hash == first.content_hash
    assert second.quality.rows_dropped == first.quality.rows_dropped
    assert second.quality.amount_in == first.quality.amount_in


def damaged(data, chance):
    """Return ``data`` with a few bytes changed, lost or doubled."""
    broken = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(broken))
        kind = chance.randrange(3)
        if kind == 0:
            broken[place] = chance.choice(b'",;\n\r\t\x00\xff0.-A')
        elif kind == 1:
            del broken[place : place + chance.randint(1, 9)]
        else:
            broken[place:place] = broken[place : place + chance.randint(1, 40)]
        if not broken:
            break
    return bytes(broken)


@pytest.mark.parametrize("seed", range(150))
def test_a_damaged_file_is_read_with_a_ledger_or_refused_with_a_code(seed):
    chance = random.Random(seed)  # noqa: S311
    rows = [
        (f"c{chance.randint(1, 5)}", f"2024-01-{chance.randint(13, 28)}", "12.50", 0)
        for _ in range(20)
    ]
    read = outcome(damaged(as_csv(rows), chance))
    if isinstance(read, DataError):
        assert read.code
        assert "{" not in str(read)
    else:
        assert read.rows_in == read.rows_used + sum(read.rows_dropped.values())
        assert read.rows_in <= 60


def outcome(data):
    try:
        return read_transactions(data).quality
    except DataError as refusal:
        return refusal
