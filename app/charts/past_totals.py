"""Past totals against their ranges: what was expected on a past date, and what then happened."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks
from app.words.groups import group_name
from app.words.past_totals import OUTER, at_level, day_of, inside, outer, totals_words
from app.words.text import Words
from clvcore.records.columns import SEGMENTS

ROW, SMALL_ROW, LEAST_HEIGHT = 132, 78, 260
INNER = 0.5
BAR, BELOW = 0.12, 0.24
TURN, NEAR_ZERO = 0.62, 0.12


def past_totals(frame: pd.DataFrame, *, window: str, canvas: Canvas) -> Drawing:
    """Draw range, expected total and what happened for each past date.

    Parameters
    ----------
    frame
        ``clvcore.records.columns.PAST_TOTALS_FRAME``; all its scopes are in the table.
    window
        Length of the past windows in words.
    """
    w = canvas.w
    whole = at_level(frame, "all")
    shown = rows_drawn(frame)
    inner = _inner(frame, shown)
    height = max(LEAST_HEIGHT, 40 + (ROW if len(shown) < 3 else SMALL_ROW) * len(shown))
    figure = canvas.figure(
        height=height, barmode="overlay", margin={"l": 0, "r": 12, "t": 4, "b": 0}
    )
    _bars(figure, shown, 0.34, canvas)
    if inner is not None:
        _bars(figure, inner, 0.68, canvas)
    top = float(shown[["upper", "actual"]].max(axis=None)) if len(shown) else 0.0
    ticks = money_ticks(top)
    end = max(ticks[-1], top) * 1.06
    _expected(figure, shown, end, canvas)
    _happened(figure, shown, end, canvas)
    _axes(figure, shown, ticks, end, canvas)
    return Drawing(
        name=w("past totals"),
        title=totals_words(w, whole),
        subtitle=_subtitle(frame, window, both=inner is not None, canvas=canvas),
        alt=_alt(whole, window, canvas),
        figure=figure,
        table=_table(at_level(frame), canvas),
        height=height,
    )


def rows_drawn(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the whole of each past date; beside a single one stand its value groups."""
    whole = at_level(frame, "all")
    if len(whole) != 1:
        return whole
    groups = at_level(frame, "segment").sort_values(
        "key", key=lambda keys: keys.map(SEGMENTS.index), kind="stable"
    )
    return pd.concat([whole, groups], ignore_index=True)


