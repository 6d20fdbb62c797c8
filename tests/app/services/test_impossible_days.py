"""A day that no calendar has, among the rows an upload shows first."""

from __future__ import annotations

import pytest

from app.services import datasets
from tests.clvcore.ingest.test_impossible_days import BAD, IMPOSSIBLE, ROWS, parquet_of


@pytest.mark.parametrize("days", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_an_upload_with_an_impossible_day_is_shown_and_saved_without_that_row(
    home, reads_here, days
):
    intake = datasets.inspect_upload("local", "x.parquet", parquet_of(days, version="2.6"))
    assert len(intake.preview) == 5
    assert str(intake.preview["order_date"][BAD]).strip()
    assert intake.preview["order_date"][0].startswith("2024-01-01")
    saved = datasets.save("local", intake.content_hash, "x", intake.mapping, claim=intake.claim.id)
    quality = datasets.load("local", saved.id).quality
    assert saved.rows == ROWS - 1
    assert quality.rows_dropped == {"implausible_date": 1}
    assert quality.rejected["line"].tolist() == [BAD + 1]
