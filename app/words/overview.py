"""What a forecast says in a sentence: for the Overview page and for the report."""

from __future__ import annotations

from app.words.run_in_view import RunInView
from app.words.text import Words
from app.words.trust import is_measured, level_shown
from clvcore.records.columns import HIGH, SCORED
from clvcore.records.run import Run
from clvcore.runs.comparison import Comparison

UNEVEN = 1.5
LEAST_CUSTOMERS = 20
NEAR = 0.02
SMALL = 0.0005


def high_share(run: Run) -> tuple[float, float]:
    """Return the high group's share of all value, and its share of all customers."""
    high = run.customers["segment"] == HIGH
    total = float(run.customers["clv"].sum())
    value = float(run.customers.loc[high, "clv"].sum()) / total if total > 0 else 0.0
    return value, float(high.mean())


def is_revenue(run: Run) -> bool:
    """Tell whether value is what customers spend: no margin was taken, nothing discounted."""
    return run.config.gross_margin == 1 and run.config.annual_discount_rate == 0


def headline(w: Words, shown: RunInView) -> str:
    """Say what is expected, and from how few, where it is from few."""
    run = shown.run
    customers, (value, heads) = len(run.customers), high_share(run)
    filled = {"value": w.money(run.customers["clv"].sum(), run.currency),
              "months": shown.months(w)}  # fmt: skip
    if customers < LEAST_CUSTOMERS or value < UNEVEN * heads or heads == 0:
        return _plain_headline(w, run, customers, filled)
    filled |= {"n": w.count(customers), "share": w.percent(value), "who": _who(w, heads)}
    if is_revenue(run):
        return w(
            "Your {n} customers should spend {value} over the next {months}, and {share} of it "
            "should come from {who}.",
            **filled,
        )
    return w(
        "Your {n} customers should be worth {value} over the next {months}, and {share} of it "
        "should come from {who}.",
        **filled,
    )


def _plain_headline(w: Words, run: Run, customers: int, filled: dict[str, str]) -> str:
    if is_revenue(run):
        return w.plural(
            "Your {n} customer should spend {value} over the next {months}.",
            "Your {n} customers should spend {value} over the next {months}.",
            customers,
            **filled,
        )
    return w.plural(
        "Your {n} customer should be worth {value} over the next {months}.",
        "Your {n} customers should be worth {value} over the next {months}.",
        customers,
        **filled,
    )


def _who(w: Words, heads: float) -> str:
    if abs(heads - 0.2) < NEAR:
        return w("one in five of them")
    if abs(heads - 0.1) < NEAR / 2:
        return w("one in ten of them")
    return w("{share} of them", share=w.percent(heads))


def in_range(w: Words, shown: RunInView) -> str:
    """Say between what the total should lie, and how often such ranges held on the past."""
    run, level = shown.run, shown.run.config.confidence_level
    total = run.total(run.customers.index)
    if run.common is None:
        return w("Its range is not measured yet.")
    expect = w(
        "Expect between {low} and {high}, {odds}.",
        low=w.money(total["clv_lower"], run.currency),
        high=w.money(total["clv_upper"], run.currency),
        odds=w.odds(level),
    )
    return f"{expect} {proof(w, run)} {learned(w, run)}".strip()


def learned(w: Words, run: Run) -> str:
    """Say of a scored forecast how old what it knows is, and whether the shop has moved since."""
    scored = next((notice for notice in run.warnings if notice.code == SCORED), None)
    if scored is None:
        return ""
    if run.drift["drifted"].any():
        return w(
            "It rests on what was learned up to {day}, and the shop has moved since: fit again "
            "soon.",
            day=scored.values["fitted"],
        )
    return w("It rests on what was learned up to {day}.", day=scored.values["fitted"])


def proof(w: Words, run: Run) -> str:
    """Say what the past proves about the ranges of customers."""
    if not is_measured(run.trust):
        return w("How far to trust it could not be measured on your past yet.")
    row = level_shown(run)
    return w(
        "On your own past, {promised} ranges of customers held the truth {held} of the time.",
        promised=w.percent(row["level"]),
        held=w.percent(row["coverage"]),
    )


def change_title(w: Words, change: Comparison) -> str:
    """Say how expected value moved, and which part moved it, where one outweighs the others."""
    day = w.date(change.before.as_of)
    moved = change.change
    if abs(moved) <= SMALL * max(change.before.clv, 1e-9):
        return w("Expected value is unchanged since the forecast of {day}", day=day)
    filled = {"day": day, "amount": w.money(abs(moved), change.currency)}
    parts = {
        w("customers who stayed"): change.stayed.change,
        w("customers who joined"): change.joined.change,
        w("customers who left"): change.left.change,
    }
    name, most = max(parts.items(), key=lambda part: part[1] * moved)
    main = abs(most) > 0.5 * sum(abs(part) for part in parts.values())
    if moved > 0:
        if main:
            return w("Up {amount} since {day}, mostly through {who}", who=name, **filled)
        return w("Up {amount} since {day}", **filled)
    if main:
        return w("Down {amount} since {day}, mostly through {who}", who=name, **filled)
    return w("Down {amount} since {day}", **filled)


def stakes_title(w: Words, groups: int, stake: float, currency: str | None) -> str:
    """Say what the groups shown put at stake."""
    if groups == 0 or stake <= 0:
        return w("Nothing is at stake at the moment")
    value = w.money(stake, currency)
    if groups == 3:
        return w("Three groups put {value} at stake: act on these first", value=value)
    return w("{value} is at stake: act here first", value=value)
