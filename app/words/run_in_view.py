"""A forecast as pages, report and lists name it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.words.text import Words
from clvcore.records.run import Run

if TYPE_CHECKING:
    from app.services.runs import RunEntry


@dataclass(frozen=True, eq=False)
class RunInView:
    """A run with its entry in the list.

    ``key`` names the tenant and the version of the run, for what is drawn of it once
    (``drawn_once``); None for a run that is not as it was saved.
    """

    entry: RunEntry
    run: Run
    key: tuple[Hashable, ...] | None = None

    def months(self, w: Words) -> str:
        """Return the horizon in words: "12 months"."""
        return horizon_words(w, self.entry.horizon_months, self.entry.horizon_days)

    def about(self, w: Words) -> list[str]:
        """Return the eyebrow: dataset, as of, horizon, currency."""
        return [
            self.entry.dataset_name,
            w("as of {day}", day=self.run.as_of),
            w("next {horizon}", horizon=self.months(w)),
            self.run.currency or w("currency not stated"),
        ]


def horizon_words(w: Words, months: int | None, days: int | None) -> str:
    """Return the length of a forecast in words."""
    if days is not None:
        return w.plural("{n} day", "{n} days", days)
    return w.plural("{n} month", "{n} months", months or 0)


def cohort_words(w: Words, cohort: str) -> str:
    """Return a cohort as people say it; "all" is everybody, other names stay."""
    return w("Everybody") if cohort == "all" else cohort
