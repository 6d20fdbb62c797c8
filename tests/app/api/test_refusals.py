"""Every status of the list, provoked; every sentence in three languages; nothing echoed."""

from __future__ import annotations

import asyncio
import gzip
import socket
import string
from concurrent.futures import ThreadPoolExecutor

import httpx
import orjson
import pytest

from app.api import body as bodies
from app.api import limits, routes
from app.api.errors import NAMES, ApiError
from app.api.routes import CLIENT_FORECAST, CLIENT_RFM, FORECAST
from app.words.interface import REFUSALS, SENTENCES
from app.words.text import words_for
from clvcore.records.errors import ModelError

ROW = {"customer_id": "A", "date": "2024-01-31", "amount": 1.0}
MARK = "zq7echo"  # whatever holds it was sent by a caller
JSON = {"Content-Type": "application/json"}


def check(answer: httpx.Response, status: int, code: str, **details: object) -> dict:
    """Return the details of a refusal after checking its shape."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    said = answer.json()
    assert list(said) == ["error", "message", "code", "details"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert said["error"] == NAMES[status]
    assert MARK not in answer.text
    assert said["details"].items() >= details.items()
    return said["details"]


UNREADABLE = {
    "empty": b"",
    "nothing but blanks": b"  ",
    "cut off": b'{"data": [',
    "trailing": b'{"data": []} x',
    "not a number": b'{"gross_margin": NaN}',
    "infinite": b'{"gross_margin": 1e999}',
    "deep": b"[" * 100_000,
    "5,000 digits": b'{"gross_margin": ' + b"9" * 5000 + b"}",
    "half a pair": b'{"currency": "\\ud800"}',
    "byte order mark": b'\xef\xbb\xbf{"data": []}',
    "utf-16": '{"data": []}'.encode("utf-16"),
    "latin": '{"currency": "\xe9"}'.encode("latin-1"),
    "single quotes": b"{'data': []}",
    "33 levels": b'{"data": ' + b"[" * 33 + b"]" * 33 + b"}",
}
WRONG_TYPES = [
    [], "text", 1, None, True,
    {"data": {}}, {"data": "x"}, {"data": [1]}, {"data": [None]}, {"data": None},
    {"data": [{**ROW, "customer_id": True}]}, {"data": [{**ROW, "customer_id": 1.5}]},
    {"data": [{**ROW, "date": True}]}, {"data": [{**ROW, "date": [2024, 1, 31]}]},
    {"data": [{**ROW, "amount": True}]}, {"data": [{**ROW, "amount": {"value": 1}}]},
    {"data": [{**ROW, "channel": ["a"]}]}, {"data": [{**ROW, "channel": {}}]},
    {"data": [ROW], "forecast_horizon": "12"}, {"data": [ROW], "forecast_horizon": True},
    {"data": [ROW], "forecast_horizon": 1.5}, {"data": [ROW], "forecast_horizon": None},
    {"data": [ROW], "on_invalid": True},
    {"data": [ROW], "include_confidence": 1}, {"data": [ROW], "include_confidence": "true"},
    {"data": [ROW], "gross_margin": "1"}, {"data": [ROW], "model_type": 1},
    {"data": [ROW], "as_of": 20240131}, {"data": [ROW], "currency": 978},
    {"data": [ROW], "cohort_by": ["month"]}, {"data": [ROW], "discount_rate": [0.1]},
    {"customer_data": [{"customer_id": "A", "tenure_days": 1.5, "recency_days": 1,
                        "purchase_frequency": 1, "total_revenue": 1}]},
]  # fmt: skip
SUMMARY = {"customer_id": "A", "tenure_days": 400, "recency_days": 5, "purchase_frequency": 3,
           "total_revenue": 30}  # fmt: skip
INVALID = [
    ({}, "MISSING_PARAMETER", {"parameter": "data", "location": "body"}),
    ({"data": [{"customer_id": "A", "date": "2024-01-31"}]}, "MISSING_PARAMETER",
     {"parameter": "amount"}),
    ({"customer_data": [{"customer_id": "A"}]}, "MISSING_PARAMETER", {}),
    ({"customer_data": [{k: v for k, v in SUMMARY.items() if k != "total_revenue"}]},
     "MISSING_PARAMETER", {"parameter": "total_revenue"}),
    ({"data": [ROW], "customer_data": [SUMMARY]}, "PARAMETER_TWICE", {}),
    ({"data": [ROW], "forecast_horizon": 3, "forecastHorizon": 3}, "PARAMETER_TWICE",
     {"parameter": "forecast_horizon"}),
    ({"data": [{**ROW, "customerId": "A"}]}, "PARAMETER_TWICE", {}),
    ({"data": [ROW], MARK: 1}, "UNKNOWN_PARAMETER", {}),
    ({"data": [ROW], "forecast_horizont": 1}, "UNKNOWN_PARAMETER",
     {"did_you_mean": "forecast_horizon"}),
    ({"data": [{**ROW, f"{MARK} x": 1}]}, "UNKNOWN_PARAMETER", {"location": "data"}),
    ({"customer_data": [{**SUMMARY, MARK: 1}]}, "UNKNOWN_PARAMETER", {}),
    ({"data": []}, "OUT_OF_RANGE", {"minimum": 1}),
    ({"data": [ROW], "forecast_horizon": 61}, "OUT_OF_RANGE", {"minimum": 1, "maximum": 60}),
    ({"data": [ROW], "forecast_horizon": 0}, "OUT_OF_RANGE", {}),
    ({"data": [ROW], "confidence_level": 95}, "OUT_OF_RANGE", {"maximum": 0.99}),
    ({"data": [ROW], "gross_margin": 0}, "OUT_OF_RANGE", {"minimum": 0.0001}),
    ({"data": [ROW], "discount_rate": -0.1}, "OUT_OF_RANGE", {}),
    ({"data": [ROW], "model_type": MARK}, "OUT_OF_RANGE", {"parameter": "model_type"}),
    ({"data": [ROW], "as_of": "31.01.2024"}, "OUT_OF_RANGE", {"expected": "2024-06-30"}),
    ({"data": [ROW], "as_of": "2024-02-30"}, "OUT_OF_RANGE", {}),
    ({"data": [ROW], "currency": MARK}, "OUT_OF_RANGE", {}),
    ({"data": [ROW], "cohort_by": ""}, "OUT_OF_RANGE", {}),
    ({"data": [{**ROW, "customer_id": ""}]}, "NO_USABLE_ROWS",
     {"rows": 1, "dropped": {"missing_customer_id": 1}}),
    ({"data": [{**ROW, "amount": 1e13}]}, "OUT_OF_RANGE", {}),
    ({"data": [{**ROW, "channel": "x" * 257}]}, "OUT_OF_RANGE", {}),
    ({"customer_data": [{**SUMMARY, "purchase_frequency": 0}]}, "OUT_OF_RANGE", {}),
    ({"customer_data": [SUMMARY, SUMMARY]}, "DUPLICATE_CUSTOMER", {}),
    ({"customer_data": [{**SUMMARY, "recency_days": 401}]}, "SUMMARIES_CONTRADICT", {"count": 1}),
    ({"customer_data": [{**SUMMARY, "tenure_days": 100}]}, "INSUFFICIENT_HISTORY",
     {"days": 100}),
    ({"customer_data": [SUMMARY], "model_type": "ml"}, "MODEL_NEEDS_ORDERS", {}),
    ({"data": [ROW]}, "INSUFFICIENT_HISTORY", {"days": 0, "needed": 181}),
    ({"data": [{**ROW, "date": "03/04/2024"}]}, "AMBIGUOUS_DATE_FORMAT", {}),
    ({"data": [{**ROW, "date": "13/04/2024"}, {**ROW, "date": "04/13/2024"}]},
     "MIXED_DATE_FORMATS", {}),
    ({"data": [{**ROW, "date": MARK}]}, "NO_USABLE_ROWS", {"rows": 1}),
    ({"data": [ROW], "currency": "EUR", "currency ": 1}, "UNKNOWN_PARAMETER", {}),
    ({"data": [ROW], "cohort_by": MARK, "allow_short_history": True}, "UNKNOWN_COHORT", {}),
    ({"data": [ROW], "as_of": "2020-01-01"}, "AS_OF_TOO_EARLY", {}),
    ({"data": [{**ROW, "amount": -1.0}]}, "NO_USABLE_ROWS", {"rows": 1}),
    ({"data": [{**ROW, "clv": 1}]}, "ATTRIBUTE_NAME_TAKEN", {"parameter": "clv"}),
    ({"data": [ROW], "on_invalid": "drop"}, "OUT_OF_RANGE", {"allowed": ["leave_out", "refuse"]}),
    ({"data": [{**ROW, "amount": "1.234"}]}, "AMBIGUOUS_NUMBER_FORMAT", {}),
    ({"data": [{**ROW, "amount": "1,5"}, {**ROW, "amount": "1.5"}]}, "MIXED_NUMBER_FORMATS", {}),
    ({"data": [{**ROW, "amount": "1,50 EUR"}, {**ROW, "amount": "1,50 USD"}]},
     "MIXED_CURRENCIES", {}),
    ({"customer_data": [SUMMARY, {**SUMMARY, "customer_id": ""}]}, "OUT_OF_RANGE",
     {"parameter": "customer_id", "row": 1}),
    ({"data": [ROW], "model_type": "bg_nbd", "allow_short_history": True}, "MODEL_REFUSED", {}),
]  # fmt: skip


def test_what_cannot_be_read_is_400(server):
    with server.client(**JSON) as client:
        for name, body in UNREADABLE.items():
            answer = client.post(FORECAST, content=body)
            assert answer.status_code == 400, name
            check(answer, 400, "INVALID_JSON")
        for document in WRONG_TYPES:
            check(client.post(FORECAST, content=orjson.dumps(document)), 400, "WRONG_TYPE")
        headers = {"X-Customer-Api-Id": MARK}  # beside credentials that are there
        check(client.post(FORECAST, json={}, headers=headers), 400, "MALFORMED_HEADER",
              location="header", parameter="X-Customer-Api-Id")  # fmt: skip


def test_a_member_named_twice_is_refused_however_it_is_written(server):
    twice = [
        b'{"data": [], "data": []}',
        b'{"data": [{"customer_id": "A", "customer_id" : "B", "date": "x", "amount": 1}]}',
        b'{"currency": "\\":", "data": [], "data"\n: []}',
    ]
    once = b'{"data": [{"customer_id": "a\\":b", "date": "2024-01-31", "amount": 1}]}'
    with server.client(**JSON) as client:
        for body in twice:
            check(client.post(FORECAST, content=body), 422, "PARAMETER_TWICE")
        check(client.post(FORECAST, content=once), 422, "INSUFFICIENT_HISTORY")


@pytest.mark.parametrize(("document", "code", "details"), INVALID, ids=[c for _, c, _ in INVALID])
def test_what_does_not_fit_is_422(server, document, code, details):
    with server.client() as client:
        found = check(client.post(FORECAST, json=document), 422, code, **details)
    assert not any(isinstance(value, str) and MARK in value for value in found.values())


def test_addresses_and_methods(server):
    with server.client() as client:
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            answer = client.request(method, FORECAST, headers={"X-HTTP-Method-Override": "POST"})
            check(answer, 405, "METHOD_NOT_ALLOWED")
            assert answer.headers["allow"] == "POST"
        assert client.head(FORECAST).status_code == 405
        for path in ("/api", "/api/", "/api/v1/nope", f"/api/{MARK}", FORECAST + "/", "/API/v1"):
            check(client.get(path), 404, "NOT_FOUND")
            check(client.post(path), 404, "NOT_FOUND")
        assert client.get("/").text == "<html>the dashboard</html>"


@pytest.mark.parametrize(
    "path", ["//api/v1/x", "/api//v1", "/api/%2e%2e/x", "/api/../secret", "/\\api\\x", "/api/%00"]
)
def test_strange_addresses_are_answered_in_json(server, path):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == b"400"
    assert orjson.loads(body)["code"] == "MALFORMED_ADDRESS"


def test_media_types_and_sizes(server, monkeypatch):
    good = orjson.dumps({"data": [ROW]})
    with server.client() as client:
        for kind in ("text/csv", "", "application/json;charset=latin1", "application/jsonp",
                     "multipart/form-data", "application/json, text/html"):  # fmt: skip
            answer = client.post(FORECAST, content=good, headers={"Content-Type": kind})
            check(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
        for packed in ("gzip", "deflate", "br", MARK):
            headers = {**JSON, "Content-Encoding": packed}
            answer = client.post(FORECAST, content=gzip.compress(good), headers=headers)
            check(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
        for kind in ("Application/JSON", "application/json; charset=UTF-8"):
            answer = client.post(FORECAST, content=good, headers={"Content-Type": kind})
            check(answer, 422, "INSUFFICIENT_HISTORY")
        monkeypatch.setattr(bodies, "MOST_BYTES", len(good))
        assert client.post(FORECAST, content=good, headers=JSON).status_code == 422
        long = good + b" "
        check(client.post(FORECAST, content=long, headers=JSON), 413, "BODY_TOO_LARGE", limit=32)
        chunked = client.post(FORECAST, content=iter([good, b" "]), headers=JSON)
        check(chunked, 413, "BODY_TOO_LARGE")


def test_a_body_that_never_ends_is_given_up(server, monkeypatch):
    monkeypatch.setattr(bodies, "MOST_SECONDS", 0.05)
    host, port = server.url.removeprefix("http://").split(":")
    head = (
        f"POST {FORECAST} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.first.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(head.encode())
        answer = raw.recv(65536)
    assert answer.split()[1] == b"408"


def test_a_tenant_has_his_allowance_and_an_address_its_failures(of_server, orders, monkeypatch):
    limits._counters.cache_clear()
    body = {"data": orders[:3]}
    with of_server.client(of_server.second) as client, of_server.client() as other:
        assert int(client.post(CLIENT_RFM, json=body).headers["ratelimit-remaining"]) > 1000
        monkeypatch.setenv("CLV_API_RATE", "3/hour")
        statuses = [client.post(CLIENT_RFM, json=body) for _ in range(4)]
        assert [a.status_code for a in statuses] == [200, 200, 200, 429]
        check(statuses[-1], 429, "RATE_LIMITED", limit=3)
        last = statuses[-1].headers
        assert 1 <= int(last["retry-after"]) <= 3600
        assert (last["ratelimit-limit"], last["ratelimit-remaining"]) == ("3", "0")
        assert other.post(CLIENT_RFM, json=body).status_code == 200
        monkeypatch.setenv("CLV_API_FAILURES", "2/day")
        wrong = {"Authorization": "Bearer x"}
        with httpx.Client(base_url=of_server.url, headers=wrong) as nobody:
            tries = [nobody.post(CLIENT_RFM, json=body) for _ in range(3)]
            assert [a.status_code for a in tries] == [401, 401, 429]
        # the same window holds for other processes and after a restart
        limits._counters.cache_clear()
        check(other.post(CLIENT_RFM, json=body), 429, "RATE_LIMITED")


def test_an_ipv6_site_fails_as_one_address(of_server, monkeypatch):
    monkeypatch.setenv("CLV_API_FAILURES", "2/day")

    async def tried(addresses: list[str]) -> list[int]:
        codes = []
        for address in addresses:
            transport = httpx.ASGITransport(of_server.api, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as bad:
                codes.append((await bad.post(CLIENT_RFM, json={"data": []})).status_code)
        return codes

    site = [f"2001:db8:5:{number:x}::{number:x}" for number in range(4)]
    assert asyncio.run(tried(site)) == [401, 401, 429, 429]
    assert asyncio.run(tried(["2001:db8:6::1", "203.0.113.77"])) == [401, 401]


def test_processes_share_the_counters(tmp_path):
    first, second = (limits.Counters(tmp_path / "limits.db") for _ in range(2))
    with ThreadPoolExecutor(4) as pool:
        hits = list(pool.map(lambda n: (first, second)[n % 2].count("key", 60)[0], range(40)))
    assert sorted(hits) == list(range(1, 41))
    assert first.look("key", 60)[0] == second.look("key", 60)[0] == 40
    assert second.count("other", -1)[0] == 1
    assert first.look("other", 60)[0] == 0
    assert first.count("other", 60)[0] == 1  # the window had ended
    hits, ends = second.count("other", 60)
    assert (hits, ends) == (2, first.look("other", 60)[1])  # a window ends when it was to


@pytest.mark.parametrize("back", [3600.0, 86_400.0 * 400])
def test_a_clock_that_is_set_back_makes_no_window_longer_or_wider(tmp_path, monkeypatch, back):
    now = [1_800_000_000.0]
    monkeypatch.setattr(limits.time, "time", lambda: now[0])
    counters = limits.Counters(tmp_path / "limits.db")
    for key in ("counted", "looked at"):
        assert [counters.count(key, 60)[0] for _ in range(3)] == [1, 2, 3]
    now[0] -= back
    # nothing is forgiven, and the window ends a minute from here at the latest
    assert counters.count("counted", 60) == (4, now[0] + 60)
    assert counters.look("looked at", 60) == (3, now[0] + 60)
    now[0] += 59
    assert counters.count("counted", 60) == (5, now[0] + 1)
    assert counters.look("looked at", 60) == (3, now[0] + 1)
    now[0] += 1
    assert counters.look("looked at", 60)[0] == 0
    assert counters.count("counted", 60) == (1, now[0] + 60)


def test_counters_that_were_removed_begin_anew(of_server):
    limits.count_call("somebody")
    (of_server.home / "limits.db").unlink()
    left = limits.count_call("somebody")
    assert left.remaining == left.limit - 1


def test_our_own_mistake_has_an_id_and_nothing_else(server, orders, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError(f"{MARK} /home/someone/secret.key [SQL: users.password_hash]")

    monkeypatch.setattr(routes, "fit", broken)
    with server.client() as client, caplog.at_level("ERROR", logger="clv"):
        answer = client.post(CLIENT_FORECAST, json={"data": orders[:50]})
    details = check(answer, 500, "INTERNAL_ERROR")
    assert list(details) == ["error_id"]
    assert "/" not in answer.json()["message"]
    assert f"error id {details['error_id']}" in caplog.text
    assert MARK in caplog.text


def test_a_refusal_with_an_unknown_code_tells_only_numbers():
    from app.api.errors import refused

    error = ModelError("SOMETHING_NEW", "{name} failed after {n} tries.", name=MARK, n=3)
    answer = refused(error).response("en")
    assert MARK.encode() not in answer.body
    assert orjson.loads(answer.body)["details"] == {"n": 3, "reason": "SOMETHING_NEW"}


FIELDS = {"limit": 1, "count": 2, "days": 3, "needed": 182, "rows": 4, "error_id": "A",
          "parameter": "as_of"}  # fmt: skip
# what a caller wrote wrong has a name; only keys that are not ours have none, and are not repeated
OF_PARAMETERS = {
    "WRONG_TYPE", "MALFORMED_HEADER", "MISSING_PARAMETER", "PARAMETER_TWICE", "OUT_OF_RANGE",
    "DUPLICATE_CUSTOMER", "ATTRIBUTE_NAME_TAKEN",
}  # fmt: skip


@pytest.mark.parametrize("code", [*SENTENCES, *REFUSALS])
def test_every_code_has_words_in_three_languages(code):
    sentence = SENTENCES.get(code) or REFUSALS[code]
    fields = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    said = {}
    for language in ("en", "es", "pt"):
        answer = ApiError(code, **{name: FIELDS[name] for name in fields}).response(language)
        assert answer.headers["content-language"] == language
        body = orjson.loads(answer.body)
        assert body["code"] == code
        said[language] = body["message"]
    assert len(set(said.values())) == 3, said
    assert ("parameter" in fields) == (code in OF_PARAMETERS)
    assert all(("'as_of'" in words) == (code in OF_PARAMETERS) for words in said.values())
    assert words_for("en")(sentence, **{f: FIELDS[f] for f in fields}) == said["en"]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_where_no_parameter_can_be_named_others_words_serve(language):
    def said(code, **details):
        return orjson.loads(ApiError(code, location="body", **details).response(language).body)

    for code in ("WRONG_TYPE", "PARAMETER_TWICE"):
        assert "'" not in said(code)["message"]
        assert "'as_of'" in said(code, parameter="as_of")["message"]
    assert "'" not in said("UNKNOWN_PARAMETER")["message"]
    assert "'as_of'" in said("UNKNOWN_PARAMETER", did_you_mean="as_of")["message"]


def test_the_two_printed_errors_to_the_letter(server):
    with server.client() as client:
        missing = client.post(FORECAST, json={})
        stranger = client.post(FORECAST, json={}, headers={"Authorization": "Bearer x"})
    assert (missing.status_code, stranger.status_code) == (422, 401)
    assert missing.text == (
        '{"error":"Validation failed","message":"Required parameter \'data\' is missing",'
        '"code":"MISSING_PARAMETER","details":{"parameter":"data","location":"body"}}'
    )
    assert stranger.text == (
        '{"error":"Unauthorized","message":"Invalid or expired authentication token",'
        '"code":"AUTH_FAILED"}'
    )


def test_an_error_survives_the_trip_from_a_worker():
    import copy

    error = ApiError("QUEUE_FULL", headers={"Retry-After": "5"}, retry_after_seconds=5)
    again = copy.copy(error)
    assert (again.code, again.headers, again.details) == (error.code, error.headers, error.details)
