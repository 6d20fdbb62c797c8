"""Which customers are listed: by value, risk, cohort and name, kept in the page's address."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.charts.segments import risk_names, segment_names
from app.text import Words
from app.widgets.run_in_view import cohort_words
from clvcore.columns import AT_RISK, COOLING, HIGH

SLIPPING = (COOLING, AT_RISK)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the reader asks for; an empty choice asks for everybody."""

    segments: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    cohort: str | None = None
    search: str = ""

    @property
    def any(self) -> bool:
        """Whether anybody is left out."""
        return bool(self.segments or self.risks or self.cohort or self.search.strip())

    @property
    def high_and_slipping(self) -> bool:
        """Whether exactly the high-value customers who are slipping away are asked for."""
        slipping = set(self.risks) == set(SLIPPING)
        return self.segments == (HIGH,) and slipping and not self.cohort and not self.search.strip()


def select(customers: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """Return the customers who match every filter, in the order of the run."""
    keep = pd.Series(data=True, index=customers.index)
    if filters.segments:
        keep &= customers["segment"].isin(filters.segments)
    if filters.risks:
        keep &= customers["risk"].isin(filters.risks)
    if filters.cohort:
        keep &= customers["cohort"] == filters.cohort
    if wanted := filters.search.strip().casefold():
        names = customers.index.astype("str").str.casefold()
        keep &= names.str.contains(wanted, regex=False)
    return customers[keep]


def customer_filters(w: Words, customers: pd.DataFrame) -> Filters:
    """Draw the filters and return what is chosen."""
    values, risks = segment_names(w), risk_names(w)
    cohorts = sorted(customers["cohort"].dropna().unique())
    with st.container(border=True, key="filters"):
        grid = st.columns([1, 1.95, 0.9, 1])
        with grid[0]:
            by_value = _pills(w("Value"), "value", values)
        with grid[1]:
            by_risk = _pills(w("Risk"), "risk", risks)
        cohort = grid[2].selectbox(
            w("Cohort"),
            cohorts,
            index=None,
            format_func=lambda name: cohort_words(w, name),
            placeholder=w("Any"),
            key="cohort",
            bind="query-params",
        )
        search = grid[3].text_input(
            w("Find a customer"),
            key="find",
            icon=":material/search:",
            placeholder=w("Number or part of it"),
            max_chars=120,
            bind="query-params",
        )
    return Filters(
        segments=tuple(by_value), risks=tuple(by_risk), cohort=cohort, search=search or ""
    )


def _pills(label: str, key: str, names: dict[str, str]) -> list[str]:
    """Draw pills kept in the address by code; Streamlit's own binding writes translated names."""
    if key not in st.session_state:
        asked = st.query_params.get_all(key)
        st.session_state[key] = [code for code in names if code in asked]
    chosen = st.pills(
        label,
        list(names),
        selection_mode="multi",
        format_func=names.__getitem__,
        key=key,
        wrap=True,
    )
    if chosen:
        st.query_params[key] = chosen
    else:
        st.query_params.pop(key, None)
    return chosen


def clear() -> None:
    """Ask for everybody again."""
    st.session_state["value"], st.session_state["risk"] = [], []
    st.session_state["cohort"], st.session_state["find"] = None, ""
