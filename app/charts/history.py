"""Revenue per month: what happened in ink, what is expected in dashed blue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing, money_ticks
from clvcore.records.columns import FORECAST, OBSERVED

HEIGHT = 360
MOST_TICKS = 6
MOST_OBSERVED = 24
DEEPEST, PALEST, ONE_BAND = 0.3, 0.13, 0.2
EDGE_LABELS = 0.05
Bands = Mapping[float, pd.DataFrame]


def history(
    timeline: pd.DataFrame,
    *,
    as_of: dt.date,
    customers: int,
    level: float,
    canvas: Canvas,
    inner: Bands | None = None,
) -> Drawing:
    """Draw observed months, expected months and, where measured, their band or fan of bands.

    Parameters
    ----------
    timeline
        ``columns.TIMELINE_FRAME``; ``month`` is the last day of each month, counted from
        ``as_of`` both ways.
    as_of
        Last day of data.
    customers
        Customers known at ``as_of``.
    level
        Nominal share of the band, if there is one.
    inner
        ``lower`` and ``upper`` of the expected months, indexed by ``month``, by level; levels that
        do not lie within ``level`` are left out.
    """
    w = canvas.w
    past, ahead = halves(timeline)
    measured = bool(len(ahead)) and bool(ahead[["lower", "upper"]].notna().all(axis=None))
    fan = bands(ahead, level, inner or {}) if measured else {}
    margin = {"l": 0, "r": 46 if len(fan) > 1 else 12, "t": 34, "b": 0}
    figure = canvas.figure(height=HEIGHT, margin=margin)
    for share, alpha in zip(fan, alphas(len(fan)), strict=True):
        _band(figure, past, fan[share], alpha, canvas)
    _lines(figure, past, ahead, canvas)
    _money_axis(figure, past, ahead, canvas)
    _time_axis(figure, past, ahead, canvas)
    _labels(figure, past, ahead, as_of, canvas)
    if len(fan) > 1:
        _edge(figure, fan, canvas)
    return Drawing(
        name=w("revenue per month"),
        title=_title(past, ahead, canvas),
        subtitle=_subtitle(customers, as_of, sorted(fan), canvas),
        alt=_alt(past, ahead, canvas),
        figure=figure,
        table=_table(past, ahead, canvas),
        height=HEIGHT,
    )


def bands(ahead: pd.DataFrame, level: float, inner: Bands) -> dict[float, pd.DataFrame]:
    """Return the bounds of the months ahead by level, the widest first."""
    narrower = {share: frame for share, frame in inner.items() if share < level - 1e-9}
    fan = {level: ahead[["month", "lower", "upper"]]}
    for share in sorted(narrower, reverse=True):
        fan[share] = narrower[share].loc[ahead["month"]].reset_index()
    return fan


def alphas(count: int) -> list[float]:
    """Return how strongly each band is filled, the widest first."""
    if count == 1:
        return [ONE_BAND]
    step = (DEEPEST - PALEST) / max(count - 1, 1)
    return [PALEST + step * place for place in range(count)]


def halves(timeline: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split into the last two years observed and the months ahead."""
    dated = timeline.assign(month=pd.to_datetime(timeline["month"])).sort_values("month")
    past = dated[dated["kind"] == OBSERVED].tail(MOST_OBSERVED)
    return past, dated[dated["kind"] == FORECAST]


def _joined(
    past: pd.DataFrame, ahead: pd.DataFrame, column: str
) -> tuple[list[pd.Timestamp], list[float]]:
    """Start a forecast line where the observed one ends."""
    start = past.tail(1)
    return [*start["month"], *ahead["month"]], [*start["revenue"], *ahead[column]]


def _band(
    figure: go.Figure, past: pd.DataFrame, ahead: pd.DataFrame, alpha: float, canvas: Canvas
) -> None:
    for column, fill in (("lower", None), ("upper", "tonexty")):
        months, values = _joined(past, ahead, column)
        figure.add_scatter(
            x=months,
            y=values,
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=canvas.colors.expected_at(alpha),
            hoverinfo="skip",
            name=column,
        )


def _edge(figure: go.Figure, fan: dict[float, pd.DataFrame], canvas: Canvas) -> None:
    """Write each level where its band ends, pushed apart where they would touch."""
    least = EDGE_LABELS * float(figure.layout.yaxis.range[1])
    height = -float("inf")
    for share in sorted(fan):
        end = fan[share].iloc[-1]
        height = max(height + least, float(end["upper"]))
        figure.add_annotation(
            x=end["month"],
            y=height,
            xshift=6,
            xanchor="left",
            text=canvas.w.percent(share),
            font={"size": 12, "color": canvas.colors.expected},
            showarrow=False,
        )


def _lines(figure: go.Figure, past: pd.DataFrame, ahead: pd.DataFrame, canvas: Canvas) -> None:
    w, colors = canvas.w, canvas.colors

    def notes(months: list[pd.Timestamp], values: list[float], kind: str) -> list[list[str]]:
        days = [w("Month to {day} · {kind}", day=m.date(), kind=kind) for m in months]
        return [[day, canvas.money(v)] for day, v in zip(days, values, strict=True)]

    hover = "%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>"
    months, values = list(past["month"]), list(past["revenue"])
    figure.add_scatter(
        x=months,
        y=values,
        mode="lines+markers",
        line={"color": colors.ink, "width": 2.2},
        marker={"size": 5, "color": colors.ink},
        customdata=notes(months, values, w("observed")),
        hovertemplate=hover,
        name="observed",
    )
    months, values = _joined(past, ahead, "revenue")
    figure.add_scatter(
        x=months,
        y=values,
        mode="lines",
        line={"color": colors.expected, "width": 2.4, "dash": "5px,4px"},
        customdata=notes(months, values, w("expected")),
        hovertemplate=hover,
        name="expected",
    )


