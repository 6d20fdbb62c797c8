"""Whom the ranges hold: the share held by frequency, value and past date, as a table."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from app.widgets.card import card
from app.widgets.look import current_palette
from app.words.coverage import off_promise
from app.words.groups import group_name
from app.words.money import NO_BREAK
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from app.words.trust import level_shown
from clvcore.backtest.coverage import GOOD_POINTS
from clvcore.records.columns import FREQUENCY_CLASSES, SEGMENTS

ORDER = ("all", *FREQUENCY_CLASSES, *SEGMENTS)
EVEN = 0.05
BELOW, ABOVE = "▼", "▲"


def groups_card(w: Words, shown: RunInView) -> None:
    """Draw the table with its finding and what its signs mean."""
    frame, level = shown.run.trust.coverage, float(level_shown(shown.run)["level"])
    subtitle = w(
        "Share of customers whose real spend fell inside their range, by the share promised; value "
        "groups as forecast then."
    )
    with card(groups_finding(w, frame, level), subtitle, key="trust-groups"):
        st.table(
            groups_table(w, frame),
            border="horizontal",
            hide_index=True,
            alt=w("Share held by group, at each promised level"),
        )
        st.caption(md(groups_terms(w)))


def by_group(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the groups a reader may act on, at one level, furthest below its promise first."""
    at = frame[frame["scope"].isin(["frequency", "segment"])]
    at = at[at["level"].round(2) == round(level, 2)]
    return at.assign(off=off_promise(at)).sort_values("off", kind="stable")


def groups_finding(w: Words, frame: pd.DataFrame, level: float) -> str:
    """Say whether the promise holds in every group, or which one it fails."""
    groups = by_group(frame, level)
    if groups.empty or groups["off"].isna().any():
        return w("Promised and held, by group")
    lowest = groups.iloc[0]
    if groups["off"].abs().max() <= EVEN:
        return w(
            "At {level} the promise holds in every group, within {n} points",
            level=w.percent(level),
            n=round(100 * EVEN),
        )
    if lowest["off"] >= -GOOD_POINTS:
        return w("At {level} no group falls short of the promise", level=w.percent(level))
    return w(
        "Weakest: “{group}”, held {share} of the time where {level} was promised",
        group=group_name(w, str(lowest["scope"]), lowest["key"]),
        share=w.percent(lowest["coverage"], 1),
        level=w.percent(level),
    )


def groups_table(w: Words, frame: pd.DataFrame) -> Styler:
    """Return one row per group: customers, share without a purchase, and the share held."""
    known = frame.assign(off=off_promise(frame))
    groups = _in_order(known.drop_duplicates(["scope", "key"]))
    levels = sorted(known["level"].unique(), reverse=True)
    held = {level: w("Held at {level}", level=w.percent(level)) for level in levels}
    cells = {(row.scope, row.key, row.level): row for row in known.itertuples()}
    table = pd.DataFrame(
        [
            {
                w("Group"): group_name(w, group.scope, group.key),
                w("Customers"): group.customers,
                w("Bought nothing"): group.zeros,
            }
            | {
                name: getattr(cells.get((group.scope, group.key, level)), "coverage", math.nan)
                for level, name in held.items()
            }
            for group in groups.itertuples()
        ]
    )
    written = {w("Customers"): w.count, w("Bought nothing"): w.percent}
    written |= dict.fromkeys(held.values(), lambda share: w.percent(share, 1))
    signs = {
        (row, held[level]): _sign(cells[group.scope, group.key, level])
        for row, group in enumerate(groups.itertuples())
        for level in levels
        if (group.scope, group.key, level) in cells
    }
    return _marked(w, table.style.format(written, na_rep="–"), signs)


def _in_order(groups: pd.DataFrame) -> pd.DataFrame:
    """Put everybody first, then classes and value groups, then past dates where there are more."""
    dates = groups["scope"] == "origin"
    kept = groups[groups["key"].isin(ORDER) | (dates & (dates.sum() > 1))]
    places = {key: place for place, key in enumerate(ORDER)}
    return kept.sort_values(
        "key", key=lambda keys: keys.map(places).fillna(len(ORDER)), kind="stable"
    )


def _marked(w: Words, styler: Styler, signs: dict[tuple[int, str], str]) -> Styler:
    """Set the row of everybody in bold, and sign the shares that are off."""
    looks = pd.DataFrame("", index=styler.index, columns=styler.columns)
    looks.iloc[:1] = "font-weight: 600;"
    for (row, column), sign in signs.items():
        if not sign:
            continue
        styler.format(
            lambda share, sign=sign: f"{sign}{NO_BREAK}{w.percent(share, 1)}",
            subset=([row], [column]),
        )
        if sign == BELOW:
            looks.loc[row, column] += f"color: {current_palette().attention};"
    return styler.apply(lambda _table: looks, axis=None)


def _sign(cell: object) -> str:
    """Return the mark of a share that is off by more than is good, and than chance explains."""
    if cell.off < -GOOD_POINTS and cell.wilson_upper < cell.level:
        return BELOW
    if cell.off > GOOD_POINTS and cell.wilson_lower > cell.level:
        return ABOVE
    return ""


def groups_terms(w: Words) -> str:
    """Explain the signs and why some shares must be above their promise."""
    return " ".join(
        [
            w(
                "{below} more than {n} points below the promise, {above} more than {n} above, and "
                "more than chance alone explains.",
                below=BELOW,
                above=ABOVE,
                n=round(100 * GOOD_POINTS),
            ),
            w(
                "Bought nothing: customers without a purchase in the window. A range that begins "
                "at zero holds them all; what that alone adds is not marked."
            ),
        ]
    )
