"""A thousand generated requests, every check of schemathesis: nothing breaks the description."""

from __future__ import annotations

from fuzzing import fuzz

from app.api.routes import CLIENT_FEATURES, CLIENT_FORECAST, CLIENT_RFM, FORECAST

ADDRESSES = {FORECAST, CLIENT_FORECAST, CLIENT_FEATURES, CLIENT_RFM, "/health"}


def test_a_thousand_requests_find_nothing(server):
    documented = fuzz(server.url, server.first, examples=40, corners=True, path=FORECAST)
    others = fuzz(server.url, server.first, examples=70, corners=False)
    assert not documented.failures + others.failures
    statuses = documented.statuses + others.statuses
    assert documented.cases + others.cases >= 1000
    assert statuses.keys() <= {200, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429}
    assert statuses[200] > 100  # some of it reaches the fits


def test_the_description_names_every_address(server):
    with server.client() as client:
        document = client.get("/api/openapi.json").json()
    assert set(document["paths"]) == ADDRESSES
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_examples_of_the_description_are_answered(server):
    with server.client() as client:
        schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
        answered = {}
        for name, schema in schemas.items():
            for example in schema.get("examples", []):
                address = CLIENT_RFM if name.startswith("Table") else FORECAST
                answered[name] = client.post(address, json=example).status_code
    assert len(answered) == 6
    assert set(answered.values()) == {200}


def test_the_documentation_needs_nothing_from_outside(server):
    with server.client() as client:
        answer = client.get("/api/docs")
    page = answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for outside in ("<script", "<link", "<img", "@import", "src="):
        assert outside not in page
    assert all(address in page for address in ADDRESSES)
