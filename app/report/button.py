"""Take the report away; only for those who may, and asked again at the click."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.services.session import Identity, can
from app.text import Words, md
from app.widgets.run_in_view import RunInView


def report_button(w: Words, identity: Identity, shown: RunInView) -> None:
    """Draw the button; nothing at all for those who may not have reports."""
    if not can(identity, "report"):
        return
    st.download_button(
        md(w("Report")),
        data=_maker(identity, shown.entry.id, w.language),
        file_name=f"report-{shown.entry.as_of.isoformat()}.html",
        mime="text/html",
        icon=":material/description:",
        key="report",
        help=md(w("One page to print or to send: the forecast, its proof and its terms.")),
        on_click="ignore",
    )


def _maker(identity: Identity, run_id: str, language: str) -> Callable[[], bytes]:
    """Return what writes the file on the click, in a thread that knows no session."""

    def make() -> bytes:
        from app.report.deliver import report_for

        return report_for(identity, run_id, language)

    return make
