"""Where a forecast came from, which one came before it, and who deleted one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from app.accounts.users import disable_user, find_user
from app.services import datasets, history, order_changes, runs
from app.services.runs import RunEntry
from app.services.session import identity_of
from app.storage import audit
from clvcore.records.config import ForecastConfig, Segmentation
from clvcore.records.errors import StoreError

DAY = dt.date(2026, 6, 30)
MONTH = dt.timedelta(days=30)
ENTRY = RunEntry(
    id="now", dataset_id="d", dataset_name="Shop", created_by="ana", as_of=DAY, horizon_end=DAY,
    created_at=dt.datetime(2026, 7, 1, tzinfo=dt.UTC), horizon_months=12, horizon_days=None,
    customers=1, clv=1.0, currency="EUR", config=ForecastConfig().to_dict(),
)  # fmt: skip


def _earlier(name: str, *, months: int = 1, config: ForecastConfig | None = None, **changes):
    settings = (config or ForecastConfig(as_of=DAY - months * MONTH)).to_dict()
    return replace(ENTRY, id=name, as_of=DAY - months * MONTH, config=settings, **changes)


@pytest.fixture
def ana(filled_home):
    return identity_of(find_user("analyst"))


def test_the_manifest_says_what_a_forecast_was_made_of(entry):
    made = history.provenance("local", entry.id)
    run = runs.load("local", entry.id)
    assert (made.data_hash, made.model, made.config) == (run.data_hash, run.model, run.config)
    assert (made.customers, made.clv) == (entry.customers, pytest.approx(entry.clv))
    assert (made.dataset_name, made.created_at) == (entry.dataset_name, entry.created_at)
    assert tuple(made.versions) == history.PACKAGES
    assert made.versions["pandas"] == pd.__version__
    assert all(made.versions.values())


def test_the_run_before_is_the_latest_that_knew_less():
    older, old = _earlier("older", months=2), _earlier("old")
    assert history.previous(ENTRY, [ENTRY, older, old]) == old
    assert history.previous(older, [ENTRY, older, old]) is None


@pytest.mark.parametrize(
    "other",
    [
        _earlier("other orders", dataset_name="CDNOW"),
        _earlier("other currency", currency="USD"),
        _earlier("other horizon", config=ForecastConfig(horizon_months=6)),
        _earlier("other groups", config=ForecastConfig(segmentation=Segmentation(high=0.1))),
        replace(ENTRY, id="same day", created_at=ENTRY.created_at - MONTH),
    ],
    ids=lambda entry: entry.id,
)
def test_a_change_is_never_told_against_something_else(other):
    assert history.previous(ENTRY, [ENTRY, other]) is None


def test_of_two_forecasts_of_one_day_the_newest_counts():
    first, second = _earlier("a"), _earlier("b", created_at=ENTRY.created_at + MONTH)
    assert history.previous(ENTRY, [first, second, ENTRY]) == second


def test_two_runs_are_compared_by_id_and_only_within_the_tenant(filled_home, entry):
    same = history.compare_runs("local", entry.id, entry.id)
    assert (same.change, same.same_data) == (0.0, True)
    assert history.compare_runs("local", entry.id, entry.id) is same
    with pytest.raises(StoreError):
        history.compare_runs("other", entry.id, entry.id)


def test_deleting_a_run_leaves_a_line_that_still_names_it(entry, ana):
    history.delete_run(ana, entry.id)
    assert runs.list_runs("local") == []
    line = audit.list_entries("local", action="run_deleted")[0]
    assert (line.username, line.subject) == ("analyst", entry.id)
    assert line.detail == {"dataset": entry.dataset_name, "as_of": entry.as_of.isoformat()}


def test_orders_added_and_deleted_leave_a_line_each(filled_home, ana):
    added = order_changes.add_sample_orders(ana, "cdnow")
    order_changes.delete_orders(ana, added.id)
    assert added.id not in {dataset.id for dataset in datasets.list_datasets("local")}
    lines = audit.list_entries("local", username="analyst")[:2]
    assert [line.action for line in lines] == ["orders_deleted", "orders_added"]
    assert all(line.detail == {"name": "CDNOW", "rows": added.rows} for line in lines)


def test_who_lost_the_right_changes_nothing_whatever_his_page_still_shows(filled_home, entry, ana):
    executive = identity_of(find_user("executive"))
    disable_user("analyst")
    for somebody in (executive, ana, replace(ana, tenant="other")):
        for change in (
            lambda who: history.delete_run(who, entry.id),
            lambda who: order_changes.delete_orders(who, filled_home.dataset_id),
            lambda who: order_changes.add_sample_orders(who, "cdnow"),
        ):
            with pytest.raises(PermissionError):
                change(somebody)
    assert len(runs.list_runs("local")) == len(datasets.list_datasets("local")) == 1
