"""Fits in other processes: killed when the caller leaves, refused when all places are taken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from pathlib import Path

import orjson
import pytest

from app.api import routes
from app.api.application import create_api
from app.api.errors import ApiError
from app.api.first import ApiFirst
from app.api.remembered import LARGEST_ANSWER, MOST_ANSWERS, MOST_PER_TENANT, Remembered
from app.api.work import ClientGoneError, Works
from app.shield import Shield
from app.workers.priority import POLITE
from app.workers.workers import Plan, Workers


class Caller:
    """A request whose sender may hang up."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


@pytest.fixture(scope="module")
def works():
    beside = Workers(Plan(workers=1))
    yield Works(beside, waiting=1)
    beside.end()


def process_of(file: str) -> None:
    """Say who works, then work for a minute."""
    Path(file).write_text(str(os.getpid()))
    time.sleep(60)


def refuse() -> None:
    raise ApiError("OUT_OF_RANGE", parameter="x", minimum=1)


def break_down() -> None:
    raise ZeroDivisionError("secret")


async def started(file: Path) -> int:
    while not (file.exists() and file.read_text()):
        await asyncio.sleep(0.02)
    return int(file.read_text())


def test_work_is_done_elsewhere_and_refusals_come_back(works):
    async def scene() -> None:
        assert await works.perform(Caller(), os.getpid) != os.getpid()
        with pytest.raises(ApiError) as refused:
            await works.perform(Caller(), refuse)
        assert refused.value.details == {"parameter": "x", "minimum": 1}
        with pytest.raises(ApiError) as broken:
            await works.perform(Caller(), break_down)
        assert broken.value.code == "INTERNAL_ERROR"
        assert "secret" not in str(broken.value.details)

    asyncio.run(scene())


def test_a_caller_who_leaves_takes_his_work_with_him(works, tmp_path):
    async def scene() -> None:
        caller, file = Caller(), tmp_path / "pid"
        asked = asyncio.ensure_future(works.perform(caller, process_of, str(file)))
        worker = await started(file)
        waiting = asyncio.ensure_future(works.perform(Caller(), os.getpid))
        await asyncio.sleep(0)
        with pytest.raises(ApiError) as full:
            await works.perform(Caller(), os.getpid)
        assert full.value.code == "QUEUE_FULL"
        assert full.value.headers["Retry-After"] == "5"
        caller.gone.set()
        with pytest.raises(ClientGoneError):
            await asked
        # the place is free again, and the worker at it is another one
        assert await waiting != worker
        assert _within(30, lambda: not _lives(worker))  # half of what the work would take

    asyncio.run(asyncio.wait_for(scene(), timeout=300))


def fit_for_ever(question, today) -> None:
    """Stand for a fit that nobody would wait for."""
    time.sleep(60)


def test_a_connection_that_is_cut_frees_its_place(works, of_server, serve, monkeypatch, caplog):
    """Over a real socket, behind the shield; and whoever comes next finds a worker."""
    monkeypatch.setattr(routes, "fit", fit_for_ever)
    api = create_api()
    api.state.works = works
    body = orjson.dumps({"data": [{"customer_id": "A", "date": "2024-01-31", "amount": 1}]})
    sent = (
        f"POST {routes.FORECAST} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {of_server.first.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    with serve(Shield(ApiFirst(api, api))) as url, caplog.at_level(logging.INFO):
        host, port = url.removeprefix("http://").split(":")
        for _ in range(3):
            with socket.create_connection((host, int(port)), timeout=60) as raw:
                raw.sendall(sent)
                assert _within(60, lambda: works.calls)
            assert _within(30, lambda: not works.calls)  # half of what the work would take
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert caplog.text.count("left before the answer") == 3

    async def next_one() -> int:
        return await works.perform(Caller(), abs, -3)

    assert asyncio.run(asyncio.wait_for(next_one(), 60)) == 3


def _within(seconds: float, reached) -> bool:
    end = time.monotonic() + seconds
    while not reached() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(reached())


def test_who_waits_is_told_when_the_launcher_dies_and_another_one_is_started(tmp_path, caplog):
    beside = Workers(Plan(workers=1), pause=3.0)  # longer than the next question takes
    works = Works(beside, waiting=1)

    async def scene() -> None:
        asked = asyncio.ensure_future(works.perform(Caller(), process_of, str(tmp_path / "pid")))
        worker = await started(tmp_path / "pid")
        beside._launcher.kill()
        with pytest.raises(ApiError) as broken:
            await asked
        assert broken.value.code == "INTERNAL_ERROR"
        with pytest.raises(ApiError) as soon:
            await works.perform(Caller(), os.getpid)
        assert (soon.value.status, "Retry-After" in soon.value.headers) == (503, True)
        while True:  # as who was told to come again
            with contextlib.suppress(ApiError):
                assert await works.perform(Caller(), abs, -3) == 3
                break
            await asyncio.sleep(0.05)
        # and nothing is left of what nobody will hear of
        assert _within(60, lambda: not _lives(worker))

    try:
        with caplog.at_level(logging.ERROR, logger="clv"):
            asyncio.run(asyncio.wait_for(scene(), 300))
    finally:
        beside.end()
    assert "launcher" in caplog.text


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_without_workers_the_work_is_done_here():
    assert asyncio.run(Works().perform(Caller(), os.getpid)) == os.getpid()


class Sized:
    customers = range(10)


def test_a_tenants_forecasts_are_his_own_and_few_are_kept():
    kept = Remembered(most_customers=70)
    for number in range(MOST_PER_TENANT + 2):
        kept.keep("a", str(number), Sized())  # type: ignore[arg-type]
    assert kept.find("a", "0") is None
    assert kept.find("a", "5") is not None
    assert kept.find("b", "5") is None
    for tenant in "bcde":
        kept.keep(tenant, "5", Sized())  # type: ignore[arg-type]
    assert kept.find("a", "2") is None  # the whole is limited, too
    assert kept.find("e", "5") is not None


def test_an_answer_is_remembered_for_its_tenant_as_long_as_its_forecast():
    kept = Remembered()
    kept.keep_answer("a", "0", "asked", b"of no forecast")
    assert kept.find_answer("a", "asked") is None
    kept.keep("a", "0", Sized())  # type: ignore[arg-type]
    for number in range(MOST_ANSWERS + 1):
        kept.keep_answer("a", "0", f"asked {number}", b"%d" % number)
    assert kept.find_answer("a", "asked 0") is None
    assert kept.find_answer("a", f"asked {MOST_ANSWERS}") == b"%d" % MOST_ANSWERS
    assert kept.find_answer("b", f"asked {MOST_ANSWERS}") is None
    kept.keep_answer("a", "0", "large", b" " * (LARGEST_ANSWER + 1))
    assert kept.find_answer("a", "large") is None
    for number in range(1, MOST_PER_TENANT + 1):
        kept.keep("a", str(number), Sized())  # type: ignore[arg-type]
    assert kept.find_answer("a", f"asked {MOST_ANSWERS}") is None


def nice_of_worker() -> int:
    return os.nice(0)


def test_fits_step_back_behind_answers(works):
    assert asyncio.run(works.perform(Caller(), nice_of_worker)) == os.nice(0) + POLITE
