"""Sentences that hold for the numbers they are made of, and neutral ones where they would not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from app.words.figures import Change
from app.words.overview import change_title, headline, in_range, proof, stakes_title
from app.words.overview_figures import since_words
from app.words.run_in_view import RunInView
from app.words.text import words_for
from clvcore.records.config import ForecastConfig
from clvcore.records.trust import Trust
from clvcore.runs.comparison import Comparison, Part, Whole

W = words_for("en")


def _with(shown: RunInView, **changes: object) -> RunInView:
    return RunInView(shown.entry, replace(shown.run, **changes))


def test_the_headline_names_the_few_who_hold_most(shown):
    customers = shown.run.customers
    share = customers[customers["segment"] == "high"]["clv"].sum() / customers["clv"].sum()
    said = headline(W, shown)
    assert said.endswith(f"and {W.percent(share)} of it should come from one in five of them.")
    assert W.money(customers["clv"].sum(), "EUR") in said


def test_the_headline_stays_plain_where_value_is_even_or_customers_are_few(shown):
    even = _with(shown, customers=shown.run.customers.assign(clv=10.0))
    few = _with(shown, customers=shown.run.customers.head(5))
    one = _with(shown, customers=shown.run.customers.head(1))
    count, total = len(shown.run.customers), 10 * len(shown.run.customers)
    said = f"Your {count} customers should spend €{total:,} over the next 12 months."
    assert headline(W, even) == said
    assert headline(W, few).startswith("Your 5 customers should spend")
    assert headline(W, one).startswith("Your 1 customer should spend")


def test_margin_and_discount_are_not_called_spending(shown):
    for config in (ForecastConfig(gross_margin=0.4), ForecastConfig(annual_discount_rate=0.1)):
        assert "should be worth" in headline(W, _with(shown, config=config))


def test_the_range_and_what_the_past_proves_follow_the_run(shown, make_trust):
    whole = shown.run.totals[shown.run.totals["scope"] == "all"].iloc[0]
    said = in_range(W, _with(shown, trust=make_trust()))
    assert W.money(whole["clv_lower"], "EUR") in said
    assert W.money(whole["clv_upper"], "EUR") in said
    assert "95% ranges of customers held the truth 94% of the time" in said
    assert "could not be measured" in proof(W, replace(shown.run, trust=Trust()))


def _change(stayed: float, joined: float, left: float) -> Comparison:
    before = Whole(as_of=dt.date(2011, 5, 9), customers=10, clv=1000.0, clv_lower=0.0,
                   clv_upper=1.0, value_at_stake=0.0)  # fmt: skip
    after = replace(before, clv=1000.0 + stayed + joined + left)
    parts = [Part(customers=3, clv_before=0.0, clv_after=v) for v in (stayed, joined, left)]
    return Comparison(
        before=before, after=after, stayed=parts[0], joined=parts[1], left=parts[2],
        moves=pd.DataFrame(), customers=pd.DataFrame(), settings=(), same_data=False,
        currency="EUR",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((10.0, 90.0, 0.0), "Up €100 since 9 May 2011, mostly through customers who joined"),
        ((60.0, 55.0, 0.0), "Up €115 since 9 May 2011, mostly through customers who stayed"),
        ((60.0, 60.0, -60.0), "Up €60 since 9 May 2011"),
        ((-90.0, 10.0, 0.0), "Down €80 since 9 May 2011, mostly through customers who stayed"),
        ((0.0, 5.0, -95.0), "Down €90 since 9 May 2011, mostly through customers who left"),
        ((0.1, 0.0, 0.0), "Expected value is unchanged since the forecast of 9 May 2011"),
    ],
)
def test_a_change_names_the_part_that_outweighs_the_others(parts, said):
    assert change_title(W, _change(*parts)) == said


def test_the_stakes_are_counted_only_where_there_are_three():
    assert stakes_title(W, 3, 318_000.0, "GBP").startswith("Three groups put £318")
    assert "Three" not in stakes_title(W, 2, 10.0, "GBP")
    assert stakes_title(W, 0, 0.0, "GBP") == "Nothing is at stake at the moment"


def test_a_change_without_a_sign_did_not_move():
    assert Change(text="+2%", since="").moved
    assert Change(text="-2%", since="").moved
    assert not Change(text="0%", since="").moved


def test_the_year_is_said_only_where_it_is_another():
    assert since_words(W, dt.date(2011, 6, 9), dt.date(2011, 5, 9)) == "vs 9 May"
    assert since_words(W, dt.date(2011, 1, 9), dt.date(2010, 12, 9)) == "vs 9 Dec 2010"
    assert np.array_equal(["vs. 9 may"], [since_words(words_for("es"), dt.date(2011, 6, 9),
                                                     dt.date(2011, 5, 9))])  # fmt: skip


def test_the_headline_the_range_and_the_stakes_are_said_in_three_languages(
    in_three, shown, make_trust
):
    even = _with(shown, customers=shown.run.customers.assign(clv=10.0))
    assert in_three(lambda w: headline(w, even)) == [
        "Your 397 customers should spend €3,970 over the next 12 months.",
        "Tus 397 clientes deberían gastar 3.970 € en los próximos 12 meses.",
        "Seus 397 clientes devem gastar € 3.970 nos próximos 12 meses.",
    ]
    assert in_three(lambda w: proof(w, replace(shown.run, trust=make_trust()))) == [
        "On your own past, 95% ranges of customers held the truth 94% of the time.",
        "En tu propio pasado, los rangos del 95 % por cliente acertaron el 94 % de las veces.",
        "No seu próprio passado, as faixas de 95% por cliente acertaram 94% das vezes.",
    ]
    assert in_three(lambda w: stakes_title(w, 3, 318_000.0, "GBP")) == [
        "Three groups put £318 k at stake: act on these first",
        "Tres grupos ponen 318 mil £ en juego: actúa primero en ellos",
        "Três grupos colocam £ 318 mil em jogo: aja primeiro neles",
    ]
