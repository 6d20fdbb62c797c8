"""Damaged files: the intake brings home no wrong row, and says what it could not use."""

from __future__ import annotations

import pollution
import pytest

# one row of a file is damaged, so one row may be lost; a file in single quotes loses its quotes
MAY_LOSE = {
    "delimiter of one row differs": 1, "quote in one cell not closed": 1,
    "one row with a cell too many": 1, "one row with a cell too few": 1,
    "single quotes": 30, "delimiter blank": pollution.ROWS,
}  # fmt: skip


@pytest.mark.parametrize("name", pollution.POLLUTIONS)
def test_no_row_is_wrong_and_none_is_lost_without_a_word(name):
    cells, truth = pollution.orders()
    wanted = {"empty file": [], "header only": [], "one row": truth[:1]}.get(name, truth)
    found, said = pollution.intake(pollution.POLLUTIONS[name](cells))
    right, wrong = pollution.score(found, wanted)
    assert wrong == 0
    assert right >= len(wanted) - MAY_LOSE.get(name, 0), said
    assert right == len(wanted) or said


def test_the_scores_tell_right_wrong_and_missing_rows_apart():
    _, truth = pollution.orders()
    assert pollution.score(truth, truth) == (len(truth), 0)
    assert pollution.score([*truth[1:], ("X", *truth[0][1:])], truth) == (len(truth) - 1, 1)


def test_the_rivals_read_a_clean_file_and_fail_where_they_are_known_to():
    cells, truth = pollution.orders()
    for read in (pollution.by_pandas, pollution.by_duckdb):
        assert pollution.score(read(pollution.POLLUTIONS["clean"](cells))[0], truth)[0] == len(
            truth
        )
        assert read(pollution.POLLUTIONS["not UTF-8"](cells))[1].startswith("refused")
