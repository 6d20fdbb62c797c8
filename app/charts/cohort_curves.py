"""Cohorts side by side from their first purchase on: solid observed, dashed forecast."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from app.charts.cohort_heatmap import cohort_numbers, measured, subtitle
from app.charts.drawing import Canvas, Drawing, money_ticks, shorten
from app.words.cohorts import CLOSE, Cohorts, Measure, Pair, cohort_name, pair, span_words
from app.words.text import plotly_text

HEIGHT = 380
MOST_CURVES = 16
LABEL_LENGTH = 12
LABEL_GAP, LABEL_WIDTH = 0.055, 0.17
DASH = "5px,4px"


@dataclass(frozen=True, kw_only=True)
class _Curve:
    """One cohort's line and how it stands out."""

    key: str
    name: str
    line: pd.Series[float]
    observed: int
    color: str
    width: float
    focus: bool


def cohort_curves(cohorts: Cohorts, measure: Measure, *, fill: bool, canvas: Canvas) -> Drawing:
    """Draw one curve per cohort; the oldest and the newest, or best and weakest, stand out.

    Parameters
    ----------
    cohorts
        The cohorts of a run.
    measure
        Value so far per customer, or the share buying in the month.
    fill
        Whether to go on with the forecast.
    """
    found = pair(cohorts, measure, fill=fill)
    curves = _curves(cohorts, measure, found, fill=fill, canvas=canvas)
    figure = canvas.figure(height=HEIGHT, margin={"l": 0, "r": 118, "t": 14, "b": 0})
    bounded = measure == "value" and fill and bool(cohorts.upper.notna().any(axis=None))
    for curve in curves if bounded else []:
        if curve.focus:
            _band(figure, curve, cohorts, canvas)
    for curve in curves:
        _draw(figure, curve, measure, canvas)
    _axes(figure, curves, measure, canvas)
    _labels(figure, curves, measure, canvas)
    return Drawing(
        name=canvas.w("curves of cohorts"),
        title=curves_title(found, measure, canvas),
        subtitle=subtitle(measure, canvas, _ahead(canvas, bounded=bounded) if fill else None),
        alt=_alt(curves, found, measure, canvas),
        figure=figure,
        table=cohort_numbers(cohorts, measure, fill=fill, canvas=canvas),
        height=HEIGHT,
    )


def _curves(
    cohorts: Cohorts, measure: Measure, found: Pair | None, *, fill: bool, canvas: Canvas
) -> list[_Curve]:
    """Leave out the cut-off cohort and mere handfuls; the two in focus come last, on top."""
    colors, table = canvas.colors, cohorts.table(measure)
    focus = {} if found is None else {found.first: colors.ink, found.second: colors.attention}
    names = cohorts.fair() or list(cohorts.customers.index)
    names = [n for n in names if n not in focus][: MOST_CURVES - len(focus)] + list(focus)
    curves = []
    for name in names:
        known = int(cohorts.observed[name])
        line = table.loc[name].dropna()
        if measure == "retention":
            line = line.iloc[1:]  # everybody buys in the first month
        if not fill:
            line = line[line.index <= known]
        if len(line):
            stands_out = name in focus
            curves.append(
                _Curve(
                    key=name,
                    name=cohort_name(canvas.w, name) + ("*" if name == cohorts.cut else ""),
                    line=line,
                    observed=known,
                    color=focus.get(name, colors.muted),
                    width=2.4 if stands_out else 1.3,
                    focus=stands_out,
                )
            )
    return curves


def _draw(figure: go.Figure, curve: _Curve, measure: Measure, canvas: Canvas) -> None:
    w = canvas.w
    name = plotly_text(shorten(curve.name))
    known = curve.line[curve.line.index <= curve.observed]
    ahead = curve.line[curve.line.index >= curve.observed]
    for part, kind, dash in ((known, w("observed"), None), (ahead, w("expected"), DASH)):
        if part.empty or (dash and len(part) == 1 and len(known)):
            continue
        figure.add_scatter(
            x=part.index.to_numpy(),
            y=part.to_numpy(),
            mode="lines" if len(part) > 1 else "markers",
            line={"color": curve.color, "width": curve.width, "dash": dash},
            marker={"color": curve.color, "size": 6},
            opacity=1.0 if curve.focus else 0.7,
            customdata=[
                f"{name} · {span_words(w, int(months))}<br>"
                f"<b>{measured(canvas, measure, float(value))}</b> · {kind}"
                for months, value in part.items()
            ],
            hovertemplate="%{customdata}<extra></extra>",
            name="expected" if dash else "observed",
        )


