"""A forecast that takes too much memory, too long or too many threads ends; nothing else does."""

from __future__ import annotations

import asyncio
import os
import sys
import time

import pytest

from app.api.errors import ApiError
from app.api.work import Works
from app.services import jobs
from app.services.jobs import crew
from app.storage.owners import alive
from app.workers import fence, workers
from app.workers.pool import Pool
from app.workers.workers import Plan, Workers
from clvcore.records.config import ForecastConfig

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="resource limits are Linux's")
PATIENCE = 300.0


class Caller:
    """A request whose sender stays."""

    async def receive(self) -> dict[str, str]:
        await asyncio.Event().wait()
        raise AssertionError


def threads() -> dict[str, str]:
    return {name: os.environ[name] for name in fence.THREADS}


def limit() -> int:
    import resource

    return resource.getrlimit(resource.RLIMIT_DATA)[0]


def take(gigabytes: int) -> int:
    """Take more memory than is allowed, here where it is little."""
    fence.limit_memory(2**30)
    return len(bytearray(gigabytes * 2**30))


def test_a_worker_of_the_interface_has_limits_and_outlives_them_being_reached():
    beside = Workers(Plan(workers=1, seconds=5.0))  # more than the short ones take
    works = Works(beside, waiting=1)

    async def scene() -> None:
        assert set((await works.perform(Caller(), threads)).values()) == {"1"}
        assert await works.perform(Caller(), limit) == int(fence.SHARE * fence.memory_here())
        started = time.monotonic()
        with pytest.raises(ApiError) as long:
            await works.perform(Caller(), time.sleep, 600)
        assert (long.value.code, long.value.status) == ("TOOK_TOO_LONG", 503)
        assert time.monotonic() - started < 300
        with pytest.raises(ApiError) as large:
            await works.perform(Caller(), take, 4)
        assert (large.value.code, large.value.status) == ("TOO_LITTLE_MEMORY", 503)
        assert large.value.headers["Retry-After"] == "60"
        assert await works.perform(Caller(), take, 0) == 0

    try:
        asyncio.run(asyncio.wait_for(scene(), PATIENCE))
    finally:
        beside.end()


def test_a_container_with_little_memory_counts(tmp_path, monkeypatch):
    whole = fence.memory_here()
    files = tmp_path / "memory.max", tmp_path / "old"
    monkeypatch.setattr(fence, "_CGROUP", files)
    for written, expected in (("max\n", whole), ("1048576\n", 1048576), ("9" * 30, whole)):
        files[0].write_text(written)
        assert fence.memory_here() == expected


def test_a_job_past_its_time_is_stopped_and_says_so(saved, monkeypatch):
    """As ``crew.serve`` looks after its jobs, with a moment instead of an hour."""
    monkeypatch.setattr(crew, "WALL_MINUTES", 0.05 / 60)
    monkeypatch.setattr(crew, "_TRIES", 1)  # it may be stopped before its first word
    monkeypatch.setattr(workers, "is_running", lambda: True)
    job = jobs.submit("local", "ana", saved.id, ForecastConfig(model="naive"))
    end = time.monotonic() + PATIENCE
    with alive() as owner:
        at_work = crew.Crew(Pool(Plan(workers=1)), owner)
        while job.under_way and time.monotonic() < end:
            at_work.look()
            time.sleep(0.05)
            job = jobs.find("local", job.id)
        assert not at_work.busy  # the place is free again
        at_work.leave()
    assert (job.state, job.error.code) == (jobs.FAILED, "JOB_TOO_LONG")


def test_fifty_that_ask_at_once_are_each_done_or_refused_and_none_waits_for_ever():
    beside = Workers(Plan(workers=2))
    works = Works(beside, waiting=8)

    async def scene() -> list[object]:
        asked = (works.perform(Caller(), abs, -number) for number in range(50))
        return await asyncio.gather(*asked, return_exceptions=True)

    try:
        said = asyncio.run(asyncio.wait_for(scene(), PATIENCE))
        assert not works.calls
    finally:
        beside.end()
    done = [(number, x) for number, x in enumerate(said) if not isinstance(x, ApiError)]
    assert len(done) == 10
    assert all(number == x for number, x in done)
    assert {x.code for x in said if isinstance(x, ApiError)} == {"QUEUE_FULL"}
