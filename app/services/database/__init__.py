"""The small database: accounts, datasets, jobs, runs and the audit trail. Orders stay in files."""

from app.services.clock import utc_now
from app.services.database.connection import (
    compact,
    reading,
    writing,
)
from app.services.database.standing import standing
from app.services.database.tables import (
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
from app.services.validity import StoreStateError

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
