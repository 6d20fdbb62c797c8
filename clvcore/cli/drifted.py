"""How far a shop has moved since the forecast that scores it was fitted, for the terminal."""

from __future__ import annotations

from typing import Any

from clvcore.cli.page import Page
from clvcore.cli.tables import rows_of
from clvcore.cli.words import money, percent
from clvcore.records.columns import PSI
from clvcore.records.run import Run

WORDS = {
    "frequency": "repeat purchases",
    "recency": "days, first to last purchase",
    "T": "days since the first purchase",
    "days_since_last": "days since the last purchase",
    "monetary_value": "amount per repeat purchase",
    "revenue_to_date": "revenue to date",
    "spent": "spent since, of what was forecast",
}


def show_drift(page: Page, run: Run) -> None:
    """Print a scored run's drift; other runs have none."""
    if run.drift.empty:
        return
    columns = ("what", "then", "now", "measure", "limit", "")
    rows = [_row(row, run.currency) for row in rows_of(run.drift)]
    page.table("Drift since the forecast was fitted", columns, rows, text={"what", ""})


def _row(row: dict[str, Any], currency: str | None) -> tuple[str, ...]:
    what, verdict = WORDS[row["measure"]], "moved" if row["drifted"] else "as it was"
    if row["statistic"] == PSI:
        then, now = (f"{row[side]:,.1f}" for side in ("then", "now"))
        return what, then, now, f"PSI {row['value']:.2f}", f"{row['upper']:.2f}", verdict
    then, now = (money(row[side], currency, decimals=0) for side in ("then", "now"))
    limits = f"{percent(row['lower'])} to {percent(row['upper'])}"
    return what, then, now, percent(row["value"]), limits, verdict
