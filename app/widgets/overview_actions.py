"""The three groups with most at stake: what to do, what it may cost, and who they are."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from app.charts.theme import Palette
from app.services.session import Identity, can
from app.widgets.card import card, heading
from app.widgets.customer_filters import SLIPPING
from app.widgets.drawn_once import drawn_once
from app.widgets.look import current_palette
from app.words.groups import action_words, risk_names, segment_names
from app.words.overview import stakes_title
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from clvcore.records.columns import RISKS
from clvcore.value.actions import action_plan, value_at_stake

SHOWN = 3


def stakes_card(w: Words, identity: Identity, shown: RunInView) -> None:
    """Draw the groups as a ruled list; each leads to its customers for those who may see them."""
    may_list = can(identity, "customers")
    with card(key="stakes"):
        st.html(_edges(current_palette()))
        _groups(w, shown, may_list)
        with st.container(horizontal=True, vertical_alignment="center"):
            if may_list and st.button(
                w("Open those slipping away"), type="primary", icon=":material/group:",
                key="open-slipping",
            ):  # fmt: skip
                st.switch_page("views/customers.py", query_params={"risk": list(SLIPPING)})
            st.page_link(
                "views/segments.py", label=md(w("All actions")), icon=":material/arrow_forward:",
                icon_position="right",
            )  # fmt: skip


@drawn_once
def _groups(w: Words, shown: RunInView, may_list: bool) -> None:
    run, uplift = shown.run, shown.run.config.segmentation.uplift
    plan = action_plan(run.customers, uplift=uplift)
    top = plan[plan["value_at_stake"] > 0].head(SHOWN)
    title = stakes_title(w, len(top), float(top["value_at_stake"].sum()), run.currency)
    subtitle = w(
        "Value at stake: expected × (1 ÷ chance still a customer − 1) for cooling and at risk, all "
        "of it for active. Spending cap: {share} of it, a setting.",
        share=w.percent(uplift),
    )
    heading(title, subtitle)
    for place, row in enumerate(top.itertuples(index=False)):
        _group(w, shown, row, key=f"stake-{place}-{row.risk}", may_list=may_list)
    _slipping(w, shown)


def _group(w: Words, shown: RunInView, row: pd.Series, *, key: str, may_list: bool) -> None:
    colors, currency = current_palette(), shown.run.currency
    who = w(
        "{people} · {value} value, {risk}",
        people=w.plural("{n} customer", "{n} customers", int(row.customers)),
        value=segment_names(w)[row.segment].lower(),
        risk=risk_names(w)[row.risk].lower(),
    )
    action = action_words(w)[row.action]
    cap = w("spend at most {cap}", cap=w.money(row.spending_cap, currency))
    with st.container(key=key, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None):
            if may_list:
                st.page_link(
                    "views/customers.py",
                    label=f"**{md(action)}**",
                    query_params={"value": row.segment, "risk": row.risk},
                    help=md(w("Open these customers")),
                )
            else:
                st.html(f'<p class="clv-words"><b>{escape(action)}</b></p>')
            st.html(f'<p class="clv-small" style="color:{colors.muted}">{escape(who)}</p>')
        st.html(
            f'<div style="text-align:right"><p class="clv-words"><b>'
            f"{escape(w.money(row.value_at_stake, currency))}</b></p>"
            f'<p class="clv-small" style="color:{colors.muted}">{escape(cap)}</p></div>',
            width="content",
        )


def _edges(colors: Palette) -> str:
    """Return the colored edges of the rows; their colors follow risk and theme."""
    rows = '[class*="st-key-stake-"]'
    edges = "".join(
        f'{rows}[class*="-{risk}"]{{border-left:4px solid {getattr(colors, risk)};'
        f"padding:.1rem 0 .1rem .9rem;box-shadow:0 .55rem 0 -.5rem {colors.hairline}}}"
        for risk in RISKS
    )
    return f"<style>{edges}</style>"


def _slipping(w: Words, shown: RunInView) -> None:
    """Say what winning back all who are slipping away is worth, whatever their value."""
    customers = shown.run.customers
    slipping = customers[customers["risk"].isin(SLIPPING)]
    if slipping.empty:
        st.caption(md(w("Nobody is cooling or at risk.")))
        return
    st.caption(
        md(
            w.plural(
                "{n} customer is cooling or at risk; winning that one back is worth up to {value}.",
                "{n} customers are cooling or at risk; winning them back is worth up to {value}.",
                len(slipping),
                value=w.money(value_at_stake(slipping).sum(), shown.run.currency),
            )
        )
    )
