"""Who calls: a bearer token, or the id and the secret of a tenant.

The same 401 for whatever is missing, wrong or expired, after the same work: digests are compared
in constant time, against a digest nobody has where there is no such tenant.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from starlette.datastructures import Headers

from app.accounts.tenants import UUID4, digest
from app.api.errors import ApiError
from app.storage.database import TenantKey, TenantRow, standing, utc_now, writing

BEARER, TENANT, SECRET = "authorization", "x-customer-api-id", "x-secret"
NOTED_EVERY = dt.timedelta(minutes=1)
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,512})", re.IGNORECASE)
_BASIC = re.compile(r"basic +([A-Za-z0-9+/=]{1,512})", re.IGNORECASE)
_NOBODYS = digest(secrets.token_bytes(32))


@dataclass(frozen=True)
class Caller:
    """The tenant a request comes from."""

    tenant: str


@dataclass(frozen=True)
class _Found:
    tenant: str
    key: int
    used: dt.datetime | None
    disabled: bool


def authenticate(headers: Headers, *, by_secret: bool) -> Caller:
    """Return who calls.

    Parameters
    ----------
    headers
        Of the request. A bearer token says by itself who calls; the id and the secret may come
        with it and must then be right.
    by_secret
        Whether the id and the secret alone are enough: in their headers, or as user name and
        password, since the public client sends no headers here but what its base address holds.

    Raises
    ------
    ApiError
        ``MALFORMED_HEADER``, ``AUTH_FAILED``, ``TENANT_MISMATCH`` or ``TENANT_DISABLED``.
    """
    token, tenant, secret = (_single(headers, name) for name in (BEARER, TENANT, SECRET))
    paired = token is None and by_secret
    missing = secret is None or tenant is None if paired else token is None
    if not missing and tenant and not UUID4.match(tenant):
        raise ApiError("MALFORMED_HEADER", location="header", parameter="X-Customer-Api-Id")
    if by_secret and tenant is None and secret is None and (pair := _basic(token)):
        paired, (tenant, secret) = True, pair
    if paired:
        found = _by_secret(tenant, secret)
    else:
        found = _by_token(token)
        if found and tenant is not None and tenant.lower() != found.tenant:
            raise ApiError("TENANT_MISMATCH" if tenant else "AUTH_FAILED")
        if found and secret is not None:
            found = found if _by_secret(found.tenant, secret) else None
    if found is None:
        raise ApiError("AUTH_FAILED")
    if found.disabled:
        raise ApiError("TENANT_DISABLED")
    _note_use(found)
    return Caller(found.tenant)


def _single(headers: Headers, name: str) -> str | None:
    values = headers.getlist(name)
    if len(values) > 1:
        raise ApiError("MALFORMED_HEADER", location="header", parameter=name)
    return values[0].strip() if values else None


def _basic(header: str | None) -> tuple[str, str] | None:
    """Return the user name and password of HTTP's basic scheme."""
    shape = _BASIC.fullmatch(header or "")
    if shape is None:
        return None
    try:
        user, mark, password = base64.b64decode(shape.group(1), validate=True).partition(b":")
    except binascii.Error:
        return None
    return (user.decode("latin-1"), password.decode("latin-1")) if mark else None


def _by_token(header: str | None) -> _Found | None:
    shape = _BEARER.fullmatch(header or "")
    given = digest(shape.group(1).encode() if shape else b"")
    rows = _keys(TenantKey.token_digest == given)
    kept = rows[0].token_digest if rows else _NOBODYS
    return _live(rows) if hmac.compare_digest(kept, given) else None


def _by_secret(tenant: str | None, secret: str | None) -> _Found | None:
    # headers arrive as latin-1: what is compared is the bytes that were sent
    given = digest((secret or "").encode("latin-1", "replace"))
    rows = _keys(TenantKey.tenant_id == (tenant or "").lower())
    digests = [row.secret_digest for row in rows] or [_NOBODYS]
    right = [hmac.compare_digest(kept, given) for kept in digests]
    return _live([row for row, same in zip(rows, right, strict=False) if same])


def _keys(condition: ColumnElement[bool]) -> Sequence[Row[*tuple[Any, ...]]]:
    query = select(
        TenantKey.id, TenantKey.tenant_id, TenantKey.token_digest, TenantKey.secret_digest,
        TenantKey.expires_at, TenantKey.last_used_at, TenantRow.disabled_at,
    ).join(TenantRow, TenantRow.id == TenantKey.tenant_id)  # fmt: skip
    with standing() as connection:
        return connection.execute(query.where(condition)).all()


def _live(rows: Sequence[Row[*tuple[Any, ...]]]) -> _Found | None:
    for row in rows:
        if row.expires_at is None or row.expires_at > utc_now():
            closed = row.disabled_at is not None
            return _Found(row.tenant_id, row.id, row.last_used_at, closed)
    return None


def _note_use(found: _Found) -> None:
    """Write down when a key was last used, once a minute at most."""
    now = utc_now()
    if found.used is not None and dt.timedelta(0) <= now - found.used < NOTED_EVERY:
        return
    with writing() as session:
        session.execute(update(TenantKey).where(TenantKey.id == found.key).values(last_used_at=now))
