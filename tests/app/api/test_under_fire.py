"""What goes wrong inside, and what is sent on purpose: one shape of answer, no trace, no leak."""

from __future__ import annotations

import errno
import logging
import sqlite3
import subprocess
import sys

import httpx
import orjson
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from app.api import answers, routes
from app.api.errors import failed
from app.api.languages import LONGEST_HEADER, language_of
from app.api.routes import CLIENT_RFM, FORECAST
from app.storage.database import connection

MARK = "zq7echo"
ROW = {"customer_id": "A", "date": "2024-01-31", "amount": 1.0}


def _broken(*_: object, **__: object) -> None:
    raise RuntimeError(f"{MARK} /home/someone/secret.key [SQL: users.password_hash]")


STAGES = [
    (routes, "check_address"), (routes, "authenticate"), (routes, "count_call"),
    (routes, "read_body"), (routes, "forecast_question"), (routes, "fit"),
    (answers, "forecast_answer"), (routes, "language_of"), (routes.audit, "record"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "stage"), STAGES, ids=[stage for _, stage in STAGES])
def test_whatever_breaks_shows_an_id_and_nothing_else(
    server, orders, monkeypatch, caplog, module, stage
):
    body = {"data": orders[:40], "model_type": "naive", "allow_short_history": True}
    body["discount_rate"] = 0.01 * (1 + [s for _, s in STAGES].index(stage))  # not remembered yet
    monkeypatch.setattr(module, stage, _broken)
    with server.client() as client, caplog.at_level(logging.ERROR, logger="clv"):
        answer = client.post(FORECAST, json=body)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    said = answer.json()
    assert (said["code"], list(said["details"])) == ("INTERNAL_ERROR", ["error_id"])
    assert MARK not in answer.text
    assert f"error id {said['details']['error_id']}" in caplog.text


def _of_sqlite(code: int) -> OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = code
    return OperationalError("insert", {}, error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "full"), "STORAGE_UNAVAILABLE"),
        (OSError(errno.EROFS, "read only"), "STORAGE_UNAVAILABLE"),
        (_of_sqlite(sqlite3.SQLITE_FULL), "STORAGE_UNAVAILABLE"),
        (_of_sqlite(sqlite3.SQLITE_IOERR | 3 << 8), "STORAGE_UNAVAILABLE"),
        (MemoryError(), "TOO_LITTLE_MEMORY"),
        (_of_sqlite(sqlite3.SQLITE_ERROR), "INTERNAL_ERROR"),
        (OSError(errno.ENOENT, "gone"), "INTERNAL_ERROR"),
    ],
)
def test_what_time_can_mend_is_told_from_what_it_cannot(error, code):
    answer = failed(error)
    assert answer.code == code
    assert (answer.status, "Retry-After" in answer.headers) == (
        (500, False) if code == "INTERNAL_ERROR" else (503, True)
    )


def test_a_database_without_room_is_503_and_health_still_answers(of_server, orders):
    engine = connection.engine_of(of_server.home / "clv.db")

    def full(raw, record) -> None:
        raw.execute("PRAGMA query_only = ON")  # SQLite's own refusal of every write

    body = {"data": orders[:30], "model_type": "naive", "allow_short_history": True}
    event.listen(engine, "connect", full)
    try:
        with of_server.client() as client:
            answer = client.post(FORECAST, json={**body, "gross_margin": 0.77})
            assert (answer.status_code, answer.json()["code"]) == (503, "STORAGE_UNAVAILABLE")
            assert int(answer.headers["retry-after"]) > 0
            assert client.get("/health").status_code == 200
    finally:
        event.remove(engine, "connect", full)


@pytest.mark.parametrize(
    "query",
    ["forecast_horizon=24", "forecastHorizon=24", f"{MARK}=1", "data[]=1&data[]=2", "%00", "a"],
)
def test_settings_in_the_address_are_refused_and_not_passed_over(server, orders, query):
    with server.client() as client:
        for path in (FORECAST, CLIENT_RFM):
            answer = client.post(f"{path}?{query}", json={"data": orders[:5]})
            assert (answer.status_code, answer.json()["code"]) == (422, "UNKNOWN_PARAMETER")
            assert answer.json()["details"] == {"location": "query"}


