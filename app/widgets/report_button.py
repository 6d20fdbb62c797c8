"""Take the report away; only for those who may, and asked again when it is made."""

from __future__ import annotations

from app.services.downloads import File
from app.services.session import Identity, can
from app.widgets.take_away import take_away
from app.words.run_in_view import RunInView
from app.words.text import Words


def report_button(w: Words, identity: Identity, shown: RunInView) -> None:
    """Draw the button; nothing at all for those who may not have reports."""
    if not can(identity, "report"):
        return
    run_id, language = shown.entry.id, w.language

    def make(asker: Identity) -> File:
        from app.report.deliver import report_for

        return report_for(asker, run_id, language)

    take_away(
        w,
        w("Report"),
        make,
        capability="report",
        key="report",
        icon="description",
        about=(run_id, language),
        help=w("One page to print or to send: the forecast, its proof and its terms."),
    )
