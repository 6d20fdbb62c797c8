"""The list itself: what each column is called, how wide it is, and which are shown."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import pandas as pd
import streamlit as st

from app.widgets.drawn_once import made_once
from app.widgets.in_address import coded_choice, coded_pills
from app.widgets.look import current_palette
from app.words.groups import action_words, risk_names, segment_names
from app.words.run_in_view import cohort_words
from app.words.text import Words
from clvcore.records.run import Run
from clvcore.value.actions import value_at_stake

MOST_SHOWN = 1_000
ROW_HEIGHT, HEAD_HEIGHT = 38, 35
ROWS_TALL = 14
WHOLE_FROM = 100.0
DEFAULT = ("segment", "risk", "clv", "range", "p_alive", "at_stake", "last_purchase", "frequency")
OPTIONAL = (
    "action", "cohort", "expected_purchases", "p_purchase", "revenue_to_date",
    "predicted_total_value", "first_purchase", "short_history",
)  # fmt: skip
SMALLEST_FIRST = ("p_alive", "last_purchase", "customer")
MONEY = ("clv", "at_stake", "revenue_to_date", "predicted_total_value")


def column_names(w: Words, run: Run) -> dict[str, str]:
    """Return the head of each column, with its unit."""
    sign = w.sign(run.currency)
    unit = f", {sign}" if sign else ""
    return {
        "customer": w("Customer"),
        "segment": w("Value"),
        "risk": w("Risk"),
        "clv": w("Expected") + unit,
        "range": w.odds_short(run.config.confidence_level),
        "p_alive": w("Still a customer"),
        "at_stake": w("At stake") + unit,
        "last_purchase": w("Last purchase"),
        "frequency": w("Days bought"),
        "action": w("What to do"),
        "cohort": w("Cohort"),
        "expected_purchases": w("Expected days"),
        "p_purchase": w("Buys again"),
        "revenue_to_date": w("Spent so far") + unit,
        "predicted_total_value": w("Past and future") + unit,
        "first_purchase": w("First purchase"),
        "short_history": w("Short history"),
    }


def column_chooser(w: Words, run: Run) -> list[str]:
    """Draw the menu of columns and return those chosen."""
    names = column_names(w, run)
    known = {name: names[name] for name in (*DEFAULT, *OPTIONAL)}
    with st.popover(w("Columns"), icon=":material/view_column:"):
        return coded_pills(w("Columns shown"), "columns", known, default=DEFAULT)


def order_chooser(w: Words) -> str:
    """Draw the orders the list can have and return the one chosen."""
    names = {
        "at_stake": w("Most at stake first"),
        "clv": w("Most expected first"),
        "p_alive": w("Likeliest gone first"),
        "last_purchase": w("Longest silent first"),
        "first_purchase": w("Newest first"),
        "frequency": w("Most days bought first"),
        "revenue_to_date": w("Most spent first"),
    }
    return coded_choice(w("Order"), "order", names, width=215)


def ranked(selection: pd.DataFrame, order: str = "at_stake") -> pd.DataFrame:
    """Sort by ``order``, then by what is at stake, what is expected, and the id."""
    keys = list(dict.fromkeys([order, "at_stake", "clv", "customer"]))
    return (
        selection.assign(at_stake=value_at_stake(selection))
        .reset_index(names="customer")
        .sort_values(keys, ascending=[key in SMALLEST_FIRST for key in keys])
        .set_index("customer")
    )


def customer_table(
    w: Words,
    run: Run,
    rows: pd.DataFrame,
    columns: Sequence[str],
    key: tuple[Hashable, ...] | None = None,
) -> str | None:
    """Draw the first thousand rows with the chosen columns; return the customer ticked.

    Parameters
    ----------
    key
        Names the run, its version, and which of its customers are listed in which order.
    """
    first = rows.head(MOST_SHOWN)
    if key is None:
        shown = table_frame(w, run, first)
    else:
        about = ("customers", key, w.language)
        shown = made_once(about, lambda: table_frame(w, run, first))
    event = st.dataframe(
        shown,
        hide_index=True,
        column_order=["customer", *columns],
        column_config=_config(w, run, rows),
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * min(len(shown), ROWS_TALL) + HEAD_HEIGHT,
        placeholder="–",
        key="customer-table",
        on_select="rerun",
        selection_mode="single-row",
        alt=w("Customers of the selection"),
    )
    ticked = event.selection.rows
    return str(shown.index[ticked[0]]) if ticked and ticked[0] < len(shown) else None


def table_frame(w: Words, run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as the table shows them: words for codes, one text for the range."""
    decimals = 0 if float(rows["clv"].max() if len(rows) else 0.0) >= WHOLE_FROM else 2
    shown = rows.assign(
        customer=rows.index.astype("str"),
        segment=rows["segment"].map(segment_names(w)),
        risk=rows["risk"].map(risk_names(w)),
        action=rows["action"].map(action_words(w)),
        cohort=[cohort_words(w, name) for name in rows["cohort"]],
        range=[
            w.money_range(low, high, run.currency)
            for low, high in zip(rows["clv_lower"], rows["clv_upper"], strict=True)
        ],
        p_alive=rows["p_alive"] * 100,
        p_purchase=rows["p_purchase"] * 100,
        frequency=rows["frequency"] + 1,
        expected_purchases=rows["expected_purchases"].round(1),
    )
    return shown.assign(**{column: shown[column].round(decimals) for column in MONEY})


def _config(w: Words, run: Run, rows: pd.DataFrame) -> dict[str, object]:
    names, colors, column = column_names(w, run), current_palette(), st.column_config
    day = "D MMM YYYY" if w.language == "en" else "DD/MM/YYYY"
    largest = max(float(rows["clv"].max() if len(rows) else 0.0), 1e-9)

    def text(name: str, width: int) -> object:
        return column.TextColumn(names[name], width=width)

    def money(name: str, width: int) -> object:
        return column.NumberColumn(names[name], width=width, format="localized")

    def percent(name: str, width: int) -> object:
        return column.ProgressColumn(
            names[name], width=width, min_value=0, max_value=100, format="%.0f%%",
            color=colors.muted,
        )  # fmt: skip

    return {
        "customer": column.TextColumn(names["customer"], width=92, pinned=True),
        "segment": text("segment", 66),
        "risk": text("risk", 76),
        "clv": column.ProgressColumn(
            names["clv"], width=130, min_value=0.0, max_value=largest, format="localized",
            color=colors.expected,
        ),
        "range": column.TextColumn(names["range"], width=124, alignment="right"),
        "p_alive": percent("p_alive", 106),
        "at_stake": money("at_stake", 80),
        "last_purchase": column.DateColumn(names["last_purchase"], width=98, format=day),
        "frequency": column.NumberColumn(names["frequency"], format="localized"),
        "action": text("action", 320),
        "cohort": text("cohort", 96),
        "expected_purchases": column.NumberColumn(
            names["expected_purchases"], width=112, format="localized"
        ),
        "p_purchase": percent("p_purchase", 122),
        "revenue_to_date": money("revenue_to_date", 116),
        "predicted_total_value": money("predicted_total_value", 128),
        "first_purchase": column.DateColumn(names["first_purchase"], width=112, format=day),
        "short_history": column.CheckboxColumn(names["short_history"], width=104),
    }  # fmt: skip
