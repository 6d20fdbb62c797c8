"""Who may call the HTTP interface: add, list, rotate, disable; keys are kept as digests only."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.storage.database import TenantKey, TenantRow, reading, utc_now, writing
from clvcore.records.errors import ClvError

UUID4 = re.compile(
    r"\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z", re.IGNORECASE
)
MOST_LIVE = 2
LONGEST_DAYS = 3650
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,120}")


class TenantError(ClvError):
    """A tenant cannot be made or is not there."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What is shown once: whoever has these is the tenant."""

    tenant_id: str
    secret: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A tenant as others may see it, without its keys; moments are those of its live keys."""

    id: str
    name: str
    created_at: dt.datetime
    disabled: bool
    live_keys: int
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None


def digest(key: bytes) -> str:
    """Return what is kept of a key: it has 256 random bits, so a fast hash hides it."""
    return hashlib.sha256(key).hexdigest()


def add_tenant(name: str, *, expires_days: int | None = None) -> Keys:
    """Make a tenant with its first keys.

    Raises
    ------
    TenantError
        If the name is taken or unusable, or the days are out of range.
    """
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise TenantError("TENANT_NAME", "A tenant's name has 1 to 120 characters on one line.")
    tenant_id = str(uuid.uuid4())
    try:
        with writing() as session:
            session.add(TenantRow(id=tenant_id, name=name, created_at=utc_now()))
            session.flush()
            return _new_keys(session, tenant_id, expires_days)
    except IntegrityError:
        raise TenantError(
            "TENANT_TAKEN",
            "There is already a tenant {name!r}. Choose another name, or rotate his keys.",
            name=name,
        ) from None


def rotate(who: str, *, expires_days: int | None = None) -> Keys:
    """Give a tenant new keys; the ones before stay valid until the next rotation.

    Raises
    ------
    TenantError
        If there is no such tenant.
    """
    with writing() as session:
        tenant = _known(session, who)
        older = select(TenantKey).where(TenantKey.tenant_id == tenant.id)
        newest_first = older.order_by(TenantKey.id.desc())  # counted: a clock may be set back
        for key in list(session.scalars(newest_first))[MOST_LIVE - 1 :]:
            session.delete(key)
        return _new_keys(session, tenant.id, expires_days)


def list_tenants() -> list[Tenant]:
    """Return all tenants by name."""
    with reading() as session:
        rows = session.scalars(select(TenantRow).order_by(TenantRow.name))
        return [_tenant(session, row) for row in rows]


def find_tenant(who: str) -> Tenant:
    """Return a tenant by name or id; raises TenantError if there is none."""
    with reading() as session:
        return _tenant(session, _known(session, who))


def set_disabled(who: str, disabled: bool) -> Tenant:
    """Close or open a tenant's access; raises TenantError if there is none."""
    with writing() as session:
        row = _known(session, who)
        row.disabled_at = utc_now() if disabled else None
        return _tenant(session, row)


def _new_keys(session: Session, tenant_id: str, expires_days: int | None) -> Keys:
    if expires_days is not None and not 1 <= expires_days <= LONGEST_DAYS:
        raise TenantError(
            "EXPIRY_OUT_OF_RANGE",
            "Keys are valid for 1 to {most} days, not {days}.",
            most=LONGEST_DAYS, days=expires_days,
        )  # fmt: skip
    now = utc_now()
    # 256 random bits in each; the secret has 64 characters
    keys = Keys(
        tenant_id=tenant_id,
        secret=secrets.token_hex(32),
        token=f"clv_{secrets.token_urlsafe(32)}",
    )
    session.add(
        TenantKey(
            tenant_id=tenant_id,
            token_digest=digest(keys.token.encode()),
            secret_digest=digest(keys.secret.encode()),
            created_at=now,
            expires_at=now + dt.timedelta(days=expires_days) if expires_days else None,
        )
    )
    return keys


def _known(session: Session, who: str) -> TenantRow:
    row = session.get(TenantRow, who.strip().lower()) if UUID4.match(who.strip()) else None
    row = row or session.scalar(select(TenantRow).where(TenantRow.name == who.strip()))
    if row is None:
        raise TenantError(
            "TENANT_UNKNOWN",
            "There is no tenant {who!r}. 'clv tenants list' shows who there is.",
            who=who,
        )
    return row


def _tenant(session: Session, row: TenantRow) -> Tenant:
    keys = list(session.scalars(select(TenantKey).where(TenantKey.tenant_id == row.id)))
    live = [key for key in keys if key.expires_at is None or key.expires_at > utc_now()]
    ends = [key.expires_at for key in live]
    used = [key.last_used_at for key in keys if key.last_used_at]
    return Tenant(
        id=row.id, name=row.name, created_at=row.created_at,
        disabled=row.disabled_at is not None,
        live_keys=len(live),
        expires_at=None if None in ends else max((e for e in ends if e), default=None),
        last_used_at=max(used, default=None),
    )  # fmt: skip
