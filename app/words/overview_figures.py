"""The Overview's five figures, and what became of them since the previous forecast."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.words.figures import Change, Interval, Kpi
from app.words.forecast import total_words
from app.words.money import MINUS
from app.words.overview import high_share
from app.words.run_in_view import RunInView
from app.words.text import Words
from clvcore.records.columns import HIGH
from clvcore.records.run import Run
from clvcore.runs.comparison import Comparison


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the five cards hold, as numbers."""

    total: float
    low: float
    high: float
    customers: int
    alive: float
    high_share: float

    @classmethod
    def of(cls, run: Run) -> Figures:
        """Read them off a run."""
        total = run.total(run.customers.index)
        return cls(
            total=float(total["clv"]),
            low=float(total["clv_lower"]),
            high=float(total["clv_upper"]),
            customers=len(run.customers),
            alive=float(run.customers["p_alive"].sum()),
            high_share=high_share(run)[0],
        )


def overview_kpis(w: Words, shown: RunInView, before: Run | None) -> list[Kpi]:
    """Return value, customers, those still active, the average and the high group's share."""
    run, now = shown.run, Figures.of(shown.run)
    then = Figures.of(before) if before is not None else None
    since = since_words(w, run.as_of, before.as_of) if before is not None else ""
    level, currency = run.config.confidence_level, run.currency
    whole = Interval(value=now.total, low=now.low, high=now.high)
    average = Interval(
        value=now.total / now.customers, low=now.low / now.customers, high=now.high / now.customers
    )
    moved = _changes(w, now, then, since)
    return [
        Kpi(
            label=w("Expected, {months}", months=shown.months(w)),
            value=w.money(now.total, currency),
            interval=whole,
            words=total_words(w, whole, level, currency),
            definition=w("What today’s customers should spend. Nobody new is counted.")
            if run.config.gross_margin == 1
            else w("What today’s customers should bring in margin. Nobody new is counted."),
            change=moved["total"],
        ),
        Kpi(
            label=w("Customers"),
            value=w.count(now.customers),
            words=_left_out(w, run),
            definition=w("At least one kept purchase by {day}.", day=run.as_of),
            change=moved["customers"],
        ),
        Kpi(
            label=w("Still customers"),
            value=w.count(now.alive),
            words=w(
                "{share} of {n}",
                share=w.percent(now.alive / now.customers),
                n=now.customers,
            ),
            definition=w("Sum of each customer’s chance of still being one."),
            change=moved["alive"],
        ),
        Kpi(
            label=w("Per customer"),
            value=w.money(average.value, currency),
            interval=average,
            words=total_words(w, average, level, currency),
            definition=w(
                "Average. Half of all customers are below {median}.",
                median=w.money(run.customers["clv"].median(), currency),
            ),
            change=moved["average"],
        ),
        _high_kpi(w, run, now, moved["share"]),
    ]


def _high_kpi(w: Words, run: Run, now: Figures, change: Change | None) -> Kpi:
    count = int((run.customers["segment"] == HIGH).sum())
    rule = w.percent(run.config.segmentation.high)
    begins = run.cutoffs.get("high_from")
    return Kpi(
        label=w("High value’s share"),
        value=w.percent(now.high_share),
        words=w.plural("{n} customer", "{n} customers", count),
        definition=w("High: the top {share} by expected value.", share=rule)
        if begins is None
        else w(
            "High: the top {share} by expected value, from {value}.",
            share=rule,
            value=w.money(begins, run.currency),
        ),
        change=change,
    )


def _left_out(w: Words, run: Run) -> str:
    missing = run.quality.customers_in - len(run.customers)
    if missing <= 0:
        return w("None left out")
    return w.plural(
        "{n} left out: no order that counts", "{n} left out: no orders that count", missing
    )


def _changes(w: Words, now: Figures, then: Figures | None, since: str) -> dict[str, Change | None]:
    if then is None:
        return dict.fromkeys(("total", "customers", "alive", "average", "share"))
    mean, meant = now.total / now.customers, then.total / then.customers
    return {
        "total": Change(text=_relative(w, now.total, then.total), since=since),
        "customers": Change(text=_counted(w, now.customers - then.customers), since=since),
        "alive": Change(text=_counted(w, now.alive - then.alive), since=since),
        "average": Change(text=_relative(w, mean, meant), since=since),
        "share": Change(
            text=_points(w, now.high_share - then.high_share), since=since, judged=False
        ),
    }


def since_words(w: Words, now: dt.date, then: dt.date) -> str:
    """Return "vs 9 May"; the year is said only where it is another one."""
    if then.year != now.year:
        return w("vs {day}", day=w.date(then))
    month = w.month(then)
    return w("vs {day}", day=f"{then.day} {month if w.language == 'en' else month.lower()}")


def _relative(w: Words, now: float, then: float) -> str:
    share = now / then - 1 if then > 0 else 0.0
    return _signed(w.percent(abs(share), 1), share if abs(share) >= 0.0005 else 0.0)


def _counted(w: Words, difference: float) -> str:
    return _signed(w.count(abs(difference)), round(difference))


def _points(w: Words, difference: float) -> str:
    shown = round(100 * difference, 1)
    return _signed(w("{points} pt", points=w.number(abs(shown), 1)), shown)


def _signed(text: str, difference: float) -> str:
    """Put a sign before what moved; the minus is the one metrics know."""
    if difference == 0:
        return text
    return ("+" if difference > 0 else "-") + text


def signed_money(w: Words, amount: float, currency: str | None) -> str:
    """Write a change of money for running text, with its sign."""
    written = w.money(amount, currency)
    return written if amount < 0 or written.startswith(MINUS) else f"+{written}"


def change_parts(w: Words, change: Comparison) -> list[tuple[str, str, str]]:
    """Return who, how many, and what they add, for those who stayed, joined and left."""
    rows = (
        (w("Stayed"), change.stayed),
        (w("Joined"), change.joined),
        (w("Left"), change.left),
    )
    return [
        (
            name,
            w.plural("{n} customer", "{n} customers", part.customers),
            signed_money(w, part.change, change.currency),
        )
        for name, part in rows
    ]
