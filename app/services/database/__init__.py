"""The small database: accounts, datasets, jobs, runs and the audit trail. Orders stay in files."""

from app.services.database.connection import (
    StoreStateError,
    damaged_error,
    migrate,
    reading,
    writing,
)
from app.services.database.tables import (
    AuditEntry,
    DatasetRow,
    FailedSignIn,
    JobRow,
    RunRow,
    SessionRow,
    User,
    utc_now,
)

__all__ = [
    "AuditEntry",
    "DatasetRow",
    "FailedSignIn",
    "JobRow",
    "RunRow",
    "SessionRow",
    "StoreStateError",
    "User",
    "damaged_error",
    "migrate",
    "reading",
    "utc_now",
    "writing",
]
