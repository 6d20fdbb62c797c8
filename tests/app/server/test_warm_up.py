"""What the server puts off: calls that come early wait for it, and a failure is said, not kept."""

from __future__ import annotations

import asyncio
import threading
import time

import httpx
import pytest

from app.api import application
from app.api.first import ApiFirst, LateApi
from app.server import warm_up
from app.workers import workers


async def _nothing(scope, receive, send) -> None:
    raise AssertionError("the dashboard was asked")


def _ask(api: LateApi, times: int) -> list[httpx.Response]:
    async def asked() -> list[httpx.Response]:
        transport = httpx.ASGITransport(ApiFirst(_nothing, api))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as visitor:
            return await asyncio.gather(*(visitor.get("/health") for _ in range(times)))

    return asyncio.run(asked())


def test_calls_that_come_before_the_interface_is_there_wait_for_it(home, monkeypatch):
    made, create = [], application.create_api

    def slowly():
        made.append(1)
        time.sleep(0.2)
        return create()

    monkeypatch.setattr(application, "create_api", slowly)
    answers = _ask(LateApi(), 5)
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(made) == 1


def test_an_interface_that_cannot_be_made_says_so_at_every_call(home, monkeypatch, caplog):
    monkeypatch.setattr(application, "create_api", lambda: 1 / 0)
    api = LateApi()
    assert [answer.status_code for answer in _ask(api, 2)] == [500, 500]
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()


@pytest.fixture
def begun(monkeypatch) -> list[str]:
    """What was begun, in its order, and nothing else is."""
    began: list[str] = []
    monkeypatch.setattr(warm_up, "SIGN_IN", ("json",))
    monkeypatch.setattr(warm_up, "PAGES", ("no_such_module", "json"))
    monkeypatch.setattr(warm_up, "_AFTER_A_PAGE", 0.0)
    monkeypatch.setattr(warm_up, "_sweep", lambda _: began.append("sweep"))
    monkeypatch.setattr(workers, "begin", lambda: began.append("jobs"))
    return began


class Api(LateApi):
    """An interface that only notes when it is made."""

    def __init__(self, began: list[str]) -> None:
        super().__init__()
        self.began, self.made = began, threading.Event()

    def ready(self):
        self.began.append("interface")
        self.made.set()


def test_workers_wait_for_the_first_page_and_one_step_that_fails_stops_no_other(
    home, begun, monkeypatch, caplog
):
    monkeypatch.setattr(warm_up, "SECONDS_WITHOUT_VISITORS", 60.0)
    api = Api(begun)
    with warm_up.settled(api):
        time.sleep(0.2)
        assert begun == []
        warm_up.page_drawn()
        assert api.made.wait(300)
    assert begun == ["sweep", "jobs", "interface"]
    assert "no_such_module" in caplog.text


def test_they_start_as_well_where_nobody_comes_and_not_at_all_once_it_ends(
    home, begun, monkeypatch
):
    monkeypatch.setattr(warm_up, "SECONDS_WITHOUT_VISITORS", 0.05)
    api = Api(begun)
    with warm_up.settled(api):
        assert api.made.wait(300)
    begun.clear()
    monkeypatch.setattr(warm_up, "SECONDS_WITHOUT_VISITORS", 60.0)
    with warm_up.settled(api):
        pass
    assert begun == []
