"""One self-contained page of HTML about a forecast, for those who decide by it.

Words come from the reader's catalogue, numbers from the run, and the template escapes whatever a
user typed. The page asks for nothing from anywhere: styles and drawings are part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from app.charts.concentration import concentration_title
from app.charts.drawing import Canvas, Drawing
from app.charts.history import history
from app.charts.past_totals import past_totals, rows_drawn
from app.charts.segment_values import by_segment, group_shares, segment_values
from app.charts.theme import LIGHT
from app.report import figures, tables
from app.services.previous import Since
from app.words.cohort_finding import finding as cohort_finding
from app.words.cohorts import Cohorts
from app.words.figures import HEADROOM, Interval, Kpi
from app.words.forecast import FAN, cut_offs, value_terms
from app.words.groups import group_name, segment_names
from app.words.overview import change_title, headline, in_range, stakes_title
from app.words.overview_figures import change_parts, overview_kpis
from app.words.run_in_view import RunInView
from app.words.text import Words
from app.words.trust import badge_words, has_figures, left_out, qualification, rule, window_words
from app.words.trust import finding as trust_finding
from clvcore.uncertainty import timeline_at, totals_at
from clvcore.value.actions import action_plan

TOP_GROUPS = 3
TEMPLATE = "report.html.j2"


@dataclass(frozen=True, eq=False, kw_only=True)
class Source:
    """What a report is made of: the forecast, its manifest, and the forecast before it."""

    shown: RunInView
    manifest: dict[str, Any]
    since: Since | None = None


def report_html(w: Words, source: Source) -> str:
    """Return the page as text."""
    run = source.shown.run
    canvas = Canvas(w, LIGHT, run.currency)
    return _template().render(
        said=_said(w),
        language=w.language,
        colors=LIGHT,
        title=headline(w, source.shown),
        **_top(w, source),
        **_drawings(w, source.shown, canvas),
        **_groups(w, source),
        **_trust(w, source.shown, canvas),
        **_cohorts(w, source.shown),
        doubts=tables.doubts_of(w, run),
        definitions=tables.definitions(w, run),
        terms=f"{cut_offs(w, run)} {value_terms(w, run)}",
        provenance=tables.provenance(w, source.shown, source.manifest),
    )


def _said(w: Words) -> dict[str, str]:
    """Return the headings that no number changes."""
    return {
        "report": w("Customer value report"),
        "actions": w("What to do, for whom, and the most it is worth spending"),
        "coverage": w("Customers inside their range on past dates"),
        "cohorts": w("Value so far per customer, by age. Italic on paler ground: still to come."),
        "starred": w(
            "* Its customers may have been buying before the orders begin, so it is no fair "
            "comparison."
        ),
        "doubts": w("Keep in mind"),
        "definitions": w("Words and cut-offs"),
        "provenance": w("Where these numbers come from"),
    }


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE)


def _top(w: Words, source: Source) -> dict[str, Any]:
    shown, since = source.shown, source.since
    kpis = overview_kpis(w, shown, since.before if since else None)
    change = None
    if since is not None:
        change = {"title": change_title(w, since.change), "parts": change_parts(w, since.change)}
    return {
        "about": [part for part in shown.about(w) if part],
        "qualification": in_range(w, shown),
        "kpis": [(kpi, _strip(kpi)) for kpi in kpis],
        "change": change,
    }


def _strip(kpi: Kpi) -> tuple[float, float, float] | None:
    """Return where the band begins, how wide it is, and the mark, in percent of the strip."""
    interval: Interval | None = kpi.interval
    if interval is None or not interval.known:
        return None
    scale = (interval.scale or interval.high * HEADROOM) / 100.0
    low, mark = interval.low / scale, interval.value / scale
    return round(low, 1), round(max(interval.high / scale - low, 0.6), 1), round(mark, 1)


def _drawings(w: Words, shown: RunInView, canvas: Canvas) -> dict[str, Any]:
    run, level = shown.run, shown.run.config.confidence_level
    measured = run.common is not None
    inner = {share: timeline_at(run, share) for share in FAN} if measured else {}
    half = totals_at(run, FAN[0]) if measured else None
    line = history(
        run.timeline, as_of=run.as_of, customers=len(run.customers), level=level, canvas=canvas,
        inner=inner,
    )  # fmt: skip
    dots = segment_values(
        run.totals, rule=run.config.segmentation, level=level, canvas=canvas, inner=half
    )
    fan = figures.fan(run.timeline, as_of=run.as_of, level=level, inner=inner, canvas=canvas)
    return {
        "line": _words_of(line), "fan": fan,
        "dots": _words_of(dots), "by_value": _by_value(w, shown, canvas, half),
    }  # fmt: skip


def _words_of(drawing: Drawing) -> dict[str, str]:
    return {"title": drawing.title, "subtitle": drawing.subtitle, "alt": drawing.alt}


def _by_value(
    w: Words, shown: RunInView, canvas: Canvas, half: pd.DataFrame | None
) -> figures.Ranges:
    run, names = shown.run, segment_names(w)
    inner = None if half is None else by_segment(half)
    rows = by_segment(run.totals)
    entries = [
        figures.Entry(
            name=names[segment], below=f"{w.count(row['customers'])} · {share}",
            color=getattr(LIGHT, segment), value=row["clv"], words=canvas.money(row["clv"]),
            outer=None if inner is None else (row["clv_lower"], row["clv_upper"]),
            inner=None
            if inner is None
            else (inner.loc[segment, "clv_lower"], inner.loc[segment, "clv_upper"]),
        )
        for (segment, row), share in zip(
            rows.iterrows(), group_shares(run.config.segmentation, canvas), strict=True
        )
    ]  # fmt: skip
    return figures.ranges(entries, width=figures.WIDTH, row=42.0, canvas=canvas)


def _groups(w: Words, source: Source) -> dict[str, Any]:
    run = source.shown.run
    plan = action_plan(run.customers, uplift=run.config.segmentation.uplift)
    top = plan[plan["value_at_stake"] > 0].head(TOP_GROUPS)
    stake = float(top["value_at_stake"].sum())
    return {
        "groups": tables.groups_table(w, run),
        "actions": tables.actions_table(w, run),
        "stakes": stakes_title(w, len(top), stake, run.currency),
        "concentration": concentration_title(
            run.customers["clv"].to_numpy(), Canvas(w, LIGHT, run.currency)
        ),
    }


def _trust(w: Words, shown: RunInView, canvas: Canvas) -> dict[str, Any]:
    trust = shown.run.trust
    said = {
        "badge": badge_words(w, trust.verdict),
        "finding": trust_finding(w, shown),
        "qualification": qualification(w, shown),
        "rule": rule(w),
        "left_out": left_out(w) if has_figures(trust) else "",
    }
    rows = rows_drawn(trust.totals) if has_figures(trust) else trust.totals
    if rows.empty:
        return {"trust": said, "coverage": tables.coverage_table(w, shown.run), "past": None}
    drawing = past_totals(trust.totals, window=window_words(w, shown), canvas=canvas)
    entries = [_past_entry(w, row, canvas) for _, row in rows.iterrows()]
    drawn = figures.ranges(entries, width=figures.WIDTH, row=46.0, canvas=canvas)
    past = {"words": _words_of(drawing), "ranges": drawn}
    return {"trust": said, "coverage": tables.coverage_table(w, shown.run), "past": past}


def _past_entry(w: Words, row: pd.Series, canvas: Canvas) -> figures.Entry:
    return figures.Entry(
        name=w.date(row["origin"].date()),
        below=group_name(w, row["scope"], row["key"]),
        color=LIGHT.expected,
        value=row["forecast"],
        words=w("really {value}", value=canvas.money(row["actual"])),
        outer=(row["lower"], row["upper"]),
        happened=row["actual"],
    )


def _cohorts(w: Words, shown: RunInView) -> dict[str, Any]:
    if shown.run.cohorts.empty:
        return {"cohorts": None}
    cohorts = Cohorts.of(shown.run.cohorts, shown.run.config.cohort_by)
    head, rows = tables.cohort_table(w, cohorts, shown.run.currency)
    return {
        "cohorts": {
            "title": cohort_finding(w, shown, cohorts),
            "head": head,
            "rows": rows,
            "starred": cohorts.cut is not None,
        }
    }
