"""Promise against fact: the share of customers each range held, beside the share it promised."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing
from app.charts.theme import channels
from app.words.coverage import chance_words, judged, off_promise, points, whole, worst
from clvcore.backtest.coverage import GOOD_POINTS

HEIGHT = 350
LEFT, RIGHT, HIGHEST, LOWEST = 0.46, 1.0, 1.035, 0.44
LABELLED = {0.8: "bottom right", 0.95: "top left"}
ROOM_ABOVE = 0.86


def coverage(frame: pd.DataFrame, *, canvas: Canvas) -> Drawing:
    """Draw the share held at each level against the share promised, on the zone called good.

    Parameters
    ----------
    frame
        ``clvcore.records.columns.COVERAGE_FRAME``; only the scope ``all`` is drawn.
    """
    w, shown = canvas.w, whole(frame)
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 10, "t": 6, "b": 0})
    _zone(figure, canvas)
    _chance(figure, shown, canvas)
    _held(figure, shown, canvas)
    _sides(figure, shown, canvas)
    _axes(figure, shown, canvas)
    return Drawing(
        name=w("promised and held"),
        title=_title(shown, canvas),
        subtitle=w(
            "Share of customers whose real spend fell inside their range, by the share promised. "
            "Green: within {points} points, good. Line through a dot: what chance alone could "
            "move, {odds}.",
            points=round(GOOD_POINTS * 100),
            odds=w.odds(0.95),
        ),
        alt=_alt(shown, canvas),
        figure=figure,
        table=_table(shown, canvas),
        height=HEIGHT,
    )


def _zone(figure: go.Figure, canvas: Canvas) -> None:
    ends = [LEFT, RIGHT]
    good = "rgba({:.0f},{:.0f},{:.0f},0.16)".format(*channels(canvas.colors.good))
    for shift, fill in ((-GOOD_POINTS, None), (GOOD_POINTS, "tonexty")):
        figure.add_scatter(
            x=ends,
            y=[end + shift for end in ends],
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=good,
            hoverinfo="skip",
            name="good",
        )
    figure.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        line={"color": canvas.colors.good, "width": 1.3, "dash": "3px,3px"},
        hoverinfo="skip",
        name="promise",
    )


def _chance(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    """Draw every interval of chance as one trace with gaps."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row in shown.itertuples():
        x += [row.level, row.level, None]
        y += [row.wilson_lower, row.wilson_upper, None]
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": canvas.colors.ink, "width": 2},
        hoverinfo="skip",
        name="chance",
    )


def _held(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    """Draw the points, each named at the side that the rising line leaves free."""
    w, colors = canvas.w, canvas.colors
    places = [LABELLED.get(round(level, 2)) for level in shown["level"]]
    told = [
        [
            w("promised {level}", level=w.percent(row.level)),
            w("held {share}", share=f"<b>{w.percent(row.coverage, 1)}</b>"),
            chance_words(w, row.wilson_lower, row.wilson_upper),
        ]
        for row in shown.itertuples()
    ]
    figure.add_scatter(
        x=shown["level"],
        y=shown["coverage"],
        mode="lines+markers+text",
        line={"color": colors.ink, "width": 1.6},
        marker={"size": 11, "color": colors.ink, "line": {"color": colors.ground, "width": 2}},
        text=["<br>".join(t[:2]) if place else "" for t, place in zip(told, places, strict=True)],
        textposition=[place or "top left" for place in places],
        textfont={"size": 12.5, "color": colors.ink},
        customdata=told,
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        cliponaxis=False,
        name="held",
    )


def _sides(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    """Say what lies on either side of the promise, where the line leaves room."""
    w = canvas.w
    side = {
        "font": {"size": 12, "color": canvas.colors.muted}, "showarrow": False, "xref": "paper",
        "yref": "paper",
    }  # fmt: skip
    notes = [
        side | {"x": 1.0, "y": 0.02, "xanchor": "right", "yanchor": "bottom", "align": "right",
                "text": w("below the line:") + "<br>" + w("too sure of itself")},
    ]  # fmt: skip
    if len(shown) and shown["coverage"].iloc[0] < ROOM_ABOVE:
        notes.append(
            side | {"x": 0.02, "y": 0.925, "xanchor": "left", "yanchor": "top", "align": "left",
                    "text": w("above the line:") + "<br>" + w("wider than needed")}
        )  # fmt: skip
    figure.update_layout(annotations=notes)


def _axes(figure: go.Figure, shown: pd.DataFrame, canvas: Canvas) -> None:
    w = canvas.w
    lowest = min(LOWEST, float(shown["wilson_lower"].min()) - 0.03) if len(shown) else LOWEST
    steps = [0.1 * step for step in range(max(0, round(lowest * 10)), 11)]
    shares = [step for step in steps if step >= lowest]
    figure.update_yaxes(
        tickvals=shares, ticktext=[w.percent(s) for s in shares], range=[lowest, HIGHEST]
    )
    promised = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    figure.update_xaxes(
        tickvals=promised,
        ticktext=[w.percent(s) for s in promised],
        title={"text": w("promised"), "font": {"size": 12.5}, "standoff": 4},
        range=[LEFT, RIGHT + 0.012],
    )


def _title(shown: pd.DataFrame, canvas: Canvas) -> str:
    w, near = canvas.w, judged(shown)
    if near.empty or near["coverage"].isna().any():
        return w("What was promised, and what was held")
    off = off_promise(near)
    if (off_promise(shown).abs() <= GOOD_POINTS).all():
        return w("The ranges keep their promise at every level")
    if (off.abs() <= GOOD_POINTS).all():
        levels = w.listed([w.percent(level) for level in near["level"]])
        return w("The ranges keep their promise at {levels}", levels=levels)
    if (off < -GOOD_POINTS).all():
        return w("The ranges hold less than they promise: they are too narrow")
    if (off > GOOD_POINTS).all():
        return w("The ranges hold more than they promise: they are wider than needed")
    row = worst(shown)
    values = {"level": w.percent(row["level"]), "share": w.percent(row["coverage"], 1)}
    if row["coverage"] < row["level"]:
        return w("Promised {level}, the ranges hold only {share}", **values)
    return w("Promised {level}, the ranges hold {share}: wider than needed", **values)


def _alt(shown: pd.DataFrame, canvas: Canvas) -> str:
    w = canvas.w
    if shown.empty:
        return w("No shares to show.")
    listed = [
        w("{share} held of {level} promised", share=w.percent(row.coverage, 1),
          level=w.percent(row.level))
        for row in shown.itertuples()
    ]  # fmt: skip
    return w(
        "Line chart of the share of customers whose real spend fell inside their range: {list}. "
        "Good is within {points} points of the promise.",
        list=w.listed(listed),
        points=round(GOOD_POINTS * 100),
    )


def _table(shown: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    rows = list(shown.itertuples())
    return pd.DataFrame(
        {
            w("Promised"): [w.percent(row.level) for row in rows],
            w("Held"): [w.percent(row.coverage, 1) for row in rows],
            w("Against promise"): [points(w, row.coverage - row.level) for row in rows],
            w("Chance alone"): [
                chance_words(w, row.wilson_lower, row.wilson_upper) for row in rows
            ],
            w("Held by quantiles alone"): [w.percent(row.raw_coverage, 1) for row in rows],
            w("Average width"): [canvas.money(row.width) for row in rows],
            w("Score"): [canvas.money(row.winkler) for row in rows],
        }
    )
