"""The customers whose expected value changed most."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.widgets.card import card
from app.words.groups import risk_names, segment_names
from app.words.text import Words
from clvcore.runs.comparison import JOINED, LEFT, STAYED, Comparison

MOST_SHOWN, ROWS_TALL = 1_000, 12
ROW_HEIGHT, HEAD_HEIGHT = 38, 35
ARROW, WHOLE_FROM = " → ", 100.0


def part_names(w: Words) -> dict[str, str]:
    """Return what became of one customer."""
    return {STAYED: w("Still here"), JOINED: w("New here"), LEFT: w("Gone")}


def movers_card(w: Words, comparison: Comparison) -> None:
    """List them, the largest change first."""
    shown = movers_frame(w, comparison.customers.head(MOST_SHOWN))
    total = len(comparison.customers)
    sign = w.sign(comparison.currency)
    unit = f", {sign}" if sign else ""
    column = st.column_config
    with card(
        w("The customers who moved most"),
        w("{shown} of {rows} customers, largest change first.", shown=len(shown), rows=total),
    ):
        st.dataframe(
            shown,
            hide_index=True,
            column_config={
                "customer": column.TextColumn(w("Customer"), width=120, pinned=True),
                "part": column.TextColumn(w("Since then"), width=92),
                "segment": column.TextColumn(w("Value"), width=150),
                "risk": column.TextColumn(w("Risk"), width=150),
                "clv_before": _money(w("Expected then") + unit, 138),
                "clv_after": _money(w("Expected now") + unit, 138),
                "change": _money(w("Change") + unit, 130),
            },
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * min(len(shown), ROWS_TALL) + HEAD_HEIGHT,
            placeholder="–",
            key="movers-table",
            alt=w("The customers who moved most"),
        )


def movers_frame(w: Words, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as the table shows them: words for codes, one text for then and now."""
    values, risks = segment_names(w), risk_names(w)
    decimals = 0 if customers["change"].abs().max() >= WHOLE_FROM else 2
    return pd.DataFrame(
        {
            "customer": customers.index.astype("str"),
            "change": customers["change"].round(decimals).to_numpy(),
            "clv_before": customers["clv_before"].round(decimals).to_numpy(),
            "clv_after": customers["clv_after"].round(decimals).to_numpy(),
            "part": customers["part"].map(part_names(w)).to_numpy(),
            "segment": _then_and_now(customers, "segment", values),
            "risk": _then_and_now(customers, "risk", risks),
        }
    )


def _then_and_now(customers: pd.DataFrame, column: str, names: dict[str, str]) -> list[str]:
    """Write "High → Low"; what has not changed, or is known on one side only, stands once."""
    said = []
    for before, after in zip(
        customers[f"{column}_before"], customers[f"{column}_after"], strict=True
    ):
        known = [names[code] for code in (before, after) if isinstance(code, str)]
        said.append(ARROW.join(dict.fromkeys(known)))
    return said


def _money(name: str, width: int) -> object:
    return st.column_config.NumberColumn(name, width=width, format="localized")
