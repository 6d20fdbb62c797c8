"""What customers cost to win, and when each cohort has earned it back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.charts.payback import payback_chart
from app.widgets.card import chart_card, heading
from app.widgets.look import canvas_for
from app.words.cohorts import Cohorts, cohort_name
from app.words.run_in_view import RunInView
from app.words.text import Words
from clvcore.value.payback import payback

DEAREST = 1e7
COSTS, ONE_FOR_ALL = "acquisition-costs", "acquisition-cost"


def payback_card(w: Words, shown: RunInView, frame: pd.DataFrame, cohorts: Cohorts) -> None:
    """Draw the payback of each cohort, or ask what a customer costs."""
    costs = _costs(shown, cohorts)
    margin = st.session_state.get("payback-margin", _margin(shown)) / 100
    if not costs:
        with st.container(border=True, height="stretch", key="no-costs"):
            heading(
                w("What does it cost to win a customer?"),
                w(
                    "State it under Acquisition costs: you will see when each cohort has earned it "
                    "back, how many times over, and how sure that is."
                ),
            )
        return
    known = {name: cost for name, cost in costs.items() if name != cohorts.cut}
    found = payback(frame, known or costs, margin=margin)
    chart_card(
        w,
        payback_chart(
            found, level=shown.run.config.confidence_level, margin=margin,
            canvas=canvas_for(w, shown.run.currency),
        ),
        key="payback",
        note=_ratio_note(w, found),
    )  # fmt: skip


def _ratio_note(w: Words, found: pd.DataFrame) -> str:
    best, worst = found.loc[found["ratio"].idxmax()], found.loc[found["ratio"].idxmin()]
    if len(found) == 1 or w.number(best["ratio"]) == w.number(worst["ratio"]):
        return w("Value ÷ cost at the end of the curve: {times}.", times=w.number(best["ratio"]))
    return w(
        "Value ÷ cost at the end of each curve: from {worst} ({last}) to {best} ({first}). The "
        "table has them all, with their ranges.",
        worst=w.number(worst["ratio"]),
        last=cohort_name(w, worst["cohort"]),
        best=w.number(best["ratio"]),
        first=cohort_name(w, best["cohort"]),
    )


def costs_form(w: Words, shown: RunInView, cohorts: Cohorts) -> None:
    """Ask for one cost for all, a cost for each, and the margin."""
    sign = w.sign(shown.run.currency)
    unit = f", {sign}" if sign else ""
    with st.popover(w("Acquisition costs"), icon=":material/payments:"):
        st.number_input(
            w("Cost per customer") + unit, 0.0, DEAREST, None, key="payback-cost",
            placeholder=w("What one new customer costs"), on_change=_for_all,
            args=(_key(shown, cohorts), list(map(str, cohorts.customers.index))),
            persist_state="session",
        )  # fmt: skip
        st.number_input(
            w("Margin, %"), 1, 100, _margin(shown), key="payback-margin", persist_state="session",
            help=w("Share of revenue that is left after the cost of goods and service."),
        )  # fmt: skip
        st.caption(w("Different costs? Write them below; empty rows are left out."))
        kept = _costs(shown, cohorts)
        rows = pd.DataFrame(
            {
                "name": [cohort_name(w, name) for name in cohorts.customers.index],
                "cost": [kept.get(name) for name in cohorts.customers.index],
            }
        ).astype({"cost": "float64"})
        edited = st.data_editor(
            rows,
            hide_index=True,
            disabled=["name"],
            column_config={
                "name": st.column_config.TextColumn(w("Cohort")),
                "cost": st.column_config.NumberColumn(
                    w("Cost per customer") + unit, min_value=0.0, max_value=DEAREST
                ),
            },
            key=f"payback-costs-{shown.entry.id}-{cohorts.by}-{hash(tuple(kept.items()))}",
        )
        wanted = _written(cohorts, edited)
        if wanted != kept:
            st.session_state[_key(shown, cohorts)] = wanted
            st.rerun()


def _written(cohorts: Cohorts, edited: pd.DataFrame) -> dict[str, float]:
    pairs = zip(cohorts.customers.index, edited["cost"], strict=True)
    return {str(name): float(cost) for name, cost in pairs if pd.notna(cost) and cost > 0}


def _costs(shown: RunInView, cohorts: Cohorts) -> dict[str, float]:
    """Return the cost asked for by cohort; under a new grouping the cost for all still stands."""
    kept = st.session_state.get(_key(shown, cohorts))
    if kept is not None:
        return kept
    one = st.session_state.get(ONE_FOR_ALL)
    return dict.fromkeys(map(str, cohorts.customers.index), one) if one else {}


def _for_all(key: str, names: list[str]) -> None:
    cost = st.session_state["payback-cost"]
    st.session_state[ONE_FOR_ALL] = float(cost) if cost else None
    st.session_state[key] = dict.fromkeys(names, float(cost)) if cost else {}


def _margin(shown: RunInView) -> int:
    return max(1, round(100 * shown.run.config.gross_margin))


def _key(shown: RunInView, cohorts: Cohorts) -> str:
    return f"{COSTS}-{shown.entry.id}-{cohorts.by}"
