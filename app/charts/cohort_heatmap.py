"""Cohorts by age: observed in full color, forecast pale and italic behind a blue staircase."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from app.charts.drawing import Canvas, Drawing, shorten
from app.charts.theme import Palette, mixed, readable_on
from app.words.cohorts import YEAR, Cohorts, Measure, cohort_name, pair, row_words, span_words
from app.words.money import amount
from app.words.text import plotly_text
from clvcore.features.cohorts import PERIODS

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ROW_HEIGHT, HEAD_HEIGHT = 34, 34
MOST_ROWS = 24
LABEL_LENGTH = 14
PALE = 0.6
SPARE = 5  # months at the end that may go undrawn, before the steps get wider
# months shown: every one while they fit, then ever wider steps, a whole year always among them
AGES = (
    tuple(range(1, 15)),
    (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24),
    (1, 2, 3, 4, 6, 9, 12, 15, 18, 24, 30, 36),
    (1, 2, 3, 6, 9, 12, 18, 24, 36, 48, 60, 72, 84),
)


def cohort_heatmap(cohorts: Cohorts, measure: Measure, *, fill: bool, canvas: Canvas) -> Drawing:
    """Draw every cohort at every age.

    Parameters
    ----------
    cohorts
        The cohorts of a run.
    measure
        Value so far per customer, or the share buying in the month.
    fill
        Whether to fill in the forecast.
    """
    rows, ages = _rows(cohorts), _ages(cohorts, fill)
    table = cohorts.table(measure).loc[rows, ages]
    known = cohorts.observed.loc[rows].to_numpy()[:, None] >= np.array(ages)[None, :]
    shown = table.notna().to_numpy() & (known | fill)
    cut = np.array([name == cohorts.cut for name in rows])
    height = ROW_HEIGHT * len(rows) + HEAD_HEIGHT
    figure = canvas.figure(height=height, margin={"l": 0, "r": 4, "t": HEAD_HEIGHT, "b": 2})
    depth = _depth(table, cut, shown)
    _cells(figure, table, depth, known, shown, cut, measure, canvas)
    if fill:
        _staircase(figure, known.sum(axis=1), canvas)
    _axes(figure, cohorts, rows, ages, canvas)
    return Drawing(
        name=canvas.w("cohorts by month"),
        title=_title(cohorts, measure, fill, canvas),
        subtitle=subtitle(measure, canvas, _ahead(canvas) if fill else None),
        alt=_alt(cohorts, rows, ages, _title(cohorts, measure, fill, canvas), canvas),
        figure=figure,
        table=cohort_numbers(cohorts, measure, fill=fill, canvas=canvas),
        height=height,
    )


def _rows(cohorts: Cohorts) -> list[str]:
    """Take the latest periods, or the largest attributes."""
    names = list(cohorts.customers.index)
    return names[-MOST_ROWS:] if cohorts.by in PERIODS else names[:MOST_ROWS]


def _ages(cohorts: Cohorts, fill: bool) -> list[int]:
    last = int(cohorts.value.columns[-1] if fill else max(cohorts.observed.max(), 1))
    ages = next((ages for ages in AGES if ages[-1] + SPARE >= last), AGES[-1])
    return [age for age in ages if age <= last]


def _depth(table: pd.DataFrame, cut: Flags, shown: Flags) -> Floats:
    """Scale to the largest fair cell; the first month of retention is 1 for everybody."""
    values = table.to_numpy(float)
    fair = shown & ~cut[:, None]
    if np.nanmax(values[:, 0], initial=0.0) == 1.0 and values.shape[1] > 1:
        fair = fair & (np.arange(values.shape[1]) > 0)
    pool = values[fair if fair.any() else shown]
    top = float(pool.max(initial=0.0)) or 1.0
    return np.clip(0.07 + 0.6 * values / top, 0.0, 0.67)


def _cells(
    figure: go.Figure,
    table: pd.DataFrame,
    depth: Floats,
    known: Flags,
    shown: Flags,
    cut: Flags,
    measure: Measure,
    canvas: Canvas,
) -> None:
    colors, notes = canvas.colors, _notes(table, known, measure, canvas)
    texts = _texts(table, measure, canvas)
    for grey, pale in ((False, False), (False, True), (True, False), (True, True)):
        part = shown & (cut[:, None] == grey) & (known != pale)
        if not part.any():
            continue
        scale = _scale(colors, grey=grey, pale=pale)
        figure.add_heatmap(
            z=np.where(part, depth, np.nan),
            zmin=0,
            zmax=1,
            colorscale=scale,
            showscale=False,
            xgap=2,
            ygap=2,
            customdata=notes,
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            name="forecast" if pale else "observed",
        )
        inks = np.array([readable_on(c) for c in sample_colorscale(scale, depth[part].tolist())])
        row, column = np.nonzero(part)
        for ink in np.unique(inks):
            at = inks == ink
            figure.add_scatter(
                x=column[at],
                y=row[at],
                mode="text",
                text=[
                    f"<i>{texts[r][c]}</i>" if pale else texts[r][c]
                    for r, c in zip(row[at], column[at], strict=True)
                ],
                textfont={"size": 12.5, "color": str(ink)},
                hoverinfo="skip",
                name="text",
            )


def _scale(colors: Palette, *, grey: bool, pale: bool) -> list[str]:
    if grey:
        steps = [mixed(colors.ground, colors.muted, share / 9) for share in range(10)]
    else:
        steps = list(colors.sequential)
    return [mixed(step, colors.ground, PALE) for step in steps] if pale else steps


def _texts(table: pd.DataFrame, measure: Measure, canvas: Canvas) -> list[list[str]]:
    w, values = canvas.w, table.to_numpy(float)
    if measure == "retention":
        return [["" if np.isnan(v) else w.percent(v) for v in row] for row in values]
    whole = np.nanmax(values) >= 100
    return [
        ["" if np.isnan(v) else amount(float(round(v) if whole else v), w.language) for v in row]
        for row in values
    ]


def _notes(table: pd.DataFrame, known: Flags, measure: Measure, canvas: Canvas) -> list[list[str]]:
    """Return the hover of every cell."""
    w = canvas.w
    notes = []
    for i, name in enumerate(table.index):
        cohort = plotly_text(shorten(cohort_name(w, name)))
        row = []
        for j, age in enumerate(table.columns):
            kind = w("observed") if known[i, j] else w("expected")
            figure = measured(canvas, measure, float(table.iloc[i, j]))
            row.append(f"{cohort} · {span_words(w, age)}<br><b>{figure}</b> · {kind}")
        notes.append(row)
    return notes


def measured(canvas: Canvas, measure: Measure, figure: float) -> str:
    """Write a figure of either measure; a dash where there is none."""
    if np.isnan(figure):
        return "–"
    return canvas.money(figure) if measure == "value" else canvas.w.percent(figure)


def _staircase(figure: go.Figure, edges: npt.NDArray[np.int64], canvas: Canvas) -> None:
    if not edges.any():
        return
    x = np.repeat(edges - 0.5, 2)
    y = np.repeat(np.arange(len(edges) + 1) - 0.5, 2)[1:-1]
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": canvas.colors.expected, "width": 2.4},
        hoverinfo="skip",
        name="last day of data",
    )


def _axes(
    figure: go.Figure, cohorts: Cohorts, rows: list[str], ages: list[int], canvas: Canvas
) -> None:
    w, colors = canvas.w, canvas.colors
    labels = []
    for name in rows:
        words = plotly_text(shorten(cohort_name(w, name), LABEL_LENGTH))
        star = "*" if name == cohorts.cut else ""
        labels.append(f"<b>{words}{star}</b>  {w.count(cohorts.customers[name])}")
    figure.update_yaxes(
        showgrid=False,
        tickvals=list(range(len(rows))),
        ticktext=labels,
        tickfont={"color": colors.ink, "size": 12.5},
        range=[len(rows) - 0.5, -0.5],
    )
    figure.update_xaxes(
        side="top",
        tickvals=list(range(len(ages))),
        ticktext=[str(age) for age in ages],
        range=[-0.53, len(ages) - 0.5],
        showline=False,
    )


def _title(cohorts: Cohorts, measure: Measure, fill: bool, canvas: Canvas) -> str:
    w, table = canvas.w, cohorts.table(measure)
    found = pair(cohorts, measure, fill=fill)
    names = cohorts.fair()
    if measure == "value":
        if found is None:
            return w("Value per customer by cohort")
        ages = table.loc[names, found.months].dropna()
        known = cohorts.observed[ages.index] >= found.months
        best = ages[known | fill]
        return w(
            "After {span}, customers of {cohort} are worth most: {value} each",
            span=span_words(w, found.months),
            cohort=cohort_name(w, str(best.idxmax())),
            value=canvas.money(float(best.max())),
        )
    reach = table.loc[names].notna().sum(axis=1) if fill else cohorts.observed[names]
    months = min(YEAR, int(reach.min())) if names else 0
    if months < 3:
        return w("Customers still buying by cohort")
    weights = cohorts.customers[names]
    early, late = (
        float((table.loc[names, month] * weights).sum() / weights.sum()) for month in (2, months)
    )
    return w(
        "Of every 100 customers, {early} buy in their second month and {late} in month {months}",
        early=round(100 * early),
        late=round(100 * late),
        months=months,
    )


def subtitle(measure: Measure, canvas: Canvas, ahead: str | None) -> str:
    """Say what is drawn, and where a forecast is drawn too how to tell it apart."""
    w = canvas.w
    if measure == "value":
        what = w(
            "Revenue so far per customer{unit}, by months since the first purchase.",
            unit=canvas.unit,
        )
    else:
        what = w("Share of customers with a purchase in each month since their first purchase.")
    return what if ahead is None else f"{what} {ahead}"


def _ahead(canvas: Canvas) -> str:
    return canvas.w("Left of the blue line: observed. Right of it, pale and italic: forecast.")


def _alt(cohorts: Cohorts, rows: list[str], ages: list[int], finding: str, canvas: Canvas) -> str:
    w = canvas.w
    return w(
        "Grid of {rows} cohorts by {ages} ages up to {last} months; one row per {by}. {finding}.",
        rows=len(rows),
        ages=len(ages),
        last=ages[-1],
        by=row_words(w, cohorts.by),
        finding=finding,
    )


def cohort_numbers(
    cohorts: Cohorts, measure: Measure, *, fill: bool, canvas: Canvas
) -> pd.DataFrame:
    """Return every cohort and month, the hidden ones included."""
    w, table = canvas.w, cohorts.table(measure)
    what = w("Value per customer") if measure == "value" else w("Still buying")
    rows = [
        {
            w("Cohort"): cohort_name(w, name),
            w("Customers"): w.count(cohorts.customers[name]),
            w("Months"): months,
            w("Kind"): w("observed") if months <= cohorts.observed[name] else w("expected"),
            what: measured(canvas, measure, float(table.loc[name, months])),
        }
        for name in table.index
        for months in table.columns[table.loc[name].notna()]
        if fill or months <= cohorts.observed[name]
    ]
    names = [w("Cohort"), w("Customers"), w("Months"), w("Kind"), what]
    return pd.DataFrame(rows, columns=names)
