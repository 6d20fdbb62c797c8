"""The tables. Every row that belongs to a tenant carries its name, and every query asks for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect, ForeignKey, Index, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment: aware on our side, UTC without a zone in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        del dialect
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value else None

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        del dialect
        return value.replace(tzinfo=dt.UTC) if value else None


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012
        dt.datetime: UtcDateTime, dict[str, Any]: JSON(none_as_null=True), list[Any]: JSON,
    }  # fmt: skip


class User(Base):
    """Somebody who may sign in; a higher ``generation`` ends the sessions of those before it."""

    __tablename__ = "users"
    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[dt.datetime]
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
    disabled_at: Mapped[dt.datetime | None]


class FailedSignIn(Base):
    """One wrong try. The name is kept as a digest: people type passwords into the wrong box."""

    __tablename__ = "failed_sign_ins"
    id: Mapped[int] = mapped_column(primary_key=True)
    name_digest: Mapped[str] = mapped_column(String(64))
    address_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
    __table_args__ = (
        Index("ix_failed_sign_ins_name_at", "name_digest", "at"),
        Index("ix_failed_sign_ins_address_at", "address_digest", "at"),
    )


class SessionRow(Base):
    """Somebody who is signed in; ``id`` is the digest of a token that only their browser knows."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), index=True)
    tenant: Mapped[str] = mapped_column(String(63))
    created_at: Mapped[dt.datetime]
    last_seen: Mapped[dt.datetime]
    address_digest: Mapped[str] = mapped_column(String(64))
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
    revoked_at: Mapped[dt.datetime | None]


class TenantRow(Base):
    """Somebody who may call the HTTP interface; what is theirs is filed under ``id``."""

    __tablename__ = "tenants"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]


class TenantKey(Base):
    """A token and a secret, as digests; two of a tenant may be live at once."""

    __tablename__ = "tenant_keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    secret_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]


class DatasetRow(Base):
    """Orders that were accepted; the rows themselves are files."""

    __tablename__ = "datasets"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[dt.datetime]
    currency: Mapped[str | None] = mapped_column(String(3))
    rows: Mapped[int]
    customers: Mapped[int]
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date]


class RunRow(Base):
    """A finished forecast; it outlives the orders it was made from."""

    __tablename__ = "runs"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="SET NULL"))
    dataset_name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[dt.date]
    horizon_end: Mapped[dt.date]
    customers: Mapped[int]
    clv: Mapped[float]
    currency: Mapped[str | None] = mapped_column(String(3))
    config: Mapped[dict[str, Any]]


class JobRow(Base):
    """Work that was asked for; ``owner`` names the lock that its process holds while it lives."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    username: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    dataset_id: Mapped[str] = mapped_column(String(32))
    dataset_name: Mapped[str] = mapped_column(String(120))
    config: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12), index=True)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    steps: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    owner: Mapped[str | None] = mapped_column(String(32))
    pid: Mapped[int | None]
    run_id: Mapped[str | None] = mapped_column(String(32))
    error: Mapped[dict[str, Any] | None]


class AuditEntry(Base):
    """Who did what to which object; never customers' data."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    at: Mapped[dt.datetime]
    username: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]]


def tables_of_tenants() -> list[tuple[Table, Column[Any]]]:
    """Return every table with a tenant's rows and the column that names it, children first."""
    tables = reversed(Base.metadata.sorted_tables)
    named = ((table, table.c.get("tenant", table.c.get("tenant_id"))) for table in tables)
    return [(table, column) for table, column in named if column is not None]
