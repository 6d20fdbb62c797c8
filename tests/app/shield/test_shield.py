"""What the shield lets through, what it turns away, and what it says."""

from __future__ import annotations

import asyncio
import logging
import re

import httpx
import pytest

from app.accounts import sessions
from app.accounts.sessions import COOKIE
from app.accounts.users import disable_user
from app.shield import Shield, exchange
from app.shield.budgets import LANES, UPLOADS, Budgets, Lane
from app.shield.headers import policy
from app.shield.hosts import EVERY_ADDRESS, Hosts

UPLOAD = UPLOADS + "session/file"


def ask(client: httpx.AsyncClient, method: str, path: str, **options) -> httpx.Response:
    async def asked() -> httpx.Response:
        async with client:
            return await client.request(method, path, **options)

    return asyncio.run(asked())


def in_parts(*parts: bytes, pause: float = 0.0):
    async def sent():
        for part in parts:
            await asyncio.sleep(pause)
            yield part

    return sent()


@pytest.mark.parametrize(
    "name",
    ["127.0.0.1:8501", "localhost", "LOCALHOST:1", "localhost.", "[::1]:8501", "shop.example:443"],
)
def test_the_server_answers_to_its_own_names(client, name):
    assert ask(client(), "GET", "/", headers={"Host": name}).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["evil.example", "127.0.0.1.evil.example", "localhost:8501@evil.example", "evil.example:80",
     "", "a b", "shop.example.evil", "[::1", "localhost:x", "203.0.113.9", "xn--", "[::1]evil"],
)  # fmt: skip
def test_a_page_that_makes_its_own_name_point_here_reads_nothing(client, name):
    for path in ("/", "/api/v1/forecast", "/health"):
        answer = ask(client(), "GET", path, headers={"Host": name})
        assert answer.status_code == 421
        assert "--allow-host" in answer.text
    assert ask(client(), "GET", "/api/x", headers={"Host": name}).json()["code"] == "WRONG_HOST"


def test_a_server_on_every_address_answers_to_addresses_but_not_to_names():
    hosts = Hosts(EVERY_ADDRESS[0], ["clv.example"])
    for name in ("192.0.2.4:8501", "[2001:db8::4]:8501", "clv.example"):
        assert hosts.knows(name)
    assert not hosts.knows("evil.example")


def test_a_host_that_is_said_twice_is_none(client):
    headers = [("Host", "127.0.0.1"), ("Host", "evil.example")]
    assert ask(client(), "GET", "/", headers=headers).status_code == 421


def test_every_answer_has_the_headers_that_keep_browsers_careful(client):
    for path, status in (("/", 200), ("/_stcore/metrics", 404), (UPLOAD, 401), ("/api/x", 200)):
        answer = ask(client(), "GET", path)
        assert answer.status_code == status, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers


def test_what_an_application_says_itself_is_kept(client):
    assert ask(client(), "GET", "/").headers.get_list("x-frame-options") == ["FROM-THE-APP"]


def test_an_encrypted_answer_asks_to_stay_encrypted():
    shield = Shield(_fails)
    transport = httpx.ASGITransport(shield)
    answer = ask(httpx.AsyncClient(transport=transport, base_url="https://localhost"), "GET", "/")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_scripts_come_from_files_of_this_server_only():
    rules = dict(rule.split(" ", 1) for rule in policy().split("; "))
    scripts = rules["script-src"].split()
    assert scripts[0] == "'self'"
    assert all(source.startswith("'sha256-") for source in scripts[1:])
    assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert "frame-src" not in rules
    assert rules["connect-src"] == rules["form-action"] == "'self'"


async def _fails(scope, receive, send) -> None:
    raise ZeroDivisionError("the secret of /some/folder")


def test_a_failure_says_nothing_and_is_logged_under_its_request(client, caplog):
    with caplog.at_level(logging.ERROR, logger="clv.shield"):
        answer = ask(client(_fails), "GET", "/api/x?id=somebody")
    assert answer.status_code == 500
    assert answer.json()["code"] == "INTERNAL_ERROR"
    assert "secret" not in answer.text
    assert "nosniff" in answer.headers["x-content-type-options"]
    assert "the secret of /some/folder" in caplog.text
    assert "somebody" not in caplog.text


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/script-health-check"]
)
def test_addresses_that_tell_strangers_about_the_server_are_closed(client, path):
    assert ask(client(), "GET", path).status_code == 404


def test_a_body_larger_than_its_lane_is_refused_by_its_header_and_by_its_bytes(client):
    most = LANES[-1].body
    assert ask(client(), "POST", "/", content=b"x" * most).text == str(most)
    declared = ask(client(), "POST", "/", content=b"x" * (most + 1))
    counted = ask(client(), "POST", "/", content=in_parts(b"x" * most, b"x"))
    lied = ask(client(), "POST", "/", content=in_parts(b"x" * most, b"x"),
               headers={"Content-Length": "9" * 5000})  # fmt: skip
    for answer in (declared, counted, lied):
        assert answer.status_code == 413
        assert answer.headers["connection"] == "close"


