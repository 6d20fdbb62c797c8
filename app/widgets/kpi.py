"""A row of figures: label, value, interval where one exists, range in words, definition."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from app.charts.theme import Palette
from app.widgets.look import current_palette
from app.words.figures import HEADROOM, Change, Interval, Kpi
from app.words.text import md

LEAST_WIDTH = 158


def kpi_row(kpis: Sequence[Kpi], *, key: str, least_width: int = LEAST_WIDTH) -> None:
    """Draw figures side by side; two across on a phone."""
    grid = st.grid(len(kpis), min_column_width=least_width, border=True, key=key)
    for kpi in kpis:
        with grid.cell():
            st.metric(
                md(kpi.label),
                kpi.value,
                icon=kpi.icon,
                help=md(kpi.help) if kpi.help else None,
                **_delta(kpi.change),
            )
            st.html(below(kpi, current_palette()))


def _delta(change: Change | None) -> dict[str, Any]:
    """Return what a metric is told about a change; nothing where there is none to tell."""
    if change is None:
        return {}
    return {
        "delta": change.text,
        "delta_color": "normal" if change.judged and change.moved else "off",
        "delta_arrow": "auto" if change.moved else "off",
        "delta_description": change.since,
    }


def below(kpi: Kpi, colors: Palette) -> str:
    """Return what stands under the value; every text is escaped."""
    parts = []
    if kpi.interval is not None and kpi.interval.known:
        parts.append(strip(kpi.interval, colors))
    if kpi.words:
        parts.append(f'<p class="clv-words">{escape(kpi.words)}</p>')
    if kpi.definition:
        parts.append(
            f'<p class="clv-small" style="color:{colors.muted}">{escape(kpi.definition)}</p>'
        )
    return "".join(parts) or '<p class="clv-words"></p>'


def strip(interval: Interval, colors: Palette) -> str:
    """Return the band from low to high on a hairline from zero, and the mark at the value."""
    scale = interval.scale or interval.high * HEADROOM
    left, right, mark = (
        100.0 * min(max(v / scale, 0.0), 1.0) for v in (interval.low, interval.high, interval.value)
    )
    ends, core = colors.expected_at(0.18), colors.expected_at(0.75)
    middle = 50.0 if right <= left else 100.0 * (mark - left) / (right - left)
    band = f"linear-gradient(90deg,{ends},{core} {middle:.1f}%,{ends})"
    return (
        '<div aria-hidden="true" style="position:relative;height:14px;margin:0 0 .45rem">'
        f'<div style="position:absolute;left:0;right:0;top:6px;height:1px;'
        f'background:{colors.hairline}"></div>'
        f'<div style="position:absolute;left:{left:.1f}%;width:{max(right - left, 0.6):.1f}%;'
        f'top:3px;height:7px;border-radius:4px;background:{band}"></div>'
        f'<div style="position:absolute;left:calc({mark:.1f}% - 1px);width:3px;top:0;height:13px;'
        f'background:{colors.expected}"></div></div>'
    )
