"""The matrix of roles as a table: the very one that pages and services ask."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.accounts.roles import CAPABILITIES, ROLES, allowed
from app.widgets.card import card
from app.words.roles import capability_names, role_name
from app.words.text import Words

ROW_HEIGHT, HEAD_HEIGHT = 34, 35
YES, NO = "✓", "–"


def roles_card(w: Words) -> None:
    """Show who may do what."""
    table = roles_frame(w)
    centered = {
        role_name(w, role): st.column_config.TextColumn(
            role_name(w, role).capitalize(), width=104, alignment="center"
        )
        for role in ROLES
    }
    with card(
        w("What each role may do"),
        w("Checked on every page, at every click and at every export."),
    ):
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                w("May"): st.column_config.TextColumn(width=230, pinned=True),
                **centered,
            },
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * len(table) + HEAD_HEIGHT,
            key="roles-table",
            alt=w("What each role may do"),
        )


def roles_frame(w: Words) -> pd.DataFrame:
    """Return one row per capability, one column per role."""
    names = capability_names(w)
    return pd.DataFrame(
        [
            {w("May"): names[capability]}
            | {role_name(w, role): YES if allowed(role, capability) else NO for role in ROLES}
            for capability in CAPABILITIES
        ]
    )
