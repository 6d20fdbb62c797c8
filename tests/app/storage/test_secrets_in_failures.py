"""A statement that fails says which one it was, and never what it was given."""

from __future__ import annotations

import asyncio
import io
import logging
import sqlite3
import traceback
from contextlib import closing

import httpx
import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers

from app.accounts import sessions, tenants, throttle, users
from app.accounts.passwords import hashed
from app.api import credentials
from app.api.first import ApiFirst, LateApi
from app.api.routes import FORECAST
from app.shield import Shield
from app.shield.budgets import UPLOADS
from app.shield.logs import Lines
from app.storage import audit
from app.storage.database import User, standing, writing
from app.storage.database.connection import ready_file
from app.storage.database.engine import engine_of

CANARY = "canary-in-a-coal-mine-1234567890"
TOKEN = CANARY.ljust(43, "x")
TABLES = ("users", "sessions", "failed_sign_ins", "tenants", "tenant_keys", "audit")


@pytest.fixture
def broken(empty_home):
    """A home whose database lost its tables while the server ran: every statement fails."""
    file = ready_file()
    with closing(sqlite3.connect(file)) as plain:
        for name in TABLES:
            plain.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
        plain.commit()
    return file


@pytest.fixture
def written(monkeypatch):
    """What the log of the server would hold, exactly as it is written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    logger = logging.getLogger("clv")
    monkeypatch.setattr(logger, "handlers", [handler])
    return stream


def _digests() -> set[str]:
    name = throttle.name_digest(CANARY)
    return {CANARY, TOKEN, name, sessions._digest(TOKEN), tenants.digest(TOKEN.encode())}


def _bearer(token: str) -> Headers:
    return Headers({"authorization": f"Bearer {token}"})


STATEMENTS = {
    "a session is looked up": lambda: sessions.account_of(TOKEN),
    "a session is ended": lambda: sessions.revoke(TOKEN),
    "a session is begun": lambda: sessions.begin(CANARY),
    "an account is looked up": lambda: users.find_user(CANARY),
    "an account is made": lambda: users.add_user(CANARY, CANARY, role="analyst"),
    "a password is compared": lambda: users.password_is_right(CANARY, CANARY),
    "a try is counted": lambda: throttle.begin_try(CANARY, "203.0.113.9"),
    "a tenant is looked up": lambda: tenants.find_tenant(CANARY),
    "a tenant is made": lambda: tenants.add_tenant(CANARY),
    "a caller is looked up": lambda: credentials.authenticate(_bearer(TOKEN), by_secret=False),
    "a line is written": lambda: audit.record("local", CANARY, "export", CANARY, note=CANARY),
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_what_fails_does_not_show_what_it_was_given(broken, written, statement):
    with pytest.raises(DBAPIError) as caught:
        statement()
    logging.getLogger("clv").error("reference %s", "A-1", exc_info=caught.value)
    told = "".join(traceback.format_exception(caught.value))
    for text_ in (str(caught.value), repr(caught.value), told, written.getvalue()):
        assert "no such table" in text_
        assert [secret for secret in _digests() if secret in text_] == []


def test_a_new_hash_is_not_shown_either(empty_home):
    """The statement is whole, so that only the driver knows what is wrong with it."""
    kept = hashed(CANARY)
    with writing() as session, pytest.raises(DBAPIError) as caught:
        session.execute(insert(User).values(username=CANARY, password_hash=kept))
    assert "NOT NULL" in str(caught.value)
    assert kept not in "".join(traceback.format_exception(caught.value))


def test_the_server_neither_answers_nor_logs_it(broken, written):
    async def page(scope, receive, send) -> None:
        raise AssertionError("nobody is signed in")

    api = LateApi()
    shield = Shield(ApiFirst(page, api=api))
    asked = (
        ("PUT", UPLOADS + "session/file", {"Cookie": f"{sessions.COOKIE}={TOKEN}"}),
        ("POST", FORECAST, {"Authorization": f"Bearer {TOKEN}"}),
    )

    async def answers() -> list[httpx.Response]:
        transport = httpx.ASGITransport(shield)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as visitor:
            return [
                await visitor.request(method, path, headers=headers, content=b"{}")
                for method, path, headers in asked
            ]

    said = asyncio.run(answers())
    assert [answer.status_code >= 500 for answer in said] == [True, True]
    log = written.getvalue()
    assert log.count("no such table") >= 2
    for secret in _digests():
        assert secret not in log
        assert [answer for answer in said if secret in answer.text] == []


def test_every_engine_is_told(home):
    with standing() as connection:
        assert connection.engine.hide_parameters
    assert engine_of(ready_file()).hide_parameters
