"""What cohorts say in one sentence: whether newer customers are worth more or less."""

from __future__ import annotations

from app.words.cohorts import CLOSE, YEAR, Cohorts, cohort_name, pair, span_words
from app.words.run_in_view import RunInView
from app.words.text import Words
from clvcore.features.cohorts import PERIODS


def finding(w: Words, shown: RunInView, cohorts: Cohorts) -> str:
    """Return the page's sentence; where nothing can be compared, what the average customer is."""
    found = pair(cohorts, "value")
    if found is None:
        return _average(w, shown, cohorts)
    values = {
        "first": cohort_name(w, found.first),
        "second": cohort_name(w, found.second),
        "span": span_words(w, found.months),
        "before": w.money(found.before, shown.run.currency),
        "after": w.money(found.after, shown.run.currency),
    }
    if cohorts.by not in PERIODS:
        return w(
            "Customers of {first} are worth most: {before} each after {span}, against {after} of "
            "{second}.",
            **values,
        )
    if abs(found.ratio - 1) < CLOSE:
        return w(
            "Newer customers are worth about the same: {after} each after {span} for {second}, "
            "{before} for {first}.",
            **values,
        )
    if not found.expected:
        return w(
            "Newer customers are worth less: those of {second} reached {after} each after {span}, "
            "against {before} for {first}."
            if found.ratio < 1
            else "Newer customers are worth more: those of {second} reached {after} each after "
            "{span}, against {before} for {first}.",
            **values,
        )
    return w(
        "Newer customers are worth less: those of {second} should reach {after} each after {span}, "
        "against {before} for {first}."
        if found.ratio < 1
        else "Newer customers are worth more: those of {second} should reach {after} each after "
        "{span}, against {before} for {first}.",
        **values,
    )


def _average(w: Words, shown: RunInView, cohorts: Cohorts) -> str:
    months = min(YEAR, int(cohorts.value.notna().sum(axis=1).min()))
    weights = cohorts.customers / cohorts.customers.sum()
    return w(
        "Your {n} customers are worth {value} each, {span} after their first purchase.",
        n=int(cohorts.customers.sum()),
        value=w.money(float((cohorts.value[months] * weights).sum()), shown.run.currency),
        span=span_words(w, months),
    )
