"""The Trust page: the verdict first, then the measurements it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.charts.calibration import TENTHS, calibration, top_share
from app.charts.coverage import coverage
from app.charts.past_totals import past_totals
from app.charts.pit import pit
from app.widgets.card import card, chart_card
from app.widgets.drawn_once import drawn_once
from app.widgets.kpi import kpi_row
from app.widgets.look import canvas_for
from app.widgets.page_header import page_header, small_print
from app.widgets.states import doubts
from app.widgets.trust_badge import ICONS
from app.widgets.trust_groups import groups_card
from app.words.coverage import chance_words, must_exceed, points
from app.words.figures import Kpi
from app.words.forecast import WHY_THIS_MODEL
from app.words.past_totals import at_level, inside
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from app.words.trust import (
    finding,
    has_figures,
    is_measured,
    left_out,
    level_shown,
    limit_of_past,
    qualification,
    rule,
    verdict_names,
    window_words,
)
from clvcore.records.columns import GOOD, NOT_MEASURED, WEAK
from clvcore.records.errors import Notice
from clvcore.records.run import Run

TONES = {GOOD: "green", WEAK: "orange", NOT_MEASURED: "gray"}
LOADED = "trust_loaded"
SMALL = 0.005


@contextmanager
def loading(w: Words, run_id: str | None) -> Iterator[None]:
    """Show the page's bare shapes while a forecast is read for the first time."""
    place = st.empty()  # always there: what follows keeps its place from one rerun to the next
    if run_id is not None and st.session_state.get(LOADED) != run_id:
        with place.container():
            _shapes(w)
    try:
        yield
    finally:
        place.empty()
    st.session_state[LOADED] = run_id


def _shapes(w: Words) -> None:
    st.caption(w("Reading the forecast …"))
    st.skeleton(height=44, width=640)
    for cell in st.columns(4):
        cell.skeleton(height=150)
    for cell in st.columns([1, 1.2]):
        cell.skeleton(height=430)


@drawn_once
def trust_header(w: Words, shown: RunInView) -> None:
    """Say how far to trust the forecast, and how that was found out."""
    page_header(w("Trust"), shown.about(w), finding(w, shown), qualification(w, shown))


@drawn_once
def trust_kpis(w: Words, shown: RunInView) -> None:
    """Draw the verdict with its rule, and the three figures behind it."""
    kpis = [_verdict(w, shown), _held(w, shown)]
    trust = shown.run.trust
    if not at_level(trust.totals, "all").empty:
        kpis.append(_total(w, shown))
    if not trust.calibration.empty:
        kpis.append(_top(w, shown))
    kpi_row(kpis, key="trust-kpis")


def _verdict(w: Words, shown: RunInView) -> Kpi:
    verdict = shown.run.trust.verdict
    name = f"{ICONS[verdict]} {md(verdict_names(w)[verdict])}"
    tone = TONES.get(verdict)
    return Kpi(label=w("Verdict"), value=f":{tone}[{name}]" if tone else name, definition=rule(w))


def _held(w: Words, shown: RunInView) -> Kpi:
    row = level_shown(shown.run)
    return Kpi(
        label=w("Held by {level} range", level=w.percent(row["level"])),
        value=w.percent(row["coverage"], 1),
        words=w("{points} against the promise", points=points(w, row["coverage"] - row["level"])),
        definition=w(
            "Share of customers whose real spend over the {window} fell inside. Chance alone: "
            "{range}, {odds}.",
            window=window_words(w, shown),
            range=chance_words(w, row["wilson_lower"], row["wilson_upper"]),
            odds=w.odds(0.95),
        ),
    )


def _total(w: Words, shown: RunInView) -> Kpi:
    totals = at_level(shown.run.trust.totals, "all")
    expected, came = float(totals["forecast"].sum()), float(totals["actual"].sum())
    off = expected / came - 1.0 if came > 0 else float(expected > 0)
    if abs(off) < SMALL:
        words = w("Expected as much as really came")
    else:
        words = w("Expected too much") if off > 0 else w("Expected too little")
    definition = w.plural(
        "Expected total against what really came, on {n} past date.",
        "Expected total against what really came, {n} past dates together.",
        len(totals),
    )
    return Kpi(
        label=w("Error of the total"),
        value=w.percent(abs(off), 1),
        words=words,
        definition=definition,
    )