def _inner(frame: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame | None:
    """Return the same rows at one time in two, where all of them were measured."""
    names = ["origin", "scope", "key"]
    at = frame[frame["level"].round(2) == INNER].set_index(names)
    wanted = pd.MultiIndex.from_frame(shown[names])
    if outer(frame) <= INNER or shown.empty or not wanted.isin(at.index).all():
        return None
    return at.loc[wanted].reset_index()


def _bars(figure: go.Figure, shown: pd.DataFrame, alpha: float, canvas: Canvas) -> None:
    figure.add_bar(
        y=list(range(len(shown))),
        x=shown["upper"] - shown["lower"],
        base=shown["lower"],
        orientation="h",
        width=BAR,
        marker={"color": canvas.colors.expected_at(alpha), "line": {"width": 0}},
        hoverinfo="skip",
        name="range",
    )


def _expected(figure: go.Figure, shown: pd.DataFrame, end: float, canvas: Canvas) -> None:
    """Draw what was expected, its words above; near zero they would run into the names."""
    w, colors, near = canvas.w, canvas.colors, list(shown["forecast"])
    rows = list(range(len(shown)))
    figure.add_scatter(
        x=shown["forecast"],
        y=rows,
        mode="markers+text",
        marker={
            "size": 12, "color": colors.expected, "line": {"color": colors.ground, "width": 2},
        },
        text=[f"<b>{canvas.money(v)}</b>" for v in shown["forecast"]],
        textposition=["top right" if v < NEAR_ZERO * end else "top center" for v in near],
        textfont={"size": 12.5, "color": colors.ink},
        customdata=[
            [
                w("expected {value}", value=canvas.money(row.forecast)),
                w.money_range(row.lower, row.upper, canvas.currency),
            ]
            for row in shown.itertuples()
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        cliponaxis=False,
        name="expected",
    )  # fmt: skip


def _happened(figure: go.Figure, shown: pd.DataFrame, end: float, canvas: Canvas) -> None:
    """Draw the fact in ink below its range, its words on the side that has room."""
    w, colors = canvas.w, canvas.colors
    held = list(inside(shown))
    said = [
        w("really {value}", value=f"<b>{canvas.money(v)}</b>")
        if kept
        else w("really {value}, outside", value=f"<b>{canvas.money(v)}</b>")
        for v, kept in zip(shown["actual"], held, strict=True)
    ]
    right = [v < TURN * end for v in shown["actual"]]
    figure.add_scatter(
        x=shown["actual"],
        y=[row + BELOW for row in range(len(shown))],
        mode="markers+text",
        marker={"size": 11, "symbol": "diamond", "color": colors.ink},
        text=[f"  {text}" if r else f"{text}  " for text, r in zip(said, right, strict=True)],
        textposition=["middle right" if r else "middle left" for r in right],
        textfont={"size": 12.5, "color": [colors.ink if k else colors.attention for k in held]},
        hoverinfo="skip",
        cliponaxis=False,
        name="happened",
    )


def _axes(
    figure: go.Figure, shown: pd.DataFrame, ticks: list[float], end: float, canvas: Canvas
) -> None:
    w, ink = canvas.w, f"<span style='color:{canvas.colors.ink}'>"
    figure.update_xaxes(showgrid=True, tickvals=ticks, ticktext=canvas.ticks(ticks), range=[0, end])
    figure.update_yaxes(
        showgrid=False,
        tickvals=list(range(len(shown))),
        ticktext=[
            f"<b>{ink}{_name(w, row)}</span></b><br>"
            + w.plural("{n} customer", "{n} customers", int(row.customers))
            for row in shown.itertuples()
        ],
        tickfont={"size": 12.5},
        range=[len(shown) - 0.45, -0.5],
    )


def _name(w: Words, row: object) -> str:
    """Call a whole by its date, and a part of it by what it is."""
    if row.scope == "all":
        return group_name(w, "origin", row.origin)
    return group_name(w, row.scope, row.key)


def _subtitle(frame: pd.DataFrame, window: str, *, both: bool, canvas: Canvas) -> str:
    w = canvas.w
    what = w(
        "Spend of everybody known on the date, over the {window} that followed{unit}.",
        window=window,
        unit=canvas.unit,
    )
    if frame.empty:
        return what
    odds = w.odds(outer(frame))
    marks = (
        w("Dot: expected then; dark bar: 1 time in 2; pale bar: {odds}; diamond: what happened.",
          odds=odds)
        if both
        else w("Dot: expected then; bar: {odds}; diamond: what happened.", odds=odds)
    )  # fmt: skip
    return f"{what} {marks}"


def _alt(shown: pd.DataFrame, window: str, canvas: Canvas) -> str:
    w = canvas.w
    if shown.empty:
        return w("No past totals to show.")
    told = [
        w(
            "from {day} expected {forecast}, between {low} and {high}, and really {actual}",
            day=day_of(row.origin),
            forecast=canvas.money(row.forecast),
            low=canvas.money(row.lower),
            high=canvas.money(row.upper),
            actual=canvas.money(row.actual),
        )
        for row in shown.itertuples()
    ]
    return w(
        "Dot and bar chart of totals over {window}: {list}. {title}.",
        window=window,
        list="; ".join(told),
        title=totals_words(w, shown),
    )


def _table(totals: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    level = float(totals["level"].iloc[0]) if len(totals) else OUTER
    rows = list(totals.itertuples())
    return pd.DataFrame(
        {
            w("Date"): [w.date(day_of(row.origin)) for row in rows],
            w("Group"): [group_name(w, row.scope, row.key) for row in rows],
            w("Customers"): [w.count(row.customers) for row in rows],
            w("Expected"): [canvas.money(row.forecast) for row in rows],
            w.odds(level): [w.money_range(row.lower, row.upper, canvas.currency) for row in rows],
            w("Really"): [canvas.money(row.actual) for row in rows],
            w("Inside"): [w("yes") if kept else w("no") for kept in inside(totals)],
        }
    )
