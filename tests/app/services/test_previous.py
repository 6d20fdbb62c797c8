"""Only like is compared with like."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.services.previous import previous_among
from app.services.runs import RunEntry
from clvcore.config import ForecastConfig

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 2, 28)
ENTRY = RunEntry(
    id="now", dataset_id="d", dataset_name="Shop", created_by="ana", as_of=DAY, horizon_end=DAY,
    created_at=NOON, horizon_months=12, horizon_days=None, customers=1, clv=1.0, currency="EUR",
    config=ForecastConfig().to_dict(),
)  # fmt: skip
BEFORE = replace(
    ENTRY, id="before", dataset_id="another upload", created_at=NOON - dt.timedelta(days=28),
    as_of=DAY - dt.timedelta(days=28),
    config=ForecastConfig(as_of=DAY - dt.timedelta(days=28)).to_dict(),
)  # fmt: skip


def test_the_newest_alike_is_taken_whatever_its_upload_and_last_day():
    older = replace(BEFORE, id="older", created_at=NOON - dt.timedelta(days=60))
    assert previous_among(ENTRY, [ENTRY, BEFORE, older]) == BEFORE


@pytest.mark.parametrize(
    "other",
    [
        replace(BEFORE, dataset_name="Another shop"),
        replace(BEFORE, currency="USD"),
        replace(BEFORE, config=ForecastConfig(horizon_months=6).to_dict()),
        replace(BEFORE, config=ForecastConfig(gross_margin=0.5).to_dict()),
        replace(BEFORE, created_at=NOON + dt.timedelta(hours=1)),
        replace(BEFORE, as_of=DAY + dt.timedelta(days=1)),
    ],
    ids=["orders", "currency", "horizon", "margin", "made later", "knows more"],
)
def test_what_differs_in_more_than_its_last_day_is_not_compared(other):
    assert previous_among(ENTRY, [other]) is None
