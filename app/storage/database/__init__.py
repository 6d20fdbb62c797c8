"""The small database: accounts, datasets, jobs, runs and the audit trail. Orders stay in files."""

from app.storage.clock import utc_now
from app.storage.database.connection import compact, reading, writing
from app.storage.database.standing import standing
from app.storage.database.tables import (
    AuditEntry,
    DatasetRow,
    FailedSignIn,
    JobRow,
    RunRow,
    SessionRow,
    TenantKey,
    TenantRow,
    User,
    tables_of_tenants,
)
from app.storage.validity import StoreStateError

__all__ = [
    "AuditEntry",
    "DatasetRow",
    "FailedSignIn",
    "JobRow",
    "RunRow",
    "SessionRow",
    "StoreStateError",
    "TenantKey",
    "TenantRow",
    "User",
    "compact",
    "reading",
    "standing",
    "tables_of_tenants",
    "utc_now",
    "writing",
]
