"""The first sheet of an exported workbook: what the forecast says, with charts of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from clvcore.records.columns import FORECAST, SEGMENTS
from clvcore.records.run import Run

SHEET = "summary"
TOTALS_AT, MONTHS_AT = 12, 20
CHARTS_BESIDE = 8


def add_summary(book: Any, run: Run, *, listed: int, money: str) -> None:
    """Add a sheet with provenance, totals with their intervals, months, and two charts.

    Parameters
    ----------
    book
        An open ``xlsxwriter.Workbook`` without a sheet of that name.
    listed
        Customers in the list that follows.
    money
        Number format of amounts.
    """
    sheet = book.add_worksheet(SHEET)
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bottom": 1}),
        "money": book.add_format({"num_format": money}),
        "count": book.add_format({"num_format": "#,##0"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
    }
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 6, 18)
    _about(sheet, run, listed, styles)
    _totals(sheet, run, styles)
    months = _months(sheet, run, styles)
    _chart_of_segments(book, sheet)
    _chart_of_months(book, sheet, months)


def _about(sheet: Any, run: Run, listed: int, styles: dict[str, Any]) -> None:
    sheet.write_string(0, 0, "Customer lifetime value", styles["title"])
    facts = (
        ("As of", run.as_of, styles["day"]),
        ("Forecast up to", run.horizon_end, styles["day"]),
        ("Model", run.model, None),
        ("Intervals hold", f"{run.config.confidence_level:.0%}", None),
        ("Trust verdict", run.trust.verdict.replace("_", " "), None),
        ("Customers forecast", len(run.customers), styles["count"]),
        ("Customers in this list", listed, styles["count"]),
        ("Fingerprint of the orders", run.data_hash[:16], None),
    )
    for row, (name, fact, style) in enumerate(facts, start=2):
        sheet.write_string(row, 0, name)
        if style is styles["day"]:
            sheet.write_datetime(row, 1, fact, style)
        elif isinstance(fact, int):
            sheet.write_number(row, 1, fact, style)
        else:
            sheet.write_string(row, 1, str(fact))


def _totals(sheet: Any, run: Run, styles: dict[str, Any]) -> None:
    _head(sheet, TOTALS_AT, ("Group", "Customers", "Expected value", "From", "To"), styles)
    totals = run.totals.set_index(["scope", "key"])
    keys = [("all", "all"), *(("segment", segment) for segment in SEGMENTS)]
    for row, key in enumerate(keys, start=TOTALS_AT + 1):
        sheet.write_string(row, 0, "everybody" if key[1] == "all" else f"{key[1]} value")
        if key not in totals.index:
            sheet.write_number(row, 1, 0, styles["count"])
            continue
        found = totals.loc[[key]]
        sheet.write_number(row, 1, int(found["customers"].iloc[0]), styles["count"])
        for column, name in enumerate(("clv", "clv_lower", "clv_upper"), start=2):
            _amount(sheet, row, column, float(found[name].iloc[0]), styles)


def _months(sheet: Any, run: Run, styles: dict[str, Any]) -> int:
    """Write history and forecast by month; return how many rows there are."""
    _head(sheet, MONTHS_AT, ("Month to", "Observed", "Expected", "From", "To"), styles)
    months = run.timeline
    for row, day in enumerate(months["month"].dt.to_pydatetime(), start=MONTHS_AT + 1):
        sheet.write_datetime(row, 0, day, styles["day"])
    ahead = months["kind"].eq(FORECAST)
    columns = (
        months["revenue"].mask(ahead), months["revenue"].where(ahead), months["lower"],
        months["upper"],
    )  # fmt: skip
    for column, amounts in enumerate(columns, start=1):
        for row, amount in enumerate(amounts.astype("float64"), start=MONTHS_AT + 1):
            _amount(sheet, row, column, amount, styles)
    return len(months)


def _head(sheet: Any, row: int, names: Sequence[str], styles: dict[str, Any]) -> None:
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, styles["head"])


def _amount(sheet: Any, row: int, column: int, value: float, styles: dict[str, Any]) -> None:
    if math.isfinite(value):
        sheet.write_number(row, column, value, styles["money"])


def _chart_of_segments(book: Any, sheet: Any) -> None:
    first, last = TOTALS_AT + 2, TOTALS_AT + 1 + len(SEGMENTS)
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": "Expected value",
            "categories": [SHEET, first, 0, last, 0],
            "values": [SHEET, first, 2, last, 2],
            "fill": {"color": "#0B5CAD"},
        }
    )
    chart.set_title({"name": "Expected value by segment"})
    chart.set_legend({"none": True})
    sheet.insert_chart(1, CHARTS_BESIDE, chart)


def _chart_of_months(book: Any, sheet: Any, months: int) -> None:
    first, last = MONTHS_AT + 1, MONTHS_AT + max(months, 1)
    chart = book.add_chart({"type": "line"})
    lines = (
        (1, "#1B2430", "solid", 2.25), (2, "#0B5CAD", "dash", 2.25),
        (3, "#9CC2E5", "solid", 1.0), (4, "#9CC2E5", "solid", 1.0),
    )  # fmt: skip
    for column, color, dash, width in lines:
        chart.add_series(
            {
                "name": [SHEET, MONTHS_AT, column],
                "categories": [SHEET, first, 0, last, 0],
                "values": [SHEET, first, column, last, column],
                "line": {"color": color, "dash_type": dash, "width": width},
            }
        )
    chart.set_title({"name": "Revenue per month"})
    chart.set_x_axis({"date_axis": True, "num_format": "yyyy-mm"})
    chart.show_blanks_as("gap")
    sheet.insert_chart(17, CHARTS_BESIDE, chart)
