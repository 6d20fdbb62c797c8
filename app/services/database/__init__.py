"""The small database: accounts, datasets, runs and the audit trail. Orders stay in files."""

from app.services.database.connection import migrate, reading, writing
from app.services.database.tables import (
    AuditEntry,
    DatasetRow,
    FailedSignIn,
    RunRow,
    TenantKey,
    TenantRow,
    User,
    utc_now,
)

__all__ = [
    "AuditEntry",
    "DatasetRow",
    "FailedSignIn",
    "RunRow",
    "TenantKey",
    "TenantRow",
    "User",
    "migrate",
    "reading",
    "utc_now",
    "writing",
]
