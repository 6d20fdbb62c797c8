"""Expected against real spend, from the least to the most valuable tenth of the forecast."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing

HEIGHT = 350
TENTHS = 10
MATCHES = 0.15
NOTHING = 1.6  # how far below the lowest amount a tenth that spent nothing is drawn


def top_share(frame: pd.DataFrame) -> float:
    """Return the share of what was really spent that the highest tenth of the forecast spent."""
    spent = frame["customers"] * frame["actual"]
    total = float(spent.sum())
    return float(spent[frame["tenth"] == frame["tenth"].max()].sum()) / total if total > 0 else 0.0


def missed(frame: pd.DataFrame) -> float:
    """Return by how much the tenths were off together, as a share of what was really spent."""
    off = (frame["customers"] * (frame["forecast"] - frame["actual"]).abs()).sum()
    total = float((frame["customers"] * frame["actual"]).sum())
    return float(off) / total if total > 0 else math.inf


def calibration(frame: pd.DataFrame, *, canvas: Canvas) -> Drawing:
    """Draw mean expected and mean real spend of each tenth, amounts on a scale of ratios.

    Parameters
    ----------
    frame
        ``clvcore.records.columns.CALIBRATION_FRAME``, at least one row.
    """
    w, shown = canvas.w, frame.sort_values("tenth").reset_index(drop=True)
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 10, "t": 26, "b": 0})
    floor = _floor(shown)
    _links(figure, shown, floor, canvas)
    _marks(figure, shown, floor, canvas)
    by_tens = _axes(figure, shown, floor, canvas)
    subtitle = w(
        "Average spend per customer{unit}, customers ranked by the forecast. Dot: expected; "
        "diamond: what happened.",
        unit=canvas.unit,
    )
    subtitle += " " + (
        w("Scale: each step ten times.") if by_tens else w("Scale: equal steps, equal ratios.")
    )
    return Drawing(
        name=w("expected and real spend by tenth"),
        title=_title(shown, canvas),
        subtitle=subtitle,
        alt=_alt(shown, canvas),
        figure=figure,
        table=_table(shown, canvas),
        height=HEIGHT,
    )


def _floor(shown: pd.DataFrame) -> float:
    """Return where zero is drawn: on a scale of ratios it has no place of its own."""
    amounts = shown[["forecast", "actual"]]
    positive = amounts[amounts > 0].min().min()
    return float(positive) / NOTHING if pd.notna(positive) else 1.0


def _at(values: pd.Series, floor: float) -> list[float]:
    return [max(float(v), floor) for v in values]


def _links(figure: go.Figure, shown: pd.DataFrame, floor: float, canvas: Canvas) -> None:
    """Tie the two marks of each tenth, one trace with gaps."""
    x: list[float | None] = []
    y: list[float | None] = []
    for tenth, one, other in zip(
        shown["tenth"], _at(shown["forecast"], floor), _at(shown["actual"], floor), strict=True
    ):
        x += [tenth, tenth, None]
        y += [one, other, None]
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": canvas.colors.hairline, "width": 5},
        hoverinfo="skip",
        name="off",
    )


def _marks(figure: go.Figure, shown: pd.DataFrame, floor: float, canvas: Canvas) -> None:
    w, colors = canvas.w, canvas.colors
    told = [
        [
            w("Tenth {n} of {of}", n=int(row.tenth), of=TENTHS),
            w("expected {value}", value=canvas.money(row.forecast)),
            w("really {value}", value=canvas.money(row.actual)),
        ]
        for row in shown.itertuples()
    ]
    hover = "%{customdata[0]}<br><b>%{customdata[1]}</b><br><b>%{customdata[2]}</b><extra></extra>"
    for column, symbol, size, color in (
        ("forecast", "circle", 13, colors.expected),
        ("actual", "diamond", 10, colors.ink),
    ):
        figure.add_scatter(
            x=shown["tenth"],
            y=_at(shown[column], floor),
            mode="markers",
            marker={
                "size": size,
                "symbol": symbol,
                "color": color,
                "line": {"color": colors.ground, "width": 1.5},
            },
            customdata=told,
            hovertemplate=hover,
            name=column,
        )


def _axes(figure: go.Figure, shown: pd.DataFrame, floor: float, canvas: Canvas) -> bool:
    """Set both axes; return whether each step of the scale is ten times the one before."""
    w, muted = canvas.w, canvas.colors.muted
    low = min(_at(shown["forecast"], floor) + _at(shown["actual"], floor))
    high = max(_at(shown["forecast"], floor) + _at(shown["actual"], floor))
    ticks = _ticks(low, high, (1,))
    by_tens = len(ticks) > 2
    ticks = ticks if by_tens else _ticks(low, high, (1, 2, 5))
    figure.update_yaxes(
        type="log",
        tickvals=ticks,
        ticktext=[canvas.ticks([tick])[0] for tick in ticks],
        range=[math.log10(low) - 0.12, math.log10(high) + 0.1],
    )
    last = int(shown["tenth"].max())
    figure.update_xaxes(
        tickvals=[1, (1 + last) / 2, last],
        ticktext=[w("least"), w("middle"), w("most")],
        range=[0.4, last + 0.6],
    )
    figure.update_layout(
        annotations=[
            {
                "x": 0.0, "y": 1.0, "xref": "paper", "yref": "paper", "xanchor": "left",
                "yanchor": "bottom", "yshift": 4, "showarrow": False,
                "text": f"<span style='color:{canvas.colors.expected}'>●</span> {w('expected')}"
                f"  <span style='color:{canvas.colors.ink}'>◆</span> {w('really')}",
                "font": {"size": 12.5, "color": muted},
            }
        ]
    )  # fmt: skip
    return by_tens


def _ticks(low: float, high: float, steps: tuple[int, ...]) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    ticks = [step * 10.0**power for power in range(first, last + 1) for step in steps]
    return [tick for tick in ticks if low * 0.8 <= tick <= high * 1.25]


def _title(shown: pd.DataFrame, canvas: Canvas) -> str:
    w = canvas.w
    if len(shown) == TENTHS and missed(shown) <= MATCHES:
        return w("From the least to the most valuable tenth, expected and real spend match")
    if len(shown) == TENTHS and (shown["actual"].diff().iloc[1:] > 0).all():
        return w("The more we expected of a tenth, the more it really spent")
    return w("Expected and real spend, by tenth of the forecast")


def _alt(shown: pd.DataFrame, canvas: Canvas) -> str:
    w = canvas.w
    if shown.empty:
        return w("No tenths to show.")
    first, last = shown.iloc[0], shown.iloc[-1]
    return w(
        "Dot chart of average spend per customer by tenth of the forecast. Lowest tenth: expected "
        "{low}, really {low_real}; highest tenth: expected {high}, really {high_real}.",
        low=canvas.money(first["forecast"]),
        low_real=canvas.money(first["actual"]),
        high=canvas.money(last["forecast"]),
        high_real=canvas.money(last["actual"]),
    )


def _table(shown: pd.DataFrame, canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    return pd.DataFrame(
        {
            w("Tenth"): [w.count(tenth) for tenth in shown["tenth"]],
            w("Customers"): [w.count(n) for n in shown["customers"]],
            w("Expected"): [canvas.money(v) for v in shown["forecast"]],
            w("Really"): [canvas.money(v) for v in shown["actual"]],
        }
    )
