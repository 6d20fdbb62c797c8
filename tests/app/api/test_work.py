"""Fits in other processes: killed when the caller leaves, refused when all places are taken."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

import pytest

from app.api.errors import ApiError
from app.api.remembered import LARGEST_ANSWER, MOST_ANSWERS, MOST_PER_TENANT, Remembered
from app.api.work import ClientGoneError, Works
from app.services.priority import POLITE


class Caller:
    """A request whose sender may hang up."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


@pytest.fixture(scope="module")
def works():
    made = Works(workers=1, waiting=1)
    made.start(warm=False)
    yield made
    made.stop()


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
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, 0)
            pytest.fail("the worker still lives")

    asyncio.run(asyncio.wait_for(scene(), timeout=30))


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
