"""Sixty ways to get credentials wrong or oddly right, and two tenants who never meet."""

from __future__ import annotations

import base64
import datetime as dt
import uuid

import httpx
import pytest

from app.accounts import tenants
from app.api.routes import CLIENT_FEATURES, CLIENT_FORECAST, CLIENT_RFM, FORECAST
from app.storage.database import AuditEntry, TenantKey, reading, utc_now, writing

POSTS = (FORECAST, CLIENT_FORECAST, CLIENT_FEATURES, CLIENT_RFM)
AUTH, TENANT, SECRET = "Authorization", "X-Customer-Api-Id", "X-Secret"
V1 = str(uuid.uuid1())
STRANGER = "00000000-0000-4000-8000-000000000000"
# name, which address, what is sent (T token, I id, S secret of one tenant; T2 ... of another)
WITH_TOKEN = {
    "nothing": ([], 401),
    "empty": ([(AUTH, "")], 401),
    "scheme alone": ([(AUTH, "Bearer")], 401),
    "scheme twice": ([(AUTH, "Bearer Bearer {T}")], 401),
    "token without scheme": ([(AUTH, "{T}")], 401),
    "basic, where a token is asked for": ([(AUTH, "Basic {B}")], 401),
    "digest": ([(AUTH, "Digest {T}")], 401),
    "glued": ([(AUTH, "Bearer{T}")], 401),
    "colon": ([(AUTH, "Bearer: {T}")], 401),
    "tab": ([(AUTH, "Bearer\t{T}")], 401),
    "quoted": ([(AUTH, 'Bearer "{T}"')], 401),
    "two tokens": ([(AUTH, "Bearer {T} {T}")], 401),
    "comma": ([(AUTH, "Bearer {T},{T}")], 401),
    "short by one": ([(AUTH, "Bearer {T:.46}")], 401),
    "long by one": ([(AUTH, "Bearer {T}A")], 401),
    "other case": ([(AUTH, "Bearer {T_swapped}")], 401),
    "unknown token": ([(AUTH, "Bearer clv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], 401),
    "the secret as token": ([(AUTH, "Bearer {S}")], 401),
    "the id as token": ([(AUTH, "Bearer {I}")], 401),
    "a digest as token": ([(AUTH, "Bearer {T_digest}")], 401),
    "latin letters": ([(AUTH, "Bearer \xe9\xe8")], 401),
    "very long": ([(AUTH, "Bearer " + "a" * 5000)], 401),
    "null word": ([(AUTH, "Bearer null")], 401),
    "wildcard": ([(AUTH, "Bearer %")], 401),
    "injection": ([(AUTH, "Bearer ' OR 1=1 --")], 401),
    "id and secret only": ([(TENANT, "{I}"), (SECRET, "{S}")], 401),
    "two headers": ([(AUTH, "Bearer {T}"), (AUTH, "Bearer {T}")], 400),
    "two different headers": ([(AUTH, "Bearer {T}"), (AUTH, "Bearer x")], 400),
    "own id, wrong secret": ([(AUTH, "Bearer {T}"), (TENANT, "{I}"), (SECRET, "0" * 64)], 401),
    "secret without id, wrong": ([(AUTH, "Bearer {T}"), (SECRET, "0" * 64)], 401),
    "the other's secret": ([(AUTH, "Bearer {T}"), (TENANT, "{I}"), (SECRET, "{S2}")], 401),
    "the other's id": ([(AUTH, "Bearer {T}"), (TENANT, "{I2}")], 403),
    "the other's id and secret": ([(AUTH, "Bearer {T}"), (TENANT, "{I2}"), (SECRET, "{S2}")], 403),
    "nobody's id": ([(AUTH, "Bearer {T}"), (TENANT, STRANGER)], 403),
    "expired": ([(AUTH, "Bearer {T_expired}")], 401),
    "tenant closed": ([(AUTH, "Bearer {T_closed}")], 403),
    "malformed id without a token": ([(TENANT, "acme")], 401),
    "blank id beside a token": ([(AUTH, "Bearer {T}"), (TENANT, "")], 401),
    "blank secret beside a token": ([(AUTH, "Bearer {T}"), (SECRET, "")], 401),
    "malformed id beside a token": ([(AUTH, "Bearer {T}"), (TENANT, "acme")], 400),
    "right": ([(AUTH, "Bearer {T}")], 200),
    "right, small letters": ([(AUTH, "bearer {T}")], 200),
    "right, capitals": ([(AUTH, "BEARER {T}")], 200),
    "right, two blanks": ([(AUTH, "Bearer  {T}")], 200),
    "right, with id": ([(AUTH, "Bearer {T}"), (TENANT, "{I}")], 200),
    "right, with all": ([(AUTH, "Bearer {T}"), (TENANT, "{I}"), (SECRET, "{S}")], 200),
}
WITH_SECRET = {
    "no secret": ([(TENANT, "{I}")], 401),
    "no id": ([(SECRET, "{S}")], 401),
    "blank secret": ([(TENANT, "{I}"), (SECRET, "")], 401),
    "blank id": ([(TENANT, ""), (SECRET, "{S}")], 401),
    "63 characters": ([(TENANT, "{I}"), (SECRET, "{S:.63}")], 401),
    "65 characters": ([(TENANT, "{I}"), (SECRET, "{S}0")], 401),
    "not ASCII": ([(TENANT, "{I}"), (SECRET, "\xe9" * 64)], 401),
    "capitals": ([(TENANT, "{I}"), (SECRET, "{S_upper}")], 401),
    "unknown tenant": ([(TENANT, STRANGER), (SECRET, "{S}")], 401),
    "another tenant's secret": ([(TENANT, "{I}"), (SECRET, "{S2}")], 401),
    "two secrets": ([(TENANT, "{I}"), (SECRET, "{S}"), (SECRET, "{S}")], 400),
    "two ids": ([(TENANT, "{I}"), (TENANT, "{I}"), (SECRET, "{S}")], 400),
    "malformed id, no secret": ([(TENANT, "acme")], 401),
    "braces": ([(TENANT, "{{{I}}}"), (SECRET, "{S}")], 400),
    "urn": ([(TENANT, "urn:uuid:{I}"), (SECRET, "{S}")], 400),
    "no hyphens": ([(TENANT, "{I_plain}"), (SECRET, "{S}")], 400),
    "version 1": ([(TENANT, V1), (SECRET, "{S}")], 400),
    "wrong token beside": ([(AUTH, "Bearer x"), (TENANT, "{I}"), (SECRET, "{S}")], 401),
    "right": ([(TENANT, "{I}"), (SECRET, "{S}")], 200),
    "basic": ([(AUTH, "Basic {B}")], 200),
    "basic, wrong": ([(AUTH, "Basic {B2}")], 401),
    "basic, not base64": ([(AUTH, "Basic %%%")], 401),
    "basic, odd": ([(AUTH, "Basic abc")], 401),
    "basic, no colon": ([(AUTH, "Basic YWJj")], 401),
    "basic and a pair": ([(AUTH, "Basic {B}"), (TENANT, "{I}"), (SECRET, "{S}")], 401),
    "right, capital id": ([(TENANT, "{I_upper}"), (SECRET, "{S}")], 200),
    "right, by token": ([(AUTH, "Bearer {T}")], 200),
}


def b64(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture(scope="module")
def words(server, request):
    """What the headers of the tables stand for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLV_HOME", str(server.home))
        expired, closed = (tenants.add_tenant(name) for name in ("expired", "closed"))
        tenants.set_disabled("closed", True)
        with writing() as session:
            digest = tenants.digest(expired.token.encode())
            key = session.query(TenantKey).filter_by(token_digest=digest).one()
            key.expires_at = utc_now() - dt.timedelta(seconds=1)
    first, second = server.first, server.second
    return {
        "T": first.token, "I": first.tenant_id, "S": first.secret,
        "T2": second.token, "I2": second.tenant_id, "S2": second.secret,
        "T_swapped": first.token.swapcase(), "T_digest": tenants.digest(first.token.encode()),
        "T_expired": expired.token, "T_closed": closed.token,
        "I_plain": first.tenant_id.replace("-", ""), "I_upper": first.tenant_id.upper(),
        "B": b64(first.tenant_id, first.secret), "B2": b64(first.tenant_id, second.secret),
        "S_upper": first.secret.upper(),
    }  # fmt: skip


def test_there_are_sixty_oddities():
    assert len(WITH_TOKEN) + len(WITH_SECRET) >= 60


@pytest.mark.parametrize(
    ("address", "table"), [(FORECAST, WITH_TOKEN), (CLIENT_RFM, WITH_SECRET)], ids=["token", "pair"]
)
def test_the_table_of_oddities(server, words, address, table):
    body = {"data": [{"customer_id": "A", "date": "2024-01-31", "amount": 1.0}]}
    if address == FORECAST:
        body |= {"allow_short_history": True, "model_type": "naive"}
    wrong, bodies = {}, set()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for name, (headers, status) in table.items():
            sent = [(k, v.format(**words).encode("latin-1")) for k, v in headers]
            answer = client.post(address, json=body, headers=sent)
            # who is let in may still send data that carry no forecast
            found = 200 if answer.status_code == 422 else answer.status_code
            if found != status:
                wrong[name] = answer.status_code
            if answer.status_code == 401:
                bodies.add(answer.text)
                assert answer.headers["www-authenticate"] == "Bearer"
    assert not wrong
    # one sentence for all of them: nothing tells a wrong secret from a tenant that does not exist
    assert bodies == {
        '{"error":"Unauthorized","message":"Invalid or expired authentication token",'
        '"code":"AUTH_FAILED"}'
    }


def test_no_tenant_finds_anything_of_another(server, orders, of_server):
    """Every address, asked by one tenant and then by the other with the same body."""
    body = {"data": orders[:40], "model_type": "naive", "allow_short_history": True}
    table = {"data": orders[:40]}
    runs = {}
    for address in POSTS:
        sent = body if "forecast" in address else table
        with server.client(server.first) as first, server.client(server.second) as second:
            mine, theirs = first.post(address, json=sent), second.post(address, json=sent)
            assert (mine.status_code, theirs.status_code) == (200, 200)
            crossed = {TENANT: server.second.tenant_id}
            assert first.post(address, json=sent, headers=crossed).status_code == 403
            said = mine.text + theirs.text
            for keys in (server.first, server.second):
                assert not any(x in said for x in (keys.tenant_id, keys.secret, keys.token))
            if address == FORECAST:
                runs = {mine.json()["run_id"]: server.first, theirs.json()["run_id"]: server.second}
    assert len(runs) == 2  # a forecast that is remembered for one is made anew for the other
    with reading() as session:
        for run_id, keys in runs.items():
            (entry,) = session.query(AuditEntry).filter_by(subject=run_id).all()
            assert entry.tenant == keys.tenant_id
            assert "C0" not in str(entry.detail)
    for address in ("/health", "/api/openapi.json", "/api/docs"):
        with server.client(server.first) as first, httpx.Client(base_url=server.url) as nobody:
            assert first.get(address).text == nobody.get(address).text


def test_two_keys_live_at_once_and_a_third_ends_the_first(of_server, orders):
    first = tenants.add_tenant("rotating")
    second = tenants.rotate("rotating", expires_days=30)
    body = {"data": orders[:5]}

    def statuses(*keys: tenants.Keys) -> list[int]:
        with httpx.Client(base_url=of_server.url) as client:
            pairs = [{TENANT: k.tenant_id, SECRET: k.secret} for k in keys]
            tokens = [{AUTH: f"Bearer {k.token}"} for k in keys]
            both = [client.post(CLIENT_RFM, json=body, headers=h) for h in (*pairs, *tokens)]
        return [answer.status_code for answer in both]

    assert statuses(first, second) == [200] * 4
    third = tenants.rotate(first.tenant_id)
    assert statuses(first, second, third) == [401, 200, 200] * 2
    kept = tenants.find_tenant("rotating")
    assert kept.live_keys == 2
    assert kept.last_used_at is not None
    assert kept.expires_at is None
    with reading() as session:
        rows = session.query(TenantKey).filter_by(tenant_id=first.tenant_id).all()
        stored = " ".join(f"{row.token_digest} {row.secret_digest}" for row in rows)
    assert not any(k.token in stored or k.secret in stored for k in (first, second, third))


def test_the_last_use_is_written_once_a_minute(of_server, orders):
    keys = tenants.add_tenant("often")

    def used() -> dt.datetime | None:
        with of_server.client(keys) as client:
            assert client.post(CLIENT_RFM, json={"data": orders[:2]}).status_code == 200
        return tenants.find_tenant("often").last_used_at

    first = used()
    assert first is not None
    assert used() == first
