"""Which customers are listed: by value, risk, cohort, name and ranges, kept in the address."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.widgets.in_address import coded_pills
from app.words.groups import risk_names, segment_names
from app.words.run_in_view import cohort_words
from app.words.text import Words, md
from clvcore.records.columns import AT_RISK, COOLING, HIGH

SLIPPING = (COOLING, AT_RISK)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the reader asks for; an empty choice asks for everybody."""

    segments: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    cohort: str | None = None
    search: str = ""
    value_from: float | None = None
    value_to: float | None = None
    chance_from: float = 0.0
    chance_to: float = 1.0

    @property
    def any(self) -> bool:
        """Whether anybody is left out."""
        named = self.segments or self.risks or self.cohort or self.search.strip()
        return bool(named) or self.ranges > 0

    @property
    def ranges(self) -> int:
        """How many ranges leave somebody out."""
        value = self.value_from is not None or self.value_to is not None
        return int(value) + int((self.chance_from, self.chance_to) != (0.0, 1.0))

    @property
    def high_and_slipping(self) -> bool:
        """Whether exactly the high-value customers who are slipping away are asked for."""
        slipping = set(self.risks) == set(SLIPPING)
        others = self.cohort or self.search.strip() or self.ranges
        return self.segments == (HIGH,) and slipping and not others


def select(customers: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """Return the customers who match every filter, in the order of the run."""
    keep = pd.Series(data=True, index=customers.index)
    if filters.segments:
        keep &= customers["segment"].isin(filters.segments)
    if filters.risks:
        keep &= customers["risk"].isin(filters.risks)
    if filters.cohort:
        keep &= customers["cohort"] == filters.cohort
    if filters.value_from is not None:
        keep &= customers["clv"] >= filters.value_from
    if filters.value_to is not None:
        keep &= customers["clv"] <= filters.value_to
    if filters.ranges:
        keep &= customers["p_alive"].between(filters.chance_from, filters.chance_to)
    if wanted := filters.search.strip().casefold():
        names = customers.index.astype("str").str.casefold()
        keep &= names.str.contains(wanted, regex=False)
    return customers[keep]


def customer_filters(w: Words, customers: pd.DataFrame, currency: str | None) -> Filters:
    """Draw the filters and return what is chosen."""
    values, risks = segment_names(w), risk_names(w)
    cohorts = sorted(customers["cohort"].dropna().unique())
    with st.container(border=True, key="filters"):
        grid = st.columns([1, 1.95, 0.9, 1])
        with grid[0]:
            by_value = coded_pills(w("Value"), "value", values)
        with grid[1]:
            by_risk = coded_pills(w("Risk"), "risk", risks)
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
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.popover(w("Value and chance"), icon=":material/tune:", type="tertiary"):
                low, high, least, most = _ranges(w, currency)
            st.caption(md(_ranges_said(w, currency, low, high, least, most)), width="stretch")
    return Filters(
        segments=tuple(by_value),
        risks=tuple(by_risk),
        cohort=cohort,
        search=search or "",
        value_from=low,
        value_to=high,
        chance_from=least / 100,
        chance_to=most / 100,
    )


def _ranges(w: Words, currency: str | None) -> tuple[float | None, float | None, int, int]:
    """Draw the bounds of value and chance, and return them; the chance in percent."""
    sign = w.sign(currency)
    unit = f", {sign}" if sign else ""
    limits: dict[str, object] = {"min_value": 0.0, "value": None, "bind": "query-params"}
    low = st.number_input(md(w("Expected, at least") + unit), key="value_from", **limits)
    high = st.number_input(md(w("Expected, at most") + unit), key="value_to", **limits)
    least, most = st.slider(
        w("Still a customer"),
        0,
        100,
        (0, 100),
        step=5,
        format="%d%%",
        key="chance",
        bind="query-params",
    )
    return low, high, least, most


def _ranges_said(
    w: Words, currency: str | None, low: float | None, high: float | None, least: int, most: int
) -> str:
    """Say which ranges are set, since the menu that sets them is closed most of the time."""
    said = []
    if low is not None:
        said.append(w("at least {value} expected", value=w.money(low, currency)))
    if high is not None:
        said.append(w("at most {value} expected", value=w.money(high, currency)))
    if (least, most) != (0, 100):
        low_share, high_share = w.percent(least / 100), w.percent(most / 100)
        said.append(w("{low} to {high} still a customer", low=low_share, high=high_share))
    return " · ".join(said)


def clear() -> None:
    """Ask for everybody again."""
    st.session_state["value"], st.session_state["risk"] = [], []
    st.session_state["cohort"], st.session_state["find"] = None, ""
    st.session_state["value_from"] = st.session_state["value_to"] = None
    st.session_state["chance"] = (0, 100)
