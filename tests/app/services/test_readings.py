"""Both readings of a column are those the intake makes once it is told which one counts."""

from __future__ import annotations

import datetime as dt

import pytest

from app.services.readings import Question, open_question
from clvcore.ingest import guess_mapping, read_raw, validate
from clvcore.records.errors import DataError

HEAD = b"customer_id;date;amount\n"


def _asked(rows: str) -> tuple[DataError, Question | None]:
    raw = read_raw(HEAD + rows.encode())
    with pytest.raises(DataError) as refused:
        validate(raw, guess_mapping(raw).mapping)
    return refused.value, open_question(raw, refused.value)


def test_rows_that_both_readings_agree_on_are_not_shown():
    _, question = _asked("A;01/01/2024;1\nA;03/02/2024;2\nB;03/02/2024;2\nB;;2\nC;12/11/2024;3\n")
    assert question is not None
    assert (question.setting, question.column) == ("date_order", "date")
    assert (question.lines, question.written) == ((3, 6), ("03/02/2024", "12/11/2024"))
    by_choice = {reading.choice: reading for reading in question.readings}
    assert by_choice["dmy"].values == (dt.date(2024, 2, 3), dt.date(2024, 11, 12))
    assert by_choice["mdy"].values == (dt.date(2024, 3, 2), dt.date(2024, 12, 11))
    assert by_choice["dmy"].bounds == (dt.date(2024, 1, 1), dt.date(2024, 11, 12))


def test_numbers_carry_their_sum_and_survive_the_trip_from_the_child():
    _, question = _asked("A;2024-01-20;1.234\nB;2024-02-20;-2.500\nA;2024-03-20;\n")
    assert question is not None
    point, comma = question.readings
    assert (point.choice, point.values, point.total) == (".", (1.234, -2.5), 1.234 - 2.5)
    assert (comma.choice, comma.values, comma.bounds) == (",", (1234.0, -2500.0), (-2500.0, 1234.0))
    assert Question.from_dict(question.to_dict()) == question


def test_other_refusals_ask_nothing():
    error, question = _asked("A;2024-01-20;€1,50\nB;2024-02-20;$2,50\n")
    assert error.code == "MIXED_CURRENCIES"
    assert question is None