def _money_axis(figure: go.Figure, past: pd.DataFrame, ahead: pd.DataFrame, canvas: Canvas) -> None:
    both = pd.concat([past["revenue"], ahead["revenue"], ahead["upper"]]).dropna()
    largest = float(both.max()) if len(both) else 0.0
    lowest = min(0.0, float(both.min())) if len(both) else 0.0
    ticks = money_ticks(largest)
    figure.update_yaxes(
        tickvals=ticks,
        ticktext=canvas.ticks(ticks),
        range=[lowest * 1.1, max(ticks[-1], largest) * 1.04],
    )


def _time_axis(figure: go.Figure, past: pd.DataFrame, ahead: pd.DataFrame, canvas: Canvas) -> None:
    months = [m.date() for m in [*past["month"], *ahead["month"]]]
    if not months:
        return
    shown = months[:: max(1, -(-len(months) // MOST_TICKS))]
    text: list[str] = []
    for i, month in enumerate(shown):
        turned = i == 0 or month.year != shown[i - 1].year
        text.append(canvas.w.month(month) + (f"<br>{month.year}" if turned else ""))
    # Set by hand: labels near an edge would stretch an automatic range by years.
    pad = dt.timedelta(days=8)
    figure.update_xaxes(tickvals=shown, ticktext=text, range=[months[0] - pad, months[-1] + pad])


def _labels(
    figure: go.Figure, past: pd.DataFrame, ahead: pd.DataFrame, as_of: dt.date, canvas: Canvas
) -> None:
    w, colors = canvas.w, canvas.colors
    figure.add_vline(
        x=as_of.isoformat(), line={"color": colors.muted, "width": 1.2, "dash": "3px,3px"}
    )
    notes = [
        {
            "x": as_of.isoformat(),
            "y": 1.0,
            "yref": "paper",
            "yanchor": "bottom",
            "xanchor": "right" if len(past) > len(ahead) else "left",
            "text": w("{day}, last day of data", day=as_of),
            "font": {"size": 12, "color": colors.muted},
            "showarrow": False,
        }
    ]
    for frame, text, color, where in (
        (past, w("Observed"), colors.ink, 0.3),
        (ahead, w("Expected"), colors.expected, 0.6),
    ):
        if frame.empty:
            continue
        middle = int(len(frame) * where)
        near = frame.iloc[max(0, middle - 2) : middle + 3]
        notes.append(
            {
                "x": near["month"].iloc[len(near) // 2],
                "y": float(near[["revenue", "upper"]].max(axis=None)),
                "yshift": 16,
                "text": f"<b>{text}</b>",
                "font": {"size": 12.5, "color": color},
                "showarrow": False,
            }
        )
    figure.update_layout(annotations=notes)


def _title(past: pd.DataFrame, ahead: pd.DataFrame, canvas: Canvas) -> str:
    w = canvas.w
    before, after = float(past["revenue"].tail(12).mean()), float(ahead["revenue"].mean())
    if len(past) < 3 or len(ahead) < 1 or not before > 0 or not after > 0:
        return w("Spending so far, and what should follow")
    values = {"after": canvas.money(after), "before": canvas.money(before)}
    if after < 0.95 * before:
        return w("Today’s customers should spend {after} a month, after {before} so far", **values)
    if after > 1.05 * before:
        return w("Today’s customers should spend {after} a month, up from {before}", **values)
    return w("Today’s customers should go on spending about {after} a month", **values)


def _subtitle(customers: int, as_of: dt.date, levels: list[float], canvas: Canvas) -> str:
    w = canvas.w
    what = w.plural(
        "Revenue per month{unit}; months end on day {day}. Observed: everybody who bought. "
        "Expected: the {count} customer known today, nobody new.",
        "Revenue per month{unit}; months end on day {day}. Observed: everybody who bought. "
        "Expected: the {count} customers known today, nobody new.",
        customers,
        count=w.count(customers),
        unit=canvas.unit,
        day=as_of.day,
    )
    if not levels:
        return what + " " + w("The range of a month is not measured yet, so none is drawn.")
    if len(levels) == 1:
        return what + " " + w("Shading: where the month lands {odds}.", odds=w.odds(levels[0]))
    shares = w.listed([w.count(100 * share) for share in levels])
    return (
        what + " " + w("Shading: where the month lands {shares} times out of 100.", shares=shares)
    )


def _alt(past: pd.DataFrame, ahead: pd.DataFrame, canvas: Canvas) -> str:
    return canvas.w(
        "Line chart of revenue per month: {past} observed months from {low} to {high}, then "
        "{ahead} expected months that add up to {total}.",
        past=len(past),
        ahead=len(ahead),
        low=canvas.money(past["revenue"].min() if len(past) else 0.0),
        high=canvas.money(past["revenue"].max() if len(past) else 0.0),
        total=canvas.money(ahead["revenue"].sum()),
    )


def _table(past: pd.DataFrame, ahead: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    both = pd.concat([past, ahead], ignore_index=True)
    kinds = {OBSERVED: w("observed"), FORECAST: w("expected")}
    return pd.DataFrame(
        {
            w("Month to"): [w.date(m.date()) for m in both["month"]],
            w("Kind"): [kinds[k] for k in both["kind"]],
            w("Revenue"): [canvas.money(v) for v in both["revenue"]],
            w("Purchase days"): [w.number(v, 0) for v in both["purchases"]],
        }
    )
