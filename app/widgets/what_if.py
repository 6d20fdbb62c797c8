"""What if we wrote to those with most at stake: whom it reaches, what it costs, what it brings."""

from __future__ import annotations

import math

import streamlit as st

from app.services.session import Identity
from app.widgets.card import card, heading
from app.widgets.export_menu import export_menu
from app.widgets.kpi import below
from app.widgets.look import current_palette
from app.words.figures import Interval, Kpi
from app.words.run_in_view import RunInView
from app.words.text import Words
from clvcore.records.run import Run
from clvcore.value.actions import Campaign, campaign, value_at_stake

FIRST_REACH = 300
DEAREST = 1e6


def what_if(w: Words, identity: Identity, shown: RunInView) -> None:
    """Draw the card; only it is drawn again when a number is changed."""
    with card(key="what-if"):
        _card(w, identity, shown)


@st.fragment
def _card(w: Words, identity: Identity, shown: RunInView) -> None:
    run = shown.run
    reachable = int((value_at_stake(run.customers) > 0).sum())
    title = st.container()
    if not reachable:
        with title:
            _heading(w, w("What if you wrote to those with most at stake?"))
        st.markdown(w("Nobody has value at stake in this forecast."))
        return
    found = _asked(w, run, reachable)
    with title:
        _heading(
            w,
            w.plural(
                "What if you write to the {n} customer with most at stake?",
                "What if you write to the {n} customers with most at stake?",
                len(found.ids),
            ),
        )
    _outcome(w, run, found)
    export_menu(w, identity, shown.entry.id, list(found.ids))


def _heading(w: Words, title: str) -> None:
    heading(
        title,
        w("Net gain = uplift × value at stake − cost. Intervals carry over from the forecast."),
    )


def _asked(w: Words, run: Run, reachable: int) -> Campaign:
    """Draw the three numbers and work out what they mean."""
    left, right = st.columns([1, 1])
    reach = left.number_input(
        w("Customers reached"), 1, reachable, min(FIRST_REACH, reachable), key="what-if-reach",
        help=w("Most at stake first; {n} customers have something at stake.", n=reachable),
    )  # fmt: skip
    sign = w.sign(run.currency)
    cost = right.number_input(
        w("Cost per customer") + (f", {sign}" if sign else ""), 0.0, DEAREST, 4.0, step=0.5,
        key="what-if-cost",
    )  # fmt: skip
    uplift = st.slider(
        w("Uplift: share of the value at stake won back"),
        0, 50, round(100 * run.config.segmentation.uplift), format="%d%%", key="what-if-uplift",
    )  # fmt: skip
    return campaign(run, reach=int(reach), cost=float(cost), uplift=uplift / 100)


def _outcome(w: Words, run: Run, found: Campaign) -> None:
    """Draw the gain with its range, and from which uplift on it pays."""
    known = Interval(value=found.gain, low=found.lower, high=found.upper)
    words = w("Range not measured yet")
    if math.isfinite(found.lower):
        words = w(
            "between {low} and {high}, {odds}",
            low=w.money(found.lower, run.currency),
            high=w.money(found.upper, run.currency),
            odds=w.odds(run.config.confidence_level),
        )
    pays = w(
        "Value at stake of these {n}: {stake}. Cost: {cost}. It pays for itself if uplift is "
        "above {share}.",
        n=len(found.ids),
        stake=w.money(found.at_stake, run.currency),
        cost=w.money(found.cost, run.currency),
        share=w.percent(found.pays_from, 1),
    )
    left, right = st.columns([1, 1.6], vertical_alignment="bottom")
    left.metric(w("Expected net gain"), w.money(found.gain, run.currency))
    with right:
        # a range that reaches below zero has no place on a strip that starts there
        strip = known if found.lower >= 0 else None
        st.html(below(Kpi(label="", value="", interval=strip, words=words), current_palette()))
    st.caption(pays)
