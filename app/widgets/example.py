"""A faded example of what is to come, for pages that have nothing to show yet."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import streamlit as st

from app.charts.drawing import Canvas
from app.charts.history import history
from app.charts.theme import CONFIG
from app.widgets.card import heading
from app.widgets.look import current_palette
from app.words.text import Words
from clvcore.records.columns import FORECAST, OBSERVED
from clvcore.records.horizon import add_months

LAST_DAY = dt.date(2025, 6, 30)
OBSERVED_MONTHS = (
    490, 545, 560, 610, 620, 640, 585, 580, 610, 920, 1060, 1120, 370, 510, 475, 555, 460, 720,
)  # fmt: skip
EXPECTED_MONTHS = (590, 575, 600, 680, 725, 670, 520, 480, 480, 478, 482, 500)


def example_card(w: Words) -> None:
    """Draw invented months in grey, so that nobody takes them for their own."""
    colors = current_palette()
    faded = dataclasses.replace(colors, ink=colors.lost, expected=colors.low)
    drawing = history(
        _invented(),
        as_of=LAST_DAY,
        customers=1_000,
        level=0.95,
        canvas=Canvas(w, faded),
    )
    with st.container(border=True, key="example"):
        heading(
            w("What this page will show"),
            w("An invented example: spending so far, and where it should land."),
        )
        st.plotly_chart(
            drawing.figure,
            theme=None,
            config=CONFIG | {"staticPlot": True},
            height=drawing.height,
            key=f"example-{colors.name}",
            alt=w("An invented example of a forecast: a line of past months, then a band ahead."),
        )


def _invented() -> pd.DataFrame:
    past = [
        {
            "month": add_months(LAST_DAY, k - len(OBSERVED_MONTHS) + 1),
            "kind": OBSERVED,
            "revenue": v,
        }
        for k, v in enumerate(OBSERVED_MONTHS)
    ]
    ahead = [
        {
            "month": add_months(LAST_DAY, k + 1),
            "kind": FORECAST,
            "revenue": v,
            "lower": v * (0.94 - 0.02 * k),
            "upper": v * (1.06 + 0.03 * k),
        }
        for k, v in enumerate(EXPECTED_MONTHS)
    ]
    return pd.DataFrame(past + ahead).assign(purchases=0.0)
