"""The finding of the Runs page: what changed, or how many forecasts are kept."""

from __future__ import annotations

from collections.abc import Sequence

from app.services.runs import RunEntry
from app.widgets.page_header import page_header
from app.words.run_in_view import horizon_words
from app.words.text import Words
from clvcore.runs.comparison import Comparison

UNCHANGED = 0.0005


def runs_header(
    w: Words, kept: Sequence[RunEntry], chosen: RunEntry, comparison: Comparison | None
) -> None:
    """Say what became of the expected value since the forecast it is compared with."""
    about = [
        chosen.dataset_name,
        w("as of {day}", day=chosen.as_of),
        w("next {horizon}", horizon=horizon_words(w, chosen.horizon_months, chosen.horizon_days)),
        chosen.currency or w("currency not stated"),
    ]
    if comparison is None:
        page_header(
            w("Runs"),
            about,
            w.plural("{n} forecast is kept.", "{n} forecasts are kept.", len(kept)),
            w("Look at one, show it on all pages, run it again with changes, or compare two."),
        )
        return
    page_header(w("Runs"), about, _finding(w, comparison), _qualification(w, comparison))


def _finding(w: Words, comparison: Comparison) -> str:
    then, total = comparison.before, w.money(comparison.after.clv, comparison.currency)
    size = w.money(abs(comparison.change), comparison.currency)
    if abs(comparison.change) < UNCHANGED * max(then.clv, 1e-9):
        return w("The expected value has stayed at {total} since {day}.", total=total,
                 day=then.as_of)  # fmt: skip
    if comparison.change > 0:
        return w("The expected value has risen by {size} to {total} since {day}.", size=size,
                 total=total, day=then.as_of)  # fmt: skip
    return w("The expected value has fallen by {size} to {total} since {day}.", size=size,
             total=total, day=then.as_of)  # fmt: skip


def _qualification(w: Words, comparison: Comparison) -> str:
    if comparison.settings:
        return w.plural(
            "The two differ in {n} setting, so part of the change is not the customers’ doing.",
            "The two differ in {n} settings, so part of the change is not the customers’ doing.",
            len(comparison.settings),
        )
    return w(
        "{joined} joined, {left} left, and {moved} of those who stayed changed value group.",
        joined=comparison.joined.customers,
        left=comparison.left.customers,
        moved=comparison.moved,
    )
