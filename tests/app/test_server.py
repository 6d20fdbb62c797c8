"""The process beside the pages: health, JSON for unknown addresses, and friendly failures."""

from __future__ import annotations

import logging
import warnings
from importlib.metadata import version

import pytest
from streamlit.testing.v1 import AppTest

from app.api.work import Works
from app.server import api, app


@pytest.fixture
def client(home, monkeypatch):
    monkeypatch.setattr(api.state, "works", Works(workers=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client asks for a newer HTTP library on import
        from starlette.testclient import TestClient
    with TestClient(app) as client:
        yield client


def test_the_server_answers_its_pages_and_interfaces(client, home):
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
    from app.server import report_script_error

    report_script_error(ZeroDivisionError("the secret of /some/folder"))


def test_a_failure_shows_a_reference_and_logs_the_rest(home, caplog):
    with caplog.at_level(logging.ERROR, logger="clv"):
        page = AppTest.from_function(_failing_page, default_timeout=30).run()
    assert not page.exception
    (shown,) = [element.value for element in page.markdown]
    assert "secret" not in shown
    assert "folder" not in shown
    (record,) = [record for record in caplog.records if record.name == "clv"]
    assert record.message.removeprefix("reference ") in shown
    assert "the secret of /some/folder" in caplog.text
