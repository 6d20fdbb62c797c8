"""What the past says about a forecast, in words: the verdict, its rule, and the page's finding."""

from __future__ import annotations

import pandas as pd

from app.words.coverage import judged, whole, worst
from app.words.past_totals import at_level, inside, totals_words
from app.words.run_in_view import RunInView
from app.words.text import Words
from clvcore.backtest.coverage import FAIR_POINTS, GOOD_POINTS, JUDGED
from clvcore.records.columns import FAIR, GOOD, NOT_MEASURED, WEAK
from clvcore.records.errors import Notice
from clvcore.records.run import Run
from clvcore.records.trust import Trust

PAST_LIMITS = ("NOT_MEASURED", "NOT_MEASURED_AT_HORIZON")


def verdict_names(w: Words) -> dict[str, str]:
    """Return the four verdicts in words."""
    return {
        GOOD: w("Good"),
        FAIR: w("Fair"),
        WEAK: w("Weak"),
        NOT_MEASURED: w("Not measured"),
    }


def rule(w: Words) -> str:
    """Return the rule of the verdict, its cut-offs included."""
    return w(
        "Good: at {levels} within {good} points of the promise, and past totals inside their "
        "ranges. Fair: within {fair}. Weak: beyond. Not measured: no past date of this horizon.",
        levels=w.listed([w.percent(level) for level in JUDGED]),
        good=round(100 * GOOD_POINTS),
        fair=round(100 * FAIR_POINTS),
    )


def left_out(w: Words) -> str:
    """Say what the figures do not know and the shipped forecast does."""
    return w(
        "The forecast that ships has also learned from the last window; these figures leave it out."
    )


def has_figures(trust: Trust) -> bool:
    """Tell whether there is anything to draw, measured at this horizon or over shorter windows."""
    return not whole(trust.coverage).empty


def is_measured(trust: Trust) -> bool:
    """Tell whether the past proves anything about this horizon."""
    return trust.verdict != NOT_MEASURED and not judged(trust.coverage).empty


def level_shown(run: Run) -> pd.Series:
    """Return the coverage of everybody at the run's own level, or at the highest judged."""
    shown = judged(run.trust.coverage)
    own = shown[shown["level"].round(2) == round(run.config.confidence_level, 2)]
    return (own if len(own) else shown).iloc[-1]


def window_words(w: Words, shown: RunInView) -> str:
    """Return the length of the past windows in words: that of the horizon where it is one."""
    trust = shown.run.trust
    if trust.is_full_length:
        return shown.months(w)
    return w.plural("{n} day", "{n} days", trust.window_days)


def past_dates(trust: Trust) -> int:
    """Return on how many past dates a forecast was made and compared."""
    return int(trust.totals["origin"].nunique())


def finding(w: Words, shown: RunInView) -> str:
    """Return the page's sentence: what the verdict means for whoever decides by this forecast."""
    trust = shown.run.trust
    if not is_measured(trust):
        if not has_figures(trust):
            return w("Nobody knows yet how far to trust this forecast.")
        return w(
            "Nobody knows yet how far to trust this forecast over {horizon}: the past could only "
            "be checked over {window}.",
            horizon=shown.months(w),
            window=window_words(w, shown),
        )
    if trust.verdict == GOOD:
        promise = _promise(level_shown(shown.run))
        return w(
            "You can rely on this forecast: we promised {promised} times in 100, and held {held}.",
            **promise,
        )
    return _reserved(w, trust)


def _reserved(w: Words, trust: Trust) -> str:
    """Say what keeps a verdict from being good: a total that missed, or the worst level."""
    totals = at_level(trust.totals, "all")
    missed, row = int((~inside(totals)).sum()), worst(trust.coverage)
    promise, fair = _promise(row), trust.verdict == FAIR
    if missed and fair:
        return w.plural(
            "Use this forecast with some care: {n} of {of} past totals missed its range.",
            "Use this forecast with some care: {n} of {of} past totals missed their range.",
            missed,
            of=len(totals),
        )
    if missed:
        return w.plural(
            "Use this forecast for ranking, not for budgets: {n} of {of} past totals missed its "
            "range.",
            "Use this forecast for ranking, not for budgets: {n} of {of} past totals missed their "
            "range.",
            missed,
            of=len(totals),
        )
    if row["coverage"] > row["level"]:
        return w(
            "Use this forecast with some care: its ranges are a little wider than needed, "
            "{promised} times in 100 promised and {held} held."
            if fair
            else "Take its ranges as an upper limit: they are much wider than needed, {promised} "
            "times in 100 promised and {held} held.",
            **promise,
        )
    return w(
        "Use this forecast with some care: we promised {promised} times in 100, and held {held}."
        if fair
        else "Use this forecast for ranking, not for budgets: we promised {promised} times in "
        "100, and held {held}.",
        **promise,
    )


def _promise(row: pd.Series) -> dict[str, int]:
    return {"promised": round(100 * row["level"]), "held": round(100 * row["coverage"])}


def qualification(w: Words, shown: RunInView) -> str:
    """Say how the past was checked, or why it could not be."""
    trust = shown.run.trust
    if not has_figures(trust):
        return why_unmeasured(w, shown.run)
    totals = at_level(trust.totals, "all")
    how = w.plural(
        "Checked by going back to {n} past date, forecasting the {window} after it with what was "
        "known then, and comparing with what really happened.",
        "Checked by going back to {n} past dates, forecasting the {window} after each with what "
        "was known then, and comparing with what really happened.",
        past_dates(trust),
        window=window_words(w, shown),
    )
    if totals.empty:
        return how
    return f"{how} {totals_words(w, totals)}."


def why_unmeasured(w: Words, run: Run) -> str:
    """Say what is missing: orders, a model that can be checked, or a newer forecast."""
    told = limit_of_past(run)
    if told is not None:
        return w.notice(told)
    if not could_be_checked(run):
        return w(
            "The shipped model, {model}, could not be checked on past dates.",
            model=w.model(run.model),
        )
    return w(
        "It was made by a version that did not measure ranges yet. Run it again to have them "
        "measured."
    )


def could_be_checked(run: Run) -> bool:
    """Tell whether the leaderboard knows the shipped model, under the name it is scored by."""
    return run.leaderboard.empty or run.model in (*run.leaderboard.index, "probabilistic")


def limit_of_past(run: Run) -> Notice | None:
    """Return the doubt that says why the past could not be checked at this horizon."""
    return next((notice for notice in run.warnings if notice.code in PAST_LIMITS), None)


def badge_words(w: Words, verdict: str) -> str:
    """Return "Trust: good"."""
    return w("Trust: {verdict}", verdict=verdict_names(w)[verdict].lower())