WISHES = {
    "": "en", "*": "en", "zh": "en", "de-DE,de;q=0.9": "en", "en": "en", "EN-us": "en",
    "es": "es", "es-MX": "es", "es_AR": "es", "ES": "es", "es-419,en;q=0.8": "es",
    "pt": "pt", "pt-BR": "pt", "pt-BR;q=0.9,en": "en", "pt-BR;q=0.9,en;q=0.8": "pt",
    "en;q=0.1,pt;q=0.2,es;q=0.3": "es", "en;q=0,es;q=0.001": "es", "es;q=0": "en",
    "en;q=NaN,pt": "pt", "pt;q=NaN": "en", "pt;q=2": "en", "pt;q=-1": "en", "pt;q=1.0001": "en",
    "pt;q=1e0": "en", "pt; q=0.5 , es;q=0.4": "pt", "pt;level=1": "en", ";q=1": "en", ",,,": "en",
    ",es": "es", "es,": "es", "español": "en", "e": "en", "e s": "en", "es;": "en", "es;;q=1": "en",
    "\x00": "en", "es\x00": "en", "../es": "en", "es'--": "en", "<es>": "en",
    "x" * LONGEST_HEADER + ",es": "en", "zh," * 100 + "pt": "pt", "a" * 10_000: "en",
    "pt-" * 200: "pt",
}  # fmt: skip


@pytest.mark.parametrize(("header", "language"), WISHES.items(), ids=map(repr, range(len(WISHES))))
def test_forty_ways_to_ask_for_a_language_and_none_is_an_error(header, language):
    assert language_of(header) == language


def test_a_refusal_is_told_in_the_language_that_was_asked_for(server):
    words = set()
    for language in ("en", "es", "pt"):
        with server.client(**{"Accept-Language": language}) as client:
            for path in ("/api/nowhere", FORECAST):
                answer = client.get(path)
                assert answer.headers["content-language"] == language
                assert "Accept-Language" in answer.headers["vary"]
                words.add((answer.json()["code"], answer.json()["message"]))
    assert len(words) == 6
    assert len({code for code, _ in words}) == 2


_COUNTED = """
import os, sys
from app.api.errors import ApiError
from app.api.limits import count_call
sys.stdin.readline()
let_in = 0
for _ in range(40):
    try:
        count_call("racer")
    except ApiError:
        continue
    let_in += 1
print(let_in)
"""


def test_two_processes_let_in_as_many_as_one(home, monkeypatch):
    monkeypatch.setenv("CLV_API_RATE", "30/day")
    home.mkdir()
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _COUNTED], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    assert sum(int(racer.communicate(timeout=300)[0]) for racer in racers) == 30


def test_whoever_is_refused_costs_the_same_work(of_server):
    """No tenant, a wrong secret and a right one ask the database the same, and compare a digest."""
    asked: list[str] = []

    def note(conn, cursor, statement, *_) -> None:
        asked.append(statement)

    def work(tenant: str, secret: str) -> list[str]:
        asked.clear()
        pair = {"X-Customer-Api-Id": tenant, "X-Secret": secret}
        with httpx.Client(base_url=of_server.url, headers=pair) as client:
            assert client.post(CLIENT_RFM, json={"data": [ROW]}).status_code == 401
        return list(asked)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        stranger = work("00000000-0000-4000-8000-000000000000", "0" * 64)
        wrong = work(of_server.first.tenant_id, "0" * 64)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert stranger == wrong
    assert len([statement for statement in wrong if "SELECT" in statement]) == 1


def test_no_log_holds_a_credential_or_a_customer_of_a_call(server, orders, caplog):
    canary = f"CANARY-{MARK}"
    with caplog.at_level(logging.DEBUG), server.client() as client:
        logging.getLogger("clv").debug("something is logged")
        rows = [{**row, "customer_id": f"{canary}-{row['customer_id']}"} for row in orders[:60]]
        settings = {"model_type": "naive", "allow_short_history": True}
        assert client.post(FORECAST, json={"data": rows, **settings}).status_code == 200
        for headers in ({"Authorization": f"Bearer {canary}"}, {"X-Secret": canary}, {"A": canary}):
            client.post(FORECAST, json={"data": rows}, headers=headers)
            client.post(f"/api/{canary}?{canary}", json={canary: canary}, headers=headers)
            client.post(FORECAST, content=canary.encode(), headers=headers)
    ours = [r for r in caplog.records if r.name.startswith(("clv", "app", "uvicorn"))]
    written = "\n".join(f"{record.getMessage()} {record.args}" for record in ours)
    assert "something is logged" in written
    for secret in (canary, server.first.token, server.first.secret):
        assert secret not in written


def test_an_answer_holds_no_number_that_json_has_not():
    from app.api.answers import to_json

    text = to_json({"a": [float("nan"), float("inf"), -0.0], 1: 2**53})
    assert orjson.loads(text) == {"a": [None, None, 0], "1": 2**53}
