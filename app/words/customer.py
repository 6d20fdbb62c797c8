"""One customer in sentences: the finding, the titles of the cards, and what the trees say."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from babel.dates import format_date, format_skeleton

from app.words.money import MINUS
from app.words.text import Words
from clvcore.customer.drivers import ALIVE, BLEND, PACE, SPEND, TREES
from clvcore.customer.trees import AMOUNTS, EXPECTED, RECENT, RHYTHM, TRAITS
from clvcore.records.columns import ACTIVE, AT_RISK, LOST

if TYPE_CHECKING:
    from app.services.customers import CustomerInView

SILENT_FROM = 2.0  # own gaps between purchases


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How a customer buys: ``gap`` days between purchases, ``idle`` days since the last one."""

    once: bool
    gap: int
    idle: int
    last: dt.date

    @classmethod
    def of(cls, row: pd.Series, as_of: dt.date) -> Habits:
        """Read them off a row of a run."""
        last, repeats = row["last_purchase"].date(), int(row["frequency"])
        gap = max(1, round(row["recency"] / repeats)) if repeats else 0
        return cls(once=repeats == 0, gap=gap, idle=(as_of - last).days, last=last)


def month_words(w: Words, day: dt.date, as_of: dt.date) -> str:
    """Return the name of a month, with its year if that is not clear."""
    if (as_of - day).days < 330:
        return format_date(day, "LLLL", locale=w.language)
    return format_skeleton("yMMMM", day, locale=w.language)


def chance_words(w: Words, share: float) -> str:
    """Return a chance as a whole percentage; nobody is surely here or gone."""
    if share < 0.005:
        return "<" + w.percent(0.01)
    return ">" + w.percent(0.99) if share > 0.995 else w.percent(share)


def _with_article(w: Words, share: str) -> str:
    """Put "a" or "an" before a percentage in English; the other languages have no use for it."""
    if w.language != "en":
        return share
    spoken_with_vowel = share.startswith("8") or share in ("11%", "18%")
    return f"{'an' if spoken_with_vowel else 'a'} {share}"


def finding(w: Words, customer: CustomerInView, as_of: dt.date) -> str:
    """Say how the customer bought, and how likely they are still one."""
    row, habits = customer.row, Habits.of(customer.row, as_of)
    values = {"id": customer.id, "share": _with_article(w, chance_words(w, row["p_alive"]))}
    if habits.once:
        return w.plural(
            "Customer {id} bought once, {n} day ago: {share} chance they are still with you.",
            "Customer {id} bought once, {n} days ago: {share} chance they are still with you.",
            habits.idle,
            **values,
        )
    values["month"] = month_words(w, habits.last, as_of)
    if row["risk"] == LOST:
        return w.plural(
            "Customer {id} bought every day until {month}: only {share} chance they are still "
            "with you.",
            "Customer {id} bought every {n} days until {month}: only {share} chance they are "
            "still with you.",
            habits.gap,
            **values,
        )
    if row["risk"] == AT_RISK:
        return w.plural(
            "Customer {id} bought every day, then stopped in {month}: {share} chance they are "
            "still with you.",
            "Customer {id} bought every {n} days, then stopped in {month}: {share} chance they "
            "are still with you.",
            habits.gap,
            **values,
        )
    return w.plural(
        "Customer {id} buys every day, last in {month}: {share} chance they are still with you.",
        "Customer {id} buys every {n} days, last in {month}: {share} chance they are still "
        "with you.",
        habits.gap,
        **values,
    )


def expectation(
    w: Words, customer: CustomerInView, *, months: str, level: float, currency: str | None
) -> str:
    """Say what to expect, and between which bounds."""
    row = customer.row
    value = w.money(row["clv"], currency)
    if not math.isfinite(row["clv_lower"]):
        return w("If nothing changes, expect {value} over {months}.", value=value, months=months)
    return w(
        "If nothing changes, expect {value} over {months}, between {low} and {high}, {odds}.",
        value=value,
        months=months,
        low=w.money(row["clv_lower"], currency),
        high=w.money(row["clv_upper"], currency),
        odds=w.odds(level),
    )


