"""Days and hours as the reader's clock has them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from app.words.text import Words


def browser_zone() -> dt.tzinfo:
    """Return the zone of the reader's browser; UTC until it has said which."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC


def moment_words(w: Words, at: dt.datetime) -> str:
    """Write a moment: 9 Jun 2011 18:42."""
    local = at.astimezone(browser_zone())
    return f"{w.date(local.date())} {local:%H:%M}"


def start_of(day: dt.date) -> dt.datetime:
    """Return the moment a day begins where the reader is."""
    return dt.datetime.combine(day, dt.time(), browser_zone())
