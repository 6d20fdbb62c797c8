"""The orders of a question, read by the intake: what it leaves out, doubts, or may not drop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.api.errors import ApiError, refused
from app.api.questions import Question
from clvcore.ingest import read_transactions
from clvcore.records.columns import LINE
from clvcore.records.errors import ClvError
from clvcore.records.transactions import QualityReport, Transactions

REFUSE = "refuse"
MOST_NAMED = 10
# How the reasons of the ledger begin that say a cell is blank or wrong; others are choices.
UNREADABLE = ("missing_", "invalid_", "unreadable_", "implausible_", "non_finite_")


def read_orders(question: Question) -> Transactions:
    """Read orders; rows that cannot be read are left out and counted, unless they may not be.

    Raises
    ------
    ApiError
        What the intake refuses, and ``INVALID_ROWS`` where ``on_invalid`` says so: with their
        count and the first of them, by index in the body and with the reason.
    """
    refuse = question.settings.on_invalid == REFUSE
    try:
        orders = read_transactions(question.rows, mapping=question.mapping)
    except ClvError as error:
        if refuse and error.code == "NO_USABLE_ROWS" and (count := _unreadable(error.values)):
            first = [(row, why) for row, why in error.values["first"] if _is_unreadable(why)]
            raise _invalid(count, first) from None
        raise refused(error) from None
    quality = orders.quality
    if refuse and (count := _unreadable({"dropped": quality.rows_dropped})):
        rejected = quality.rejected.head(MOST_NAMED)
        lines = (rejected[LINE] - 1).tolist()  # the intake counts from 1, JSON from 0
        raise _invalid(count, list(zip(lines, rejected["reason"].tolist(), strict=True)))
    doubted = replace(quality, warnings=question.notices + quality.warnings)
    return replace(orders, quality=doubted)


def quality_of(report: QualityReport, understood: dict[str, str]) -> dict[str, Any]:
    """Return the ledger of an answer, without the doubts, and under which keys it was read."""
    known = {k: v for k, v in report.to_dict().items() if k != "warnings"}
    return {"columns": understood, **known}


def _unreadable(values: dict[str, Any]) -> int:
    """Count the rows whose cells are blank or wrong."""
    return sum(rows for why, rows in values["dropped"].items() if _is_unreadable(why))


def _is_unreadable(reason: str) -> bool:
    return reason.startswith(UNREADABLE)


def _invalid(count: int, first: list[tuple[int, str]]) -> ApiError:
    rows = [{"index": index, "reason": reason} for index, reason in first]
    return ApiError("INVALID_ROWS", parameter="data", location="body", count=count, rows=rows)
