"""The time now: apart from the database, which takes longer to load than most who ask."""

from __future__ import annotations

import datetime as dt


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
