"""Sixteen hundred shop files of a day; ``make fuzz`` reads fifty thousand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from generate import AROUND, shop_file
from judge import BAD, LEDGER, RIGHT, SILENT, WARNED, WRONG, judge
from kinds import ROWS
from run import Tally, report
from wrapping import OLDER
from writing import LOCALES

PARTS, FILES = 8, 200
GUESSED = 4  # every so manieth file leaves the columns to the guess, which takes most of the time


@pytest.mark.parametrize("part", range(PARTS))
def test_no_crash_no_broken_ledger_and_no_wrong_value_without_a_question(part):
    tally = Tally()
    for number in range(FILES):
        shop = shop_file(f"test-{part}-{number}")
        tally.add(judge(shop, guess=number % GUESSED == 0))
    assert not tally.failures, report(tally, 0.0)
    # refusing everything would be no achievement
    assert tally.kinds[RIGHT] >= 0.75 * FILES, report(tally, 0.0)


def test_a_seed_is_a_file():
    first, again = shop_file("7-1"), shop_file("7-1")
    assert (first.data, first.rows) == (again.data, again.rows)
    assert first.data != shop_file("7-2").data


def test_files_of_every_kind_are_made():
    styles = [shop_file(f"kinds-{number}").style for number in range(1_200)]
    seen = {name: Counter(str(style[name]) for style in styles) for name in styles[0]}
    assert set(seen["locale"]) == {locale.name for locale in LOCALES}
    assert len(seen["dates"]) >= 15
    assert set(seen["encoding"]) >= {"utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "xlsx"}
    assert {encoding for older in OLDER.values() for encoding in older} <= set(seen["encoding"])
    made = {name.split()[0] for name in seen["kind"]}
    assert made == {"plain", *(kind.__name__.split("_")[0] for kind in ROWS)}
    assert set(seen["around"]) == set(AROUND)
    assert set(seen["delimiter"]) == {",", ";", "\t", "|"}
    for name in ("header", "gzip", "title"):
        assert set(seen[name]) == {"True", "False"}


def _plain():
    """Return a file that is read right at once and has several good rows."""
    for number in range(100):
        shop = shop_file(f"plain-{number}")
        if judge(shop).kind == RIGHT and sum(row.fault is None for row in shop.rows) > 4:
            return shop
    raise AssertionError("no file was read right")


def test_the_judge_sees_every_kind_of_error():
    shop = _plain()
    place, row = next((n, row) for n, row in enumerate(shop.rows) if row.fault is None)
    for wrong in (
        {"amount": row.amount + 0.01}, {"customer": row.customer + "0"}, {"line": row.line + 1},
        {"day": row.day.replace(year=row.day.year - 1, day=1)}, {"fault": "missing_date"},
    ):  # fmt: skip
        rows = (*shop.rows[:place], replace(row, **wrong), *shop.rows[place + 1 :])
        assert judge(replace(shop, rows=rows)).kind == WRONG, wrong
    assert judge(replace(shop, rows=shop.rows[:-1])).kind == LEDGER
    assert judge(replace(shop, must=frozenset({"NEVER_SAID"}))).kind == SILENT
    assert judge(replace(shop, must=frozenset(), words=frozenset({"NEVER_SAID"}))).kind == RIGHT
    assert {WRONG, LEDGER, SILENT} <= set(BAD)
    assert WARNED not in BAD


def test_a_value_other_than_meant_is_no_secret_where_a_word_is_said():
    for number in range(400):
        shop = shop_file(f"dummy-{number}")
        if shop.style["kind"] == "nobody" and judge(shop).kind == RIGHT:
            break
    first = next(place for place, row in enumerate(shop.rows) if row.fault is None)
    rows = [*shop.rows]
    rows[first] = replace(rows[first], customer="someone else")
    assert judge(replace(shop, rows=tuple(rows))).kind == WARNED
    assert judge(replace(shop, rows=tuple(rows), words=frozenset())).kind == WRONG