def _band(figure: go.Figure, curve: _Curve, cohorts: Cohorts, canvas: Canvas) -> None:
    """Shade the range of what lies ahead, opening at the last month observed."""
    start = curve.line[curve.line.index == curve.observed]
    for name, table, fill in (("lower", cohorts.lower, None), ("upper", cohorts.upper, "tonexty")):
        edge = pd.concat([start, table.loc[curve.key].dropna()])
        figure.add_scatter(
            x=edge.index.to_numpy(),
            y=edge.to_numpy(),
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=canvas.colors.expected_at(0.16),
            hoverinfo="skip",
            name=name,
        )


def _axes(figure: go.Figure, curves: list[_Curve], measure: Measure, canvas: Canvas) -> None:
    w = canvas.w
    lines = [float(c.line.max()) for c in curves]
    edges = [max(trace.y) for trace in figure.data if trace.name == "upper"]
    largest = max(lines + edges, default=1.0)
    ticks = money_ticks(largest)
    figure.update_yaxes(
        tickvals=ticks,
        ticktext=canvas.ticks(ticks)
        if measure == "value"
        else [w.percent(t, 0 if largest >= 0.04 else 1) for t in ticks],
        range=[0, max(ticks[-1], largest) * 1.03],
    )
    last = max((int(c.line.index[-1]) for c in curves), default=1)
    first = min((int(c.line.index[0]) for c in curves), default=1)
    step = next(s for s in (1, 3, 6, 12, 24) if last / s <= 8 or s == 24)
    marks = [m for m in range(step, last + 1, step) if m >= first + step / 2]
    marks = [first, *marks]
    text = [str(m) for m in marks]
    text[-1] = w.plural("{n} month", "{n} months", marks[-1])
    # Set by hand: labels near an edge would stretch an automatic range.
    figure.update_xaxes(
        tickvals=marks, ticktext=text, range=[first - 0.02 * last, last + 0.02 * last]
    )


def _labels(figure: go.Figure, curves: list[_Curve], measure: Measure, canvas: Canvas) -> None:
    """Name the lines in focus at their ends, the others where there is room."""
    top = float(figure.layout.yaxis.range[1])
    left, right = figure.layout.xaxis.range
    placed: list[tuple[float, float]] = []
    notes = []
    for curve in sorted(curves, key=lambda c: (not c.focus, float(c.line.iloc[-1]))):
        x, end = int(curve.line.index[-1]), float(curve.line.iloc[-1])
        near = [y for other, y in placed if abs(other - x) < LABEL_WIDTH * (right - left)]
        height = end / top
        if any(abs(height - y) < LABEL_GAP for y in near):
            if not curve.focus:
                continue
            height = max(near) + LABEL_GAP
        placed.append((x, height))
        words = plotly_text(shorten(curve.name, LABEL_LENGTH))
        bold = f"<b>{words}</b>" if curve.focus else words
        notes.append(
            {
                "x": x,
                "xanchor": "left",
                "xshift": 4,
                "y": height * top,
                "text": f"{bold} {measured(canvas, measure, end)}",
                "font": {"size": 12.5, "color": curve.color},
                "bgcolor": canvas.colors.ground,
                "opacity": 0.9,
                "borderpad": 0,
                "showarrow": False,
            }
        )
    figure.update_layout(annotations=notes)


def curves_title(found: Pair | None, measure: Measure, canvas: Canvas) -> str:
    """Say how the two cohorts in focus compare, if they do."""
    w = canvas.w
    if found is None:
        return (
            w("Value since the first purchase")
            if measure == "value"
            else w("Buying since the first purchase")
        )
    names = {
        "second": cohort_name(w, found.second),
        "first": cohort_name(w, found.first),
        "span": span_words(w, found.months),
    }
    if measure == "value":
        if abs(found.ratio - 1) < CLOSE:
            return w("After {span}, {second} and {first} are worth about the same", **names)
        return w(
            "After {span}, {second} is worth {share} of {first}",
            share=w.percent(found.ratio),
            **names,
        )
    return w(
        "In month {months}, {after} of {second} buy, against {before} of {first}",
        months=found.months,
        after=w.percent(found.after),
        before=w.percent(found.before),
        second=names["second"],
        first=names["first"],
    )


def _ahead(canvas: Canvas, *, bounded: bool) -> str:
    if bounded:
        return canvas.w("Solid: observed. Dashed: forecast. Shading: the range of those in color.")
    return canvas.w("Solid: observed. Dashed: forecast, given without a range.")


def _alt(curves: list[_Curve], found: Pair | None, measure: Measure, canvas: Canvas) -> str:
    w = canvas.w
    ends = [float(c.line.iloc[-1]) for c in curves]
    return w(
        "Line chart of {n} cohorts by months since the first purchase; they end between {low} and "
        "{high}. {finding}.",
        n=len(curves),
        low=measured(canvas, measure, min(ends, default=0.0)),
        high=measured(canvas, measure, max(ends, default=0.0)),
        finding=curves_title(found, measure, canvas),
    )
