"""Customers grouped anew, or why they cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.services import datasets, runs
from app.services.cohorts import cohorts_by, groupings
from clvcore.records.errors import StoreError


def test_a_run_is_grouped_anew_and_its_own_grouping_is_the_runs(filled_home):
    entry = runs.find("local", filled_home.run_id)
    assert {"month", "quarter", "year"} <= set(groupings("local", entry))
    years = cohorts_by("local", entry, "year")
    assert set(years["cohort"].astype(str).str.len()) == {4}
    own = cohorts_by("local", entry, entry.config.get("cohort_by"))
    assert own is runs.load("local", entry.id).cohorts


def test_deleted_orders_leave_the_own_grouping_and_the_rest_says_so(filled_home):
    entry = runs.find("local", filled_home.run_id)
    datasets.delete("local", filled_home.dataset_id)
    for left in (runs.find("local", entry.id), entry, replace(entry, dataset_id=None)):
        assert groupings("local", left) == [entry.config.get("cohort_by")]
        with pytest.raises(StoreError):
            cohorts_by("local", left, "year")


def test_a_run_saved_without_its_months_says_so(filled_home, monkeypatch):
    entry = runs.find("local", filled_home.run_id)
    monkeypatch.setattr(runs, "load_months", lambda *_: None)
    assert groupings("local", entry) == [entry.config.get("cohort_by")]
    with pytest.raises(StoreError) as refused:
        cohorts_by("local", entry, "year")
    assert refused.value.code == "RUN_WITHOUT_MONTHS"
