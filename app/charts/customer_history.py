"""One customer's past: purchases on a time line, and below it the chance of still being there."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks
from app.charts.theme import mixed
from app.charts.time_axis import time_ticks
from app.words.groups import risk_names
from clvcore.records.columns import ACTIVE, AT_RISK, COOLING, LOST

HEIGHT = 450
UPPER, LOWER = (0.46, 1.0), (0.0, 0.34)
FADED = 0.86


def customer_history(
    purchases: pd.DataFrame,
    alive: pd.DataFrame,
    *,
    as_of: dt.date,
    risk: str,
    cutoffs: dict[str, float],
    title: str,
    canvas: Canvas,
) -> Drawing:
    """Draw each purchase day as a stem, and P(alive) over the ranges of the four risks.

    Parameters
    ----------
    purchases
        ``date`` and ``amount``, one row per purchase day.
    alive
        ``date`` and ``p_alive``.
    cutoffs
        ``active_from``, ``cooling_from`` and ``at_risk_from``.
    title
        The finding, in words.
    """
    w = canvas.w
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 62, "t": 10, "b": 0})
    _stems(figure, purchases, canvas)
    _ranges(figure, cutoffs, canvas)
    _chance(figure, alive, risk, canvas)
    _axes(figure, purchases, as_of, cutoffs, canvas)
    return Drawing(
        name=w("purchases and chance"),
        title=title,
        subtitle=w(
            "Top: purchases{unit} per day. Bottom: chance of still being a customer, as today’s "
            "model would have judged it.",
            unit=canvas.unit,
        ),
        alt=w.plural(
            "Time line of {n} purchase day from {first} to {last}, and a curve of the chance of "
            "still being a customer, which ends at {share} on {day}.",
            "Time line of {n} purchase days from {first} to {last}, and a curve of the chance of "
            "still being a customer, which ends at {share} on {day}.",
            len(purchases),
            first=purchases["date"].iloc[0].date(),
            last=purchases["date"].iloc[-1].date(),
            share=w.percent(alive["p_alive"].iloc[-1]),
            day=as_of,
        ),
        figure=figure,
        table=_table(purchases, alive, canvas),
        height=HEIGHT,
    )


def _stems(figure: go.Figure, purchases: pd.DataFrame, canvas: Canvas) -> None:
    ink = canvas.colors.ink
    stems = purchases.loc[purchases.index.repeat(3)].reset_index(drop=True)
    place = stems.index % 3
    stems.loc[place == 0, "amount"] = 0.0
    stems.loc[place == 2, "amount"] = None
    figure.add_scatter(
        x=stems["date"],
        y=stems["amount"],
        mode="lines",
        line={"color": ink, "width": 1.2},
        hoverinfo="skip",
        name="stems",
        yaxis="y2",
    )
    dates = [canvas.w.date(day.date()) for day in purchases["date"]]
    amounts = [canvas.money(amount) for amount in purchases["amount"]]
    figure.add_scatter(
        x=purchases["date"],
        y=purchases["amount"],
        mode="markers",
        marker={"color": ink, "size": 6},
        customdata=list(zip(dates, amounts, strict=True)),
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
        name="purchases",
        yaxis="y2",
    )


def _ranges(figure: go.Figure, cutoffs: dict[str, float], canvas: Canvas) -> None:
    """Draw the four risks as pale bands, each with its word."""
    colors, names = canvas.colors, risk_names(canvas.w)
    edges = (0.0, *(cutoffs[key] for key in ("at_risk_from", "cooling_from", "active_from")), 1.0)
    fills = (colors.lost, colors.at_risk, colors.cooling, colors.active)
    codes = (LOST, AT_RISK, COOLING, ACTIVE)
    shapes, notes = [], []
    for low, high, fill, code in zip(edges[:-1], edges[1:], fills, codes, strict=True):
        place = {"xref": "paper", "yref": "y"}
        shapes.append(
            {
                **place, "type": "rect", "x0": 0, "x1": 1, "y0": low, "y1": high,
                "fillcolor": mixed(fill, colors.ground, FADED), "line": {"width": 0},
                "layer": "below",
            }
        )  # fmt: skip
        notes.append(
            {
                **place, "x": 1.0, "y": (low + high) / 2, "xanchor": "left", "xshift": 6,
                "text": names[code], "showarrow": False, "font": {"size": 12},
            }
        )  # fmt: skip
    figure.update_layout(shapes=shapes, annotations=notes)


def _chance(figure: go.Figure, alive: pd.DataFrame, risk: str, canvas: Canvas) -> None:
    colors, w = canvas.colors, canvas.w
    dates = [w.date(day.date()) for day in alive["date"]]
    shares = [w.percent(share) for share in alive["p_alive"]]
    figure.add_scatter(
        x=alive["date"],
        y=alive["p_alive"],
        mode="lines",
        line={"color": colors.ink, "width": 1.8},
        customdata=list(zip(dates, shares, strict=True)),
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
        name="chance",
    )
    figure.add_scatter(
        x=alive["date"].tail(1),
        y=alive["p_alive"].tail(1),
        mode="markers",
        marker={
            "size": 12,
            "color": getattr(colors, risk),
            "line": {"color": colors.ground, "width": 2},
        },
        hoverinfo="skip",
        cliponaxis=False,
        name="today",
    )


def _axes(
    figure: go.Figure,
    purchases: pd.DataFrame,
    as_of: dt.date,
    cutoffs: dict[str, float],
    canvas: Canvas,
) -> None:
    w = canvas.w
    first = purchases["date"].iloc[0].date()
    pad = dt.timedelta(days=max(3, (as_of - first).days // 50))
    days, text = time_ticks(first, as_of, w)
    figure.update_xaxes(tickvals=days, ticktext=text, range=[first - pad, as_of + pad])
    shares = [0.0, *(cutoffs[k] for k in ("at_risk_from", "cooling_from", "active_from")), 1.0]
    ticks = money_ticks(float(purchases["amount"].max()), steps=3)
    figure.update_layout(
        yaxis={
            "domain": LOWER, "range": [0, 1], "showgrid": False,
            "tickvals": shares, "ticktext": [w.percent(share) for share in shares],
        },
        yaxis2={
            "domain": UPPER, "range": [0, max(ticks[-1], 1e-9) * 1.05],
            "tickvals": ticks, "ticktext": canvas.ticks(ticks),
        },
    )  # fmt: skip


def _table(purchases: pd.DataFrame, alive: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    known = alive.drop_duplicates("date").set_index("date")["p_alive"]
    after = known.reindex(purchases["date"])
    days = [*purchases["date"], alive["date"].iloc[-1]]
    chances = [*after, alive["p_alive"].iloc[-1]]
    return pd.DataFrame(
        {
            w("Day"): [w.date(day.date()) for day in days],
            w("Spent"): [*(canvas.money(v) for v in purchases["amount"]), "–"],
            w("Still a customer"): ["–" if pd.isna(v) else w.percent(v) for v in chances],
        }
    )