def _top(w: Words, shown: RunInView) -> Kpi:
    return Kpi(
        label=w("Top tenth found"),
        value=w.percent(top_share(shown.run.trust.calibration)),
        words=w("of the money came from the tenth we ranked highest"),
        definition=w("Picking at random: {share}.", share=w.percent(1 / TENTHS)),
    )


@drawn_once
def trust_charts(w: Words, shown: RunInView) -> None:
    """Draw promise against fact and past totals, then the groups beside the tenths."""
    trust, canvas = shown.run.trust, canvas_for(w, shown.run.currency)
    promised, note = coverage(trust.coverage, canvas=canvas), must_exceed(w, trust.coverage)
    if at_level(trust.totals, "all").empty:
        chart_card(w, promised, key="coverage", note=note)
    else:
        left, right = st.columns([1, 1.2])
        with left:
            chart_card(w, promised, key="coverage", note=note)
        with right:
            totals = past_totals(trust.totals, window=window_words(w, shown), canvas=canvas)
            chart_card(w, totals, key="past-totals", note=_totals_note(w, shown))
    if trust.calibration.empty:
        groups_card(w, shown)
        return
    left, right = st.columns([1.6, 1])
    with left:
        groups_card(w, shown)
    with right:
        chart_card(w, calibration(trust.calibration, canvas=canvas), key="calibration")


def _totals_note(w: Words, shown: RunInView) -> str:
    """Count the past totals of groups, and say how unsure the level itself is."""
    trust, parts = shown.run.trust, []
    for scope in ("segment", "cohort"):
        totals = at_level(trust.totals, scope)
        if totals.empty:
            continue
        values = {"inside": int(inside(totals).sum()), "n": len(totals)}
        parts.append(
            w("By value group: {inside} of {n} inside.", **values)
            if scope == "segment"
            else w("By cohort: {inside} of {n} inside.", **values)
        )
    parts.append(w("A few past totals suggest, they do not prove."))
    return " ".join(parts)


@drawn_once
def trust_distribution(w: Words, shown: RunInView) -> None:
    """Draw where outcomes fell, folded away: it is for those who check distributions."""
    trust = shown.run.trust
    if trust.pit.empty:
        return
    with st.expander(w("For analysts: where real outcomes fell within what was thought possible")):
        chart_card(w, pit(trust.pit, canvas=canvas_for(w, shown.run.currency)), key="pit")


@drawn_once
def trust_method(w: Words, shown: RunInView) -> None:
    """Say what the verdict rests on and what its figures leave out."""
    trust = shown.run.trust
    if not has_figures(trust):
        if not shown.run.leaderboard.empty:
            small_print(left_out(w))
        return
    said = [*trust.reasons, *why_this_model(shown.run)]
    sentences = [w.notice(notice) for notice in said] + [left_out(w), _season(w, shown)]
    subtitle = w("How the past was read, and what the figures leave out.")
    with card(w("What the verdict rests on"), subtitle, key="trust-method"):
        st.markdown("\n".join(f"- {md(sentence)}" for sentence in sentences))


def why_this_model(run: Run) -> list[Notice]:
    """Return what was said about the choice of the model."""
    return [notice for notice in run.warnings if notice.code in WHY_THIS_MODEL]


def _season(w: Words, shown: RunInView) -> str:
    trust = shown.run.trust
    return w(
        "{share} of the coming season has been seen before. What moves all customers together "
        "makes the total uncertain by up to {level}, {odds}.",
        share=w.percent(trust.season_seen),
        level=w.percent(trust.level_uncertainty),
        odds=w.odds(shown.run.config.confidence_level),
    )


@drawn_once
def trust_terms(w: Words, shown: RunInView) -> None:
    """List the doubts of the run, then define the figures."""
    run = shown.run
    limit = None if is_measured(run.trust) else limit_of_past(run)
    known = [limit, *why_this_model(run)]
    said = [notice for notice in run.warnings if not any(notice is other for other in known)]
    doubts(w, [w.notice(notice) for notice in said], key="trust-doubts")
    if has_figures(run.trust):
        small_print(
            w(
                "Spend here is revenue, not discounted, before margin. Held by quantiles alone: "
                "before a range is stretched to contain the expected value. Average width: upper "
                "minus lower end. Score: width plus a fine for every miss (Winkler), lower is "
                "better. Chance alone: Wilson’s interval of a share, 19 times out of 20."
            )
        )