def history_title(w: Words, customer: CustomerInView, as_of: dt.date) -> str:
    """Say what the time line shows."""
    habits = Habits.of(customer.row, as_of)
    if habits.once:
        return w("One purchase, on {day}, and none since", day=habits.last)
    if habits.idle > SILENT_FROM * habits.gap:
        return w.plural(
            "Bought until {month}, silent for {n} day since",
            "Bought until {month}, silent for {n} days since",
            habits.idle,
            month=month_words(w, habits.last, as_of),
        )
    if customer.row["risk"] == ACTIVE:
        return w.plural(
            "Still in rhythm: the last purchase is {n} day old",
            "Still in rhythm: the last purchase is {n} days old",
            habits.idle,
        )
    return w.plural(
        "The last purchase is {n} day old",
        "The last purchase is {n} days old",
        habits.idle,
    )


def driver_title(w: Words, drivers: pd.DataFrame, idle: int) -> str:
    """Name the strongest cause."""
    strongest = str(drivers["effect"].abs().idxmax())
    effect = float(drivers["effect"][strongest])
    if strongest == ALIVE and effect < 0:
        return w.plural("{n} day of silence weighs most", "{n} days of silence weigh most", idle)
    titles = {
        (ALIVE, True): w("Being likely still here lifts this forecast most"),
        (PACE, True): w("Frequent buying lifts this forecast most"),
        (PACE, False): w("Rare buying lowers this forecast most"),
        (SPEND, True): w("Large purchases lift this forecast most"),
        (SPEND, False): w("Small purchases lower this forecast most"),
    }
    return titles.get((strongest, effect > 0), w("What sets this customer apart"))


def driver_labels(
    w: Words, customer: CustomerInView, idle: int, currency: str | None
) -> dict[str, str]:
    """Return each cause in words, with its own and the average figure."""
    own, average = customer.drivers["own"], customer.drivers["average"]
    return {
        ALIVE: w.plural(
            "Silent {n} day: {own} still here (average {average})",
            "Silent {n} days: {own} still here (average {average})",
            idle,
            own=chance_words(w, own[ALIVE]),
            average=w.percent(average[ALIVE]),
        ),
        PACE: w(
            "If they stay: {own} purchase days (average {average})",
            own=w.number(own[PACE]),
            average=w.number(average[PACE]),
        ),
        SPEND: w(
            "{own} a purchase day (average {average})",
            own=w.money(own[SPEND], currency),
            average=w.money(average[SPEND], currency),
        ),
        TREES: w("Tree models’ correction"),
        BLEND: w("Recent spend and cohort, blended in"),
    }


def trees_words(w: Words, customer: CustomerInView) -> str:
    """Say how far the trees move this forecast, and what they look at; empty without trees."""
    trees = customer.trees
    if trees is None:
        return ""
    names = {
        RECENT: w("how lately they bought"),
        RHYTHM: w("how often they buy"),
        AMOUNTS: w("the size of purchases"),
        EXPECTED: w("the chance and pace expected"),
        TRAITS: w("attributes of the customer"),
    }
    causes = [
        f"{names[str(group)]} ({_moved(w, log)})" for group, log in trees.groups.head(2).items()
    ]
    return w(
        "Tree models hold {share} of the forecast and move this one by {effect}, mostly for "
        "{causes}.",
        share=w.percent(trees.weight),
        effect=_moved(w, trees.log),
        causes=w.listed(causes),
    )


def _moved(w: Words, log: float) -> str:
    """Write the log of a factor as a signed percentage."""
    change = math.expm1(log)
    text = w.percent(abs(change))
    if abs(change) < 0.005:
        return text
    return ("+" if change > 0 else MINUS) + text
