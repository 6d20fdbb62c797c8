"""How far a shop has moved since the forecast that scores it was fitted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.widgets.card import card
from app.words.text import DASH, Words
from clvcore.records.columns import PSI
from clvcore.records.run import Run

ROW_HEIGHT, HEAD_HEIGHT = 38, 35
MONEY = ("monetary_value", "revenue_to_date", "spent")


def drift_card(w: Words, run: Run) -> None:
    """Say whether anything has moved too far, and show every measure."""
    shown = drift_frame(w, run)
    column = st.column_config
    with card(_finding(w, run), _how(w), key="drift"):
        st.dataframe(
            shown,
            hide_index=True,
            column_config={
                "what": column.TextColumn(w("What"), width=232),
                "verdict": column.TextColumn(w("Since then"), width=168),
                "measure": column.TextColumn(w("Measured"), width=110, alignment="right"),
                "limit": column.TextColumn(w("Limit"), width=130, alignment="right"),
                "then": column.TextColumn(w("Then"), width=110, alignment="right"),
                "now": column.TextColumn(w("Now"), width=110, alignment="right"),
            },
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * len(shown) + HEAD_HEIGHT,
            key="drift-table",
            alt=w("How far the shop has moved"),
        )


def drift_frame(w: Words, run: Run) -> pd.DataFrame:
    """Return the measures in words, those that moved first."""
    rows = [_row(w, row, run.currency) for _, row in run.drift.iterrows()]
    # on a phone only the first two are seen without scrolling
    columns = ["what", "verdict", "measure", "limit", "then", "now"]
    frame = pd.DataFrame(rows, columns=columns)
    order = (~run.drift["drifted"]).to_numpy().argsort(kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _row(w: Words, row: pd.Series[Any], currency: str | None) -> dict[str, str]:
    said = {"what": _names(w)[row["measure"]]}
    for side in ("then", "now"):
        is_money = row["measure"] in MONEY
        said[side] = w.money(row[side], currency) if is_money else w.number(row[side])
    if row["statistic"] == PSI:
        said["measure"] = w.number(row["value"], 2)
        said["limit"] = w.number(row["upper"], 2)
    else:
        said["measure"] = w.percent(row["value"])
        said["limit"] = w.percent(row["lower"]) + DASH + w.percent(row["upper"])
    said["verdict"] = w("Moved too far") if row["drifted"] else w("As it was")
    return said


def _names(w: Words) -> dict[str, str]:
    return {
        "frequency": w("Repeat purchase days"),
        "recency": w("Days, first to last purchase"),
        "T": w("Days since the first purchase"),
        "days_since_last": w("Days since the last purchase"),
        "monetary_value": w("Mean amount of a repeat purchase"),
        "revenue_to_date": w("Revenue to date"),
        "spent": w("Spent since, of what was expected"),
    }


def _finding(w: Words, run: Run) -> str:
    moved = int(run.drift["drifted"].sum())
    if moved == 0:
        return w("The shop has not moved much since the forecast was fitted.")
    return w.plural(
        "The shop has moved in {n} of {of} measures since the forecast was fitted: fit again soon.",
        "The shop has moved in {n} of {of} measures since the forecast was fitted: fit again soon.",
        moved,
        of=len(run.drift),
    )


def _how(w: Words) -> str:
    return w(
        "Customers then and now, compared by the population stability index over the tenths of "
        "then: up to 0.2 is no cause to fit again. Time alone moves the days since the first "
        "purchase. Spending is that of the customers known then."
    )
