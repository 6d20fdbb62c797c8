"""The trail of who did what; it names objects and counts, never a customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.storage.database import AuditEntry, reading, utc_now, writing

MOST_LISTED = 1_000
SIGN_IN, SIGN_IN_FAILED, SIGN_OUT = "sign_in", "sign_in_failed", "sign_out"
PROGRAM = "(clv)"  # who did what no signed-in person did; no user can be called that
SWEPT, FORGOTTEN, ERASED = "too_old_deleted", "customer_forgotten", "tenant_erased"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the trail; a failed sign-in has no user, its subject is the name's digest."""

    at: dt.datetime
    username: str
    action: str
    subject: str
    detail: dict[str, Any]


def record(tenant: str, username: str, action: str, subject: str, **detail: Any) -> None:
    """Add one line to the trail."""
    with writing() as session:
        session.add(
            AuditEntry(
                tenant=tenant, at=utc_now(), username=username, action=action, subject=subject,
                detail=detail,
            )
        )  # fmt: skip


def list_entries(
    tenant: str,
    *,
    action: str | None = None,
    username: str | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> list[Line]:
    """Return the tenant's newest lines that match, the newest first, ``MOST_LISTED`` at most.

    Parameters
    ----------
    since, until
        Aware moments: from the first on, before the second.
    """
    query = select(AuditEntry).where(AuditEntry.tenant == tenant)
    for column, value in ((AuditEntry.action, action), (AuditEntry.username, username)):
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    newest_first = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(MOST_LISTED)
    with reading() as session:
        return [
            Line(
                at=row.at, username=row.username, action=row.action, subject=row.subject,
                detail=row.detail,
            )
            for row in session.scalars(newest_first)
        ]  # fmt: skip


def last_sign_ins(tenant: str) -> dict[str, dt.datetime]:
    """Return when each user of the tenant last signed in with their password."""
    query = (
        select(AuditEntry.username, func.max(AuditEntry.at))
        .where(AuditEntry.tenant == tenant, AuditEntry.action == SIGN_IN)
        .group_by(AuditEntry.username)
    )
    with reading() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def in_use(tenant: str) -> tuple[list[str], list[str]]:
    """Return the actions and the user names that occur in the tenant's trail, sorted."""
    with reading() as session:
        actions, names = (
            session.scalars(
                select(column).where(AuditEntry.tenant == tenant).distinct().order_by(column)
            ).all()
            for column in (AuditEntry.action, AuditEntry.username)
        )
        return list(actions), [name for name in names if name]
