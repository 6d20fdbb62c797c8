"""What became of the expected value since the previous forecast: stayed, joined, left."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from html import escape

import streamlit as st

from app.services.previous import Since, change_since
from app.services.session import Identity
from app.widgets.card import card
from app.widgets.drawn_once import drawn_once
from app.widgets.look import current_palette
from app.words.overview import change_title
from app.words.overview_figures import change_parts
from app.words.run_in_view import RunInView
from app.words.text import Words, md
from clvcore.records.errors import ClvError


@dataclass(frozen=True, eq=False, kw_only=True)
class SinceInView:
    """A run beside what changed since the one before it; ``since`` is None without one."""

    shown: RunInView
    since: Since | None

    @property
    def key(self) -> tuple[Hashable, ...] | None:
        """Name both forecasts; None if one of them is not as it was saved."""
        if self.since is None or self.shown.key is None:
            return self.shown.key
        return (*self.shown.key, *self.since.key)


def since_in_view(identity: Identity, shown: RunInView) -> SinceInView:
    """Return what changed; nothing without a previous forecast, or where it cannot be read."""
    try:
        return SinceInView(shown=shown, since=change_since(identity.tenant, shown.entry))
    except ClvError:
        return SinceInView(shown=shown, since=None)


@drawn_once
def change_card(w: Words, view: SinceInView) -> None:
    """Draw the three parts of the change, which add up to it."""
    since = view.since
    if since is None:
        st.caption(
            md(
                w(
                    "Nothing to compare yet. The change appears after your second run with the "
                    "same settings."
                )
            )
        )
        return
    change = since.change
    subtitle = w(
        "From {before} to {after}: the same orders by name, the same settings. The three parts add "
        "up to the change.",
        before=w.money(change.before.clv, change.currency),
        after=w.money(change.after.clv, change.currency),
    )
    with card(change_title(w, change), subtitle, key="change"):
        grid = st.grid(3, min_column_width=200, key="change-parts")
        for name, people, amount in change_parts(w, change):
            with grid.cell():
                st.html(_part(name, people, amount))


def _part(name: str, people: str, amount: str) -> str:
    colors = current_palette()
    return (
        f'<div class="clv-rule" style="border-color:{colors.hairline}">'
        f'<p class="clv-words"><b>{escape(amount)}</b>&ensp;{escape(name)}</p>'
        f'<p class="clv-small" style="color:{colors.muted}">{escape(people)}</p></div>'
    )
