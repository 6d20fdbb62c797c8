"""Which customers are listed: by value, risk, cohort and name, kept in the page's address."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.charts.segments import risk_names, segment_names
from app.text import Words
from app.widgets.run_in_view import cohort_words
from clvcore.columns import AT_RISK, COOLING, HIGH, RISKS, SEGMENTS

SLIPPING = (COOLING, AT_RISK)
KEYS = ("value", "risk", "cohort", "find")


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
        by_value = grid[0].pills(
            w("Value"),
            SEGMENTS,
            selection_mode="multi",
            format_func=values.__getitem__,
            key="value",
            wrap=True,
            bind="query-params",
        )
        by_risk = grid[1].pills(
            w("Risk"),
            RISKS,
            selection_mode="multi",
            format_func=risks.__getitem__,
            key="risk",
            wrap=True,
            bind="query-params",
        )
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


def clear() -> None:
    """Ask for everybody again."""
    st.session_state["value"], st.session_state["risk"] = [], []
    st.session_state["cohort"], st.session_state["find"] = None, ""
