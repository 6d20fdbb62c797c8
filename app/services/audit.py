"""The trail of who did what; it names objects and counts, never a customer."""

from __future__ import annotations

from typing import Any

from app.services.database import AuditEntry, utc_now, writing


def record(tenant: str, username: str, action: str, subject: str, **detail: Any) -> None:
    """Add one line to the trail."""
    with writing() as session:
        session.add(
            AuditEntry(
                tenant=tenant, at=utc_now(), username=username, action=action, subject=subject,
                detail=detail,
            )
        )  # fmt: skip
