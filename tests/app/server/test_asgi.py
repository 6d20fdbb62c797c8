"""The process beside the pages: health, JSON for unknown addresses, and friendly failures."""

from __future__ import annotations

import asyncio
import logging
import warnings
from importlib.metadata import version

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from app.accounts import sessions
from app.accounts.users import add_user
from app.server.asgi import app
from app.shield import Shield


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The whole application, started once, since a process has one Streamlit; and its home."""
    home = tmp_path_factory.mktemp("served") / "home"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client asks for a newer HTTP library on import
        from starlette.testclient import TestClient
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLV_HOME", str(home))
        patch.setenv("CLV_WORKERS", "0")
        with TestClient(app) as client:
            yield client, home


def test_the_server_answers_its_pages_and_interfaces(served):
    client, home = served
    health = client.get("/health")
    assert (health.status_code, health.json()) == (200, {"status": "ok", "version": version("clv")})
    assert client.get("/_stcore/health").text == "ok"
    assert "<html" in client.get("/customers").text
    # the database is ready before the first visitor
    assert (home / "clv.db").stat().st_size > 0
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = client.request(method, "/api/v1/nope")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {
            "error": "Not found",
            "message": "There is nothing at this address.",
            "code": "NOT_FOUND",
            "details": {},
        }
    assert client.post("/api/customer_rfm").json()["code"] == "AUTH_FAILED"


def _failing_page() -> None:
    from app.server.asgi import report_script_error

    report_script_error(ZeroDivisionError("the secret of /some/folder"))


def test_a_failure_shows_a_reference_and_logs_the_rest(home, caplog):
    with caplog.at_level(logging.ERROR, logger="clv"):
        page = AppTest.from_function(_failing_page, default_timeout=300).run()
    assert not page.exception
    (shown,) = [element.value for element in page.markdown]
    assert "secret" not in shown
    assert "folder" not in shown
    (record,) = [record for record in caplog.records if record.name == "clv"]
    assert record.message.removeprefix("reference ") in shown
    assert "the secret of /some/folder" in caplog.text


ADDRESSES = {
    "/exports/{token}", "/session/{ticket}",
    "/_stcore/health", "/_stcore/host-config", "/_stcore/stream",
    "/_stcore/upload_file/{session_id}/{file_id}", "/media/{file_id:path}",
}  # fmt: skip
CLOSED = {
    "/_stcore/metrics", "/_stcore/agent/interact", "/_stcore/agent/openapi.json",
    "/_stcore/agent/mcp", "/auth/login", "/auth/logout", "/oauth2callback",
    "/_stcore/bidi-components/{path:path}", "/component/{path:path}",
}  # fmt: skip


def test_every_address_of_the_framework_is_known_and_open_or_closed_on_purpose(served):
    """An update of Streamlit that adds an address fails here, before it is served."""
    paths = {getattr(route, "path", "") for route in app._starlette_app.routes} - {""}
    assert paths == ADDRESSES | CLOSED
    shield = Shield(app)

    async def asked() -> dict[str, int]:
        transport = httpx.ASGITransport(shield)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as visitor:
            return {path: (await visitor.get(path)).status_code for path in CLOSED}

    assert set(asyncio.run(asked()).values()) == {404}


def test_an_origin_that_is_no_address_is_an_error_nowhere(served):
    del served
    add_user("ana", "correct horse battery", role="analyst")
    signed_in = {"Cookie": f"{sessions.COOKIE}={sessions.begin('ana')}"}
    shield = Shield(app)

    async def asked() -> list[int]:
        transport = httpx.ASGITransport(shield)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as visitor:
            return [
                (await visitor.request(method, path, headers={"Origin": origin, **who})).status_code
                for path in (*ADDRESSES, "/", "/health", "/api/customer_rfm")
                for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS")
                for origin in ("http://[::1", "http://[", "null", "//[")
                for who in ({}, signed_in)
            ]

    assert max(asyncio.run(asked())) < 500


def test_an_upload_needs_the_token_of_our_own_page_beside_the_cookie(served):
    """A page of somebody else could send the cookie, but cannot read the token."""
    client, _ = served
    address = "/_stcore/upload_file/session/file"
    part = {"file": ("x.csv", b"a,b")}
    for headers in ({}, {"X-Xsrftoken": "made up"}, {"Cookie": "_streamlit_xsrf=made-up"}):
        assert client.put(address, files=part, headers=headers).status_code == 403
    client.get("/_stcore/health")
    ours = {"X-Xsrftoken": client.cookies["_streamlit_xsrf"]}
    assert client.put(address, files=part, headers=ours).status_code != 403
