"""One customer's spend so far, and the fan of what may follow."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks
from app.charts.time_axis import time_ticks
from app.words.text import Words

HEIGHT = 320
SHADES = {50: 0.30, 80: 0.20, 95: 0.13}


def customer_fan(
    purchases: pd.DataFrame, path: pd.DataFrame, *, as_of: dt.date, margin: float, canvas: Canvas
) -> Drawing:
    """Draw cumulative spend in ink, then the expected one with its bands.

    Parameters
    ----------
    purchases
        ``date`` and ``amount``, one row per purchase day.
    path
        ``date``, ``expected`` and per level ``lower_95``, ``upper_95``, ...: value from ``as_of``
        on.
    margin
        Share of spend that counts as value; the past is scaled by it, as the future is.
    """
    w = canvas.w
    total = float(purchases["amount"].sum()) * margin
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 118, "t": 14, "b": 0})
    for level in sorted(SHADES, reverse=True):
        _band(figure, path, total, level, canvas)
    _lines(figure, purchases, path, as_of, margin, canvas)
    _axes(figure, purchases, path, total, canvas)
    _labels(figure, path, total, canvas)
    last = path.iloc[-1]
    values = {
        "value": canvas.money(last["expected"]),
        "low": canvas.money(last["lower_95"]),
        "high": canvas.money(last["upper_95"]),
        "day": path["date"].iloc[-1].date(),
    }
    return Drawing(
        name=w("spend so far and to come"),
        title=_title(values, float(last["lower_95"]), w),
        subtitle=_subtitle(margin, canvas),
        alt=w(
            "Step line of spend so far, which reaches {total} on {as_of}, and a fan of what may "
            "follow by {day}: {value} expected, 19 times out of 20 between {low} and {high}.",
            total=canvas.money(total),
            as_of=as_of,
            **values,
        ),
        figure=figure,
        table=_table(path, canvas),
        height=HEIGHT,
    )


def _subtitle(margin: float, canvas: Canvas) -> str:
    if margin == 1.0:
        return canvas.w(
            "Cumulative spend since the first purchase{unit}. Shading: 50, 80 and 95 times out of "
            "100.",
            unit=canvas.unit,
        )
    return canvas.w(
        "Cumulative margin since the first purchase{unit}. Shading: 50, 80 and 95 times out of "
        "100.",
        unit=canvas.unit,
    )


def _title(values: dict[str, object], low: float, w: Words) -> str:
    if low > 0:
        return w("Expect {value} more by {day}, between {low} and {high}", **values)
    return w("Expect {value} more by {day}, but plan for anything from nothing to {high}", **values)


def _band(figure: go.Figure, path: pd.DataFrame, total: float, level: int, canvas: Canvas) -> None:
    for side, fill in (("lower", None), ("upper", "tonexty")):
        figure.add_scatter(
            x=path["date"],
            y=total + path[f"{side}_{level}"],
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=canvas.colors.expected_at(SHADES[level]),
            hoverinfo="skip",
            name=f"{side} {level}",
        )


def _lines(
    figure: go.Figure,
    purchases: pd.DataFrame,
    path: pd.DataFrame,
    as_of: dt.date,
    margin: float,
    canvas: Canvas,
) -> None:
    w, colors = canvas.w, canvas.colors
    hover = "%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>"

    def notes(days: list[pd.Timestamp], values: list[float], kind: str) -> list[list[str]]:
        said = [w("{day} · {kind}", day=day.date(), kind=kind) for day in days]
        return [[day, canvas.money(v)] for day, v in zip(said, values, strict=True)]

    days = [*purchases["date"], pd.Timestamp(as_of)]
    reached = list(purchases["amount"].cumsum() * margin)
    values = [*reached, reached[-1]]
    figure.add_scatter(
        x=days,
        y=values,
        mode="lines",
        line={"color": colors.ink, "width": 2.2, "shape": "hv"},
        customdata=notes(days, values, w("observed")),
        hovertemplate=hover,
        name="observed",
    )
    ahead, expected = list(path["date"]), [values[-1] + v for v in path["expected"]]
    figure.add_scatter(
        x=ahead,
        y=expected,
        mode="lines",
        line={"color": colors.expected, "width": 2.4, "dash": "5px,4px"},
        customdata=notes(ahead, expected, w("expected")),
        hovertemplate=hover,
        name="expected",
    )


def _axes(
    figure: go.Figure, purchases: pd.DataFrame, path: pd.DataFrame, total: float, canvas: Canvas
) -> None:
    first, last = purchases["date"].iloc[0].date(), path["date"].iloc[-1].date()
    days, text = time_ticks(first, last, canvas.w)
    pad = dt.timedelta(days=max(3, (last - first).days // 60))
    figure.update_xaxes(tickvals=days, ticktext=text, range=[first - pad, last])
    largest = total + float(path["upper_95"].max())
    ticks = money_ticks(largest)
    figure.update_yaxes(
        tickvals=ticks, ticktext=canvas.ticks(ticks), range=[0, max(ticks[-1], largest) * 1.04]
    )


def _labels(figure: go.Figure, path: pd.DataFrame, total: float, canvas: Canvas) -> None:
    w, colors, last = canvas.w, canvas.colors, path.iloc[-1]
    upper, expected = float(last["upper_95"]), float(last["expected"])
    common = {
        "xref": "paper", "x": 1.0, "xanchor": "left", "xshift": 6, "showarrow": False,
        "align": "left",
    }  # fmt: skip
    notes = [
        {
            **common,
            "y": total + expected,
            "text": w("<b>+{value}</b> expected", value=canvas.money(expected)),
            "font": {"size": 12.5, "color": colors.expected},
        }
    ]
    if upper > 1.35 * expected:  # else the two would stand on each other
        notes.append(
            {
                **common,
                "y": total + upper,
                "text": w("up to +{value}", value=canvas.money(upper)),
                "font": {"size": 12, "color": colors.muted},
            }
        )
    figure.update_layout(annotations=notes)


def _table(path: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    ahead = path.iloc[1:]
    columns = {
        w("Month to"): [w.date(day.date()) for day in ahead["date"]],
        w("Expected"): [canvas.money(v) for v in ahead["expected"]],
    }
    for level in SHADES:
        columns[w.odds(level / 100)] = [
            w.money_range(low, high, canvas.currency)
            for low, high in zip(ahead[f"lower_{level}"], ahead[f"upper_{level}"], strict=True)
        ]
    return pd.DataFrame(columns)