def test_a_body_that_comes_too_slowly_is_refused(client, monkeypatch):
    monkeypatch.setattr(exchange, "PATIENCE", 0.05)
    answer = ask(client(), "POST", "/", content=in_parts(b"a", b"b", pause=0.2))
    assert answer.status_code == 408
    # a byte now and then is not fast enough either
    answer = ask(client(), "POST", "/", content=in_parts(*[b"a"] * 20, pause=0.02))
    assert answer.status_code == 408


def test_a_minute_has_a_budget_of_each_address(client):
    now = [0.0]
    lanes = (Lane("", body=100, minute=150),)
    budgets = Budgets(lanes=lanes, clock=lambda: now[0])

    def sent(address: str) -> int:
        here = client(address=address, budgets=budgets)
        return ask(here, "POST", "/", content=b"x" * 100).status_code

    assert [sent("192.0.2.1"), sent("192.0.2.1"), sent("192.0.2.2")] == [200, 429, 200]
    now[0] = 61
    assert sent("192.0.2.1") == 200
    assert budgets.held == 0
    # whoever has an IPv6 network has all of its addresses
    assert [sent("2001:db8::1"), sent("2001:db8:0:9::2")] == [200, 429]


def test_all_bodies_together_have_room_for_so_much(client):
    budgets = Budgets(at_once=150)
    answer = ask(client(budgets=budgets), "POST", "/", content=in_parts(b"x" * 100, b"x" * 100))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert budgets.held == 0


def _cookie(username: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={sessions.begin(username)}"}


def test_nobody_uploads_before_signing_in(client, empty_home):
    def status(headers: dict[str, str]) -> int:
        return ask(client(), "PUT", UPLOAD, content=b"x" * 2**20, headers=headers).status_code

    assert status({}) == 401
    assert status({"Cookie": f"{COOKIE}=x.y.z"}) == 401
    analyst = _cookie("analyst")
    assert status(analyst) == 200
    disable_user("analyst")
    assert status(analyst) == 401


def _opened(shield: Shield, *, origin: str | None, host: str = "localhost:8501") -> list[dict]:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode("latin-1")))
    scope = {"type": "websocket", "path": "/_stcore/stream", "scheme": "ws", "headers": headers,
             "client": ("192.0.2.1", 1)}  # fmt: skip
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(shield(scope, receive, send))
    return sent


async def _accepts(scope, receive, send) -> None:
    await send({"type": "websocket.accept"})


# urllib refuses to take the first four apart
NO_ADDRESSES = (
    "http://[::1", "http://[", "//[", "http://localhost:8501]", "[", "localhost:8501",
    "//localhost:8501", "javascript://localhost:8501", "http://localhost:8501@evil.example",
    "http://evil.example/http://localhost:8501", "http://localhost:8501 ", "\xe9",
)  # fmt: skip


def test_a_socket_comes_from_our_own_pages_or_not_at_all():
    shield = Shield(_accepts)
    ours = _opened(shield, origin="http://localhost:8501")
    assert ours == [{"type": "websocket.accept"}]
    assert _opened(shield, origin="https://localhost:8501") == ours
    assert _opened(shield, origin="http://[::1]:8501", host="[::1]:8501") == ours
    elsewhere = ("http://evil.example", "http://localhost:9999", "null", "", None)
    for origin in (*elsewhere, *NO_ADDRESSES):
        assert _opened(shield, origin=origin) == [{"type": "websocket.close", "code": 1008}]
    evil = _opened(shield, origin="http://evil.example", host="evil.example")
    assert evil[0]["type"] == "websocket.close"


def test_one_address_cannot_take_every_socket():
    shield = Shield(_accepts, budgets=Budgets(sockets=0))
    assert _opened(shield, origin="http://localhost:8501")[0]["type"] == "websocket.close"
    # those that ended are not counted
    shield = Shield(_accepts, budgets=Budgets(sockets=1))
    for _ in range(3):
        assert _opened(shield, origin="http://localhost:8501")[0]["type"] == "websocket.accept"
    assert not shield.budgets.open


def test_who_comes_when_all_places_are_taken_is_told_when_to_come_again(client):
    answer = ask(client(budgets=Budgets(requests=0)), "GET", "/api/v1/x")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["code"] == "BUSY"


def test_a_place_is_given_back_however_the_request_ended(client):
    async def broken(scope, receive, send) -> None:
        raise RuntimeError

    budgets = Budgets(requests=1)
    assert [ask(client(broken, budgets=budgets), "GET", "/").status_code for _ in "ab"] == [500] * 2
    refused = ask(client(budgets=budgets), "GET", "/", headers={"Host": "evil.example"})
    assert refused.status_code == 421
    assert ask(client(budgets=budgets), "GET", "/").status_code == 200
    assert budgets.answering == 0
