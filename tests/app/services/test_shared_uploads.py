"""Several people drop the same file: each has it until he saves it or lets it go."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.services import datasets, kept_uploads, sandbox
from app.services.datasets import Intake
from clvcore.records.errors import ReadError
from clvcore.sample import sample_orders

TENANT = "local"
TENANTS = (TENANT, "north", "south")
PEOPLE = 16


def _drop(data: bytes, tenant: str = TENANT) -> Intake:
    return datasets.inspect_upload(tenant, "our shop.csv", data)


def _save(intake: Intake) -> datasets.Dataset:
    return datasets.save(
        intake.claim.tenant, intake.content_hash, intake.name, intake.mapping, "EUR",
        claim=intake.claim.id,
    )  # fmt: skip


def _kept(home, tenant: str = TENANT) -> list[str]:
    return [one.name for one in (home / "tenants" / tenant / "uploads").iterdir()]


def test_sixteen_people_of_three_tenants_drop_check_and_save_one_content_at_once(home):
    data = sample_orders(60, seed=11).to_csv(index=False).encode()
    together = threading.Barrier(PEOPLE)

    def person(number: int) -> datasets.Dataset:
        tenant = TENANTS[number % len(TENANTS)]
        together.wait()
        intake = _drop(data, tenant)
        datasets.check(tenant, intake.content_hash, intake.mapping, "EUR")
        return _save(intake)

    with ThreadPoolExecutor(PEOPLE) as people:
        saved = list(people.map(person, range(PEOPLE)))
    assert len({one.id for one in saved}) == PEOPLE
    assert len({(one.rows, one.customers, one.first_day, one.last_day) for one in saved}) == 1
    assert sum(len(datasets.list_datasets(tenant)) for tenant in TENANTS) == PEOPLE
    assert [_kept(home, tenant) for tenant in TENANTS] == [[], [], []]


def test_a_file_somebody_else_dropped_too_outlives_the_first_who_saves_it(intake, orders_csv, home):
    other = _drop(orders_csv)
    _save(intake)
    assert _kept(home) == [intake.content_hash]
    datasets.check(TENANT, other.content_hash, other.mapping, "EUR")
    _save(other)
    assert _kept(home) == []


def test_a_share_is_saved_once_whoever_else_holds_one(intake, orders_csv):
    _drop(orders_csv)
    _save(intake)
    with pytest.raises(ReadError) as refused:  # a second click
        _save(intake)
    assert refused.value.code == "UPLOAD_GONE"
    assert len(datasets.list_datasets(TENANT)) == 1


def test_who_lets_a_file_go_takes_only_his_own_share(intake, orders_csv, home):
    other = _drop(orders_csv)
    datasets.let_go(other)
    datasets.let_go(other)
    assert _kept(home) == [intake.content_hash]
    datasets.let_go(intake)
    assert _kept(home) == []


def test_a_disk_that_refuses_one_person_takes_nothing_from_another(intake, orders_csv, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(kept_uploads.os, "utime", _no_room)
        with pytest.raises(ReadError) as refused:
            _drop(orders_csv)
    assert refused.value.code == "UPLOAD_UNWRITABLE"
    assert _save(intake).customers > 0


def test_a_share_nobody_came_back_for_holds_nothing_after_a_day(
    intake, orders_csv, home, monkeypatch
):
    other = _drop(orders_csv)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=25)
    kept_uploads.os.utime(
        home / "tenants" / TENANT / "uploads" / other.content_hash / "claims" / intake.claim.id,
        (later.timestamp(), later.timestamp()),
    )  # the first one dropped it again just now, and the other a day ago
    monkeypatch.setattr(kept_uploads, "utc_now", lambda: later)
    datasets.let_go(intake)
    assert _kept(home) == []


@pytest.mark.parametrize("after", [False, True])
def test_a_file_that_goes_while_it_is_read_asks_to_be_dropped_again(
    home, monkeypatch, orders_csv, after
):
    """``clv forget`` deletes what was dropped, before the child looks or once it has looked."""
    wait = sandbox._wait

    def meanwhile(work) -> None:
        if after:
            wait(work)
        kept_uploads.forget_all(TENANT)
        if not after:
            wait(work)

    monkeypatch.setattr(sandbox, "_wait", meanwhile)
    with pytest.raises(ReadError) as refused:
        _drop(orders_csv)
    assert refused.value.code == "UPLOAD_GONE"
    assert _kept(home) == []


def _no_room(*_) -> None:
    raise OSError(28, "No space left on device")
