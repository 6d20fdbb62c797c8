"""What to leave out or soften on purpose, each with a line that says what it does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from app.services.datasets import Intake
from app.words.text import Words, md
from clvcore.ingest import IngestOptions, Mapping
from clvcore.ingest.presets import Preset, fitting_preset

NO_OPTIONS = IngestOptions()
NO_CUT = 1.0
QUANTILES = (NO_CUT, 0.999, 0.99, 0.95)
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)


def intake_options(w: Words, intake: Intake, beside: dict[str, Any]) -> IngestOptions:
    """Draw the options; what is said about tax and shipping goes into ``beside``.

    Raises
    ------
    ConfigError
        If the first day lies after the last.
    """
    known = intake.options
    preset = fitting_preset(beside["preset"], intake.columns) if beside.get("preset") else None
    with (
        st.container(key="mapper-options"),
        st.popover(w("Options"), icon=":material/tune:", width="stretch"),
    ):
        if preset is not None:
            beside |= _sums(w, preset, beside)
        duplicates = _checkbox(
            w("Leave out repeated rows"),
            w("A row that equals an earlier one in every column, as after a double export."),
            value=known.drop_exact_duplicates,
            key="mapper-duplicates",
        )
        zeros = _checkbox(
            w("Leave out amounts of zero"),
            w("Samples and gifts, say. Kept, they count as a purchase."),
            value=known.zero_amounts == "drop",
            key="mapper-zeros",
        )
        first, last = _days(w, known)
        quantile = _quantile(w, known.winsorize_at)
    return IngestOptions(
        drop_exact_duplicates=duplicates,
        zero_amounts="drop" if zeros else "keep",
        first_date=first,
        last_date=last,
        winsorize_at=quantile,
    )


def options_said(w: Words, mapping: Mapping, options: IngestOptions) -> list[str]:
    """Say what is left out or cut on purpose; nothing where nothing is."""
    first, last, quantile = options.first_date, options.last_date, options.winsorize_at
    said = [
        (mapping.include_tax is False, w("tax is left out")),
        (mapping.include_shipping is False, w("shipping is left out")),
        (options.drop_exact_duplicates, w("repeated rows are left out")),
        (options.zero_amounts == "drop", w("amounts of zero are left out")),
        (first is not None, w("only from {day} on", day=first)),
        (last is not None, w("only up to {day}", day=last)),
        (quantile is not None, w("the largest amounts are cut")),
    ]
    return [text for is_so, text in said if is_so]


def _sums(w: Words, preset: Preset, beside: dict[str, Any]) -> dict[str, bool | None]:
    """Ask about what this platform states apart; None is its default, which is to count it."""
    chosen: dict[str, bool | None] = {}
    if not (preset.tax or preset.shipping):
        return chosen
    with st.container(gap="xxsmall"):
        for name, label, apart in (
            ("include_tax", w("Count tax"), preset.tax),
            ("include_shipping", w("Count shipping"), preset.shipping),
        ):
            if apart:
                counted = st.checkbox(label, value=beside[name] is not False, key=f"mapper-{name}")
                chosen[name] = None if counted else False
        _help(
            w(
                "{platform} states this apart. Customers paid it, so it counts; leave it out if "
                "it is not yours to keep.",
                platform=preset.title,
            )
        )
    return chosen


def _days(w: Words, known: IngestOptions) -> tuple[dt.date | None, dt.date | None]:
    with st.container(gap="xxsmall"):
        left, right = st.columns(2)
        with left:
            first = _day(w("First day"), "mapper-first", known.first_date)
        with right:
            last = _day(w("Last day"), "mapper-last", known.last_date)
        _help(w("Rows before or after are left out; empty means the whole file."))
    return first, last


def _checkbox(label: str, help_line: str, *, value: bool, key: str) -> bool:
    with st.container(gap="xxsmall"):
        chosen = st.checkbox(label, value=value, key=key)
        _help(help_line)
    return chosen


def _day(label: str, key: str, value: dt.date | None) -> dt.date | None:
    return st.date_input(
        label, value=value, min_value=EARLIEST, max_value=LATEST, format="YYYY-MM-DD", key=key
    )


def _quantile(w: Words, known: float | None) -> float | None:
    current = NO_CUT if known is None else known
    choices = list(QUANTILES) if current in QUANTILES else [*QUANTILES, current]

    def said(quantile: float) -> str:
        if quantile == NO_CUT:
            return w("Keep as they are")
        share = w.percent(1 - quantile, decimals=_places(quantile))
        return w("Cut the largest {share}", share=share)

    with st.container(gap="xxsmall"):
        chosen = st.selectbox(
            w("Largest amounts"),
            choices,
            index=choices.index(current),
            format_func=said,
            key="mapper-quantile",
        )
        _help(w("One huge order can pull a whole forecast. The ledger shows the money cut off."))
    return None if chosen == NO_CUT else chosen


def _places(quantile: float) -> int:
    """Return how many decimals the percentage needs: 0.999 cuts 0.1 %."""
    return next((n for n in range(4) if abs(round(100 * quantile, n) - 100 * quantile) < 1e-9), 4)


def _help(text: str) -> None:
    st.caption(md(text))
