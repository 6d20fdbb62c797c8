"""What past forecasts prove about the ranges, for the terminal and as JSON."""

from __future__ import annotations

from typing import Any

import pandas as pd

from clvcore.cli.page import Page
from clvcore.cli.tables import rows_of
from clvcore.cli.words import money, percent
from clvcore.records.columns import FREQUENCY_CLASSES, NOT_MEASURED, SEGMENTS
from clvcore.records.trust import Trust

LEFT_OUT = (
    "The forecast that ships has also learned from the last window; these figures leave it out."
)
_WORDS = {
    "all": "everybody",
    "one_time": "bought on 1 day",
    "few": "bought on 2 to 4 days",
    "many": "bought on 5 days or more",
    "high": "high value then",
    "medium": "medium value then",
    "low": "low value then",
}
_ORDER = ("all", *FREQUENCY_CLASSES, *SEGMENTS)


def trust_line(trust: Trust) -> str:
    """Return the verdict and what it rests on in one line."""
    verdict = trust.verdict.replace("_", " ")
    if trust.verdict == NOT_MEASURED and not trust.reasons:
        return f"Trust: {verdict}, no past date of this horizon could be checked."
    return " ".join([f"Trust: {verdict}.", *map(str, trust.reasons)])


def show_trust(page: Page, trust: Trust, currency: str | None, *, of: str) -> None:
    """Print the verdict on the ranges of one model, the share they held, and the past totals."""
    page.list(f"How far to trust the ranges of {of}", [trust_line(trust)])
    if trust.coverage.empty:
        return
    _show_coverage(page, trust.coverage)
    _show_past_totals(page, trust.totals, currency)
    page.sentence(LEFT_OUT)


def trust_document(trust: Trust) -> dict[str, Any]:
    """Return everything that was measured as JSON types."""
    return {
        "verdict": trust.verdict,
        "reasons": [{"code": reason.code, "message": str(reason)} for reason in trust.reasons],
        "window_days": trust.window_days,
        "is_full_length": trust.is_full_length,
        "season_seen": trust.season_seen,
        "level_uncertainty": trust.level_uncertainty,
        "coverage": rows_of(trust.coverage),
        "totals": rows_of(trust.totals),
        "pit": rows_of(trust.pit),
        "calibration": rows_of(trust.calibration),
    }


def _show_coverage(page: Page, frame: pd.DataFrame) -> None:
    levels = sorted(float(level) for level in frame["level"].unique())
    shares = {(row["key"], row["level"]): row for row in frame.to_dict("records")}
    rows = [
        (
            _WORDS[key],
            f"{shares[key, levels[0]]['customers']:,}",
            *(f"{100 * shares[key, level]['coverage']:.1f} %" for level in levels),
        )
        for key in _ORDER
        if (key, levels[0]) in shares
    ]
    columns = ("customers who", "count", *(f"held at {percent(level)}" for level in levels))
    heading = "Past dates: share of customers inside their range, by the share promised"
    page.table(heading, columns, rows, text={"customers who"})


def _show_past_totals(page: Page, totals: pd.DataFrame, currency: str | None) -> None:
    """Print the whole and the value groups; cohorts are counted only."""
    known = totals[totals["level"] == totals["level"].max()]
    groups = known[known["scope"].isin(("all", "segment")) & known["key"].isin(_ORDER)]
    ordered = sorted(groups.to_dict("records"), key=lambda row: _ORDER.index(row["key"]))
    rows = [
        (
            f"{str(row['origin'])[:10]}, {_WORDS[row['key']]}",
            money(row["forecast"], None, decimals=0),
            f"{money(row['lower'], None, decimals=0)} to {money(row['upper'], None, decimals=0)}",
            money(row["actual"], None, decimals=0),
            "inside" if row["lower"] <= row["actual"] <= row["upper"] else "outside",
        )
        for row in ordered
    ]
    if not rows:
        return
    level = percent(float(known["level"].iloc[0]))
    columns = ("customers of", "expected", f"{level} range", "what happened", "")
    unit = f", {currency}" if currency else ""
    page.table(f"Past totals and their ranges{unit}", columns, rows, text={"customers of", ""})
    inside = known["actual"].between(known["lower"], known["upper"])
    cohorts = known["scope"] == "cohort"
    if cohorts.any():
        page.sentence(
            f"Of {int(cohorts.sum())} totals of cohorts, {int(inside[cohorts].sum())} lay inside "
            "their range."
        )
