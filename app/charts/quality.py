"""The ledger as a waterfall: every row and every cent, from the file to the forecast."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from app.charts.drawing import Canvas, Drawing
from app.words.money import MINUS
from app.words.text import Words, msg, plotly_text
from clvcore.ingest.ledger import WINSORISED
from clvcore.records.transactions import QualityReport

ROW = 62
MOST_REASONS = 6
FREE_AT_RIGHT = 1.5
REASONS = {
    "ragged_row": msg("Too many or too few cells"),
    "missing_customer_id": msg("No customer number"),
    "invalid_customer_id": msg("Customer not readable"),
    "missing_date": msg("No date"),
    "unreadable_date": msg("Date not readable"),
    "implausible_date": msg("Date not plausible"),
    "missing_amount": msg("No amount"),
    "unreadable_amount": msg("Amount not readable"),
    "non_finite_amount": msg("Amount not a number"),
    "implausible_amount": msg("Amount not plausible"),
    "missing_quantity": msg("No pieces"),
    "unreadable_quantity": msg("Pieces not readable"),
    "non_finite_quantity": msg("Pieces not a number"),
    "implausible_quantity": msg("Pieces not plausible"),
    "returned": msg("Days with only returns"),
    "after_as_of": msg("After the last day used"),
    "duplicate_dropped": msg("Repeats an earlier row"),
    "outside_dates": msg("Outside the days chosen"),
    "other_currency": msg("In another currency"),
    "zero_dropped": msg("Amount of zero"),
    "forgotten": msg("Customers forgotten on request"),
    "cancelled": msg("Cancelled orders"),
    "repeated_total": msg("Order total said before"),
    "not_a_sale": msg("Not a sale"),
    "subtotal": msg("Totals among the rows"),
    "far_off_date": msg("Date far from all others"),
    WINSORISED: msg("Largest amounts cut"),
}


@dataclass(frozen=True)
class Step:
    """One bar: where it starts, how many rows it holds and their money."""

    name: str
    start: int
    rows: int
    money: float
    kind: str


def reason_name(reason: str, w: Words) -> str:
    """Return a reason in words; an unknown code stays readable."""
    return w(REASONS[reason]) if reason in REASONS else reason.replace("_", " ").capitalize()


def quality(report: QualityReport, *, canvas: Canvas) -> Drawing:
    """Draw rows and money from the file, over each reason, to what is used."""
    w = canvas.w
    steps = _steps(report, w)
    height = 40 + ROW * len(steps)
    figure = canvas.figure(
        height=height, barmode="overlay", margin={"l": 0, "r": 0, "t": 4, "b": 4}
    )
    tones = {
        "in": canvas.colors.ink,
        "dropped": canvas.colors.attention,
        "used": canvas.colors.expected,
    }
    figure.add_bar(
        y=list(range(len(steps))),
        x=[step.rows for step in steps],
        base=[step.start for step in steps],
        orientation="h",
        width=0.46,
        marker={"color": [tones[step.kind] for step in steps], "line": {"width": 0}},
        hoverinfo="skip",
        name="rows",
    )
    _connect(figure, steps, canvas)
    _labels(figure, steps, report.rows_in, canvas)
    return Drawing(
        name=w("rows and money, step by step"),
        title=w("Where every row and every cent went"),
        subtitle=w(
            "Rows and money{unit}, from the file to the forecast. Orange: left out, with the "
            "reason.",
            unit=canvas.unit,
        ),
        alt=_alt(report, canvas),
        figure=figure,
        table=_table(steps, canvas),
        height=height,
    )


def _steps(report: QualityReport, w: Words) -> list[Step]:
    ordered = sorted(report.rows_dropped.items(), key=lambda item: -item[1])
    named = [
        (reason_name(reason, w), rows, report.amount_dropped.get(reason, 0.0))
        for reason, rows in ordered
        if rows or reason == WINSORISED
    ]
    if len(named) > MOST_REASONS:
        rest = named[MOST_REASONS - 1 :]
        other = (w("Other reasons"), sum(r[1] for r in rest), sum(r[2] for r in rest))
        named = [*named[: MOST_REASONS - 1], other]
    steps = [Step(w("In the file"), 0, report.rows_in, report.amount_in, "in")]
    left = report.rows_in
    for name, rows, amount in named:
        left -= rows
        steps.append(Step(name, left, rows, amount, "dropped"))
    return [*steps, Step(w("Used"), 0, report.rows_used, report.amount_used, "used")]


def _connect(figure: go.Figure, steps: list[Step], canvas: Canvas) -> None:
    """Tie the end of each bar to the next with a dotted line, one trace with gaps."""
    x: list[float | None] = []
    y: list[float | None] = []
    for i in range(len(steps) - 1):
        end = steps[i].start if steps[i].kind == "dropped" else steps[i].rows
        x += [end, end, None]
        y += [i + 0.23, i + 1 - 0.23, None]
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": canvas.colors.muted, "width": 1.2, "dash": "3px,3px"},
        hoverinfo="skip",
        name="connect",
    )


def _labels(figure: go.Figure, steps: list[Step], rows_in: int, canvas: Canvas) -> None:
    w = canvas.w
    texts = []
    for step in steps:
        minus = MINUS if step.kind == "dropped" and step.rows else ""
        rows = w.plural("{n} row", "{n} rows", step.rows)
        texts.append(f"  <b>{minus}{rows}</b><br>  {_money(step, canvas)}")
    figure.add_scatter(
        x=[step.start + step.rows for step in steps],
        y=list(range(len(steps))),
        mode="text",
        text=texts,
        textposition="middle right",
        textfont={"size": 12.5, "color": canvas.colors.ink},
        hoverinfo="skip",
        name="labels",
    )
    figure.update_xaxes(visible=False, range=[0, max(rows_in, 1) * FREE_AT_RIGHT])
    figure.update_yaxes(
        showgrid=False,
        tickvals=list(range(len(steps))),
        ticktext=[plotly_text(step.name) for step in steps],
        tickfont={"size": 13, "color": canvas.colors.ink},
        range=[len(steps) - 0.5, -0.5],
    )


def _money(step: Step, canvas: Canvas) -> str:
    """Leaving out returns adds money back: those rows were negative."""
    if step.kind != "dropped":
        return canvas.money(step.money)
    if step.money < 0:
        return "+" + canvas.money(-step.money)
    return (MINUS if step.money > 0 else "") + canvas.money(step.money)


def _alt(report: QualityReport, canvas: Canvas) -> str:
    return canvas.w(
        "Waterfall of {rows_in} rows in the file to {rows_used} rows used; {dropped} rows are left "
        "out for {reasons} reasons.",
        rows_in=report.rows_in,
        rows_used=report.rows_used,
        dropped=report.rows_in - report.rows_used,
        reasons=sum(1 for rows in report.rows_dropped.values() if rows),
    )


def _table(steps: list[Step], canvas: Canvas) -> pd.DataFrame:
    w = canvas.w
    return pd.DataFrame(
        {
            w("Step"): [step.name for step in steps],
            w("Rows"): [
                (MINUS if s.kind == "dropped" and s.rows else "") + w.count(s.rows) for s in steps
            ],
            w("Money"): [_money(step, canvas) for step in steps],
        }
    )
