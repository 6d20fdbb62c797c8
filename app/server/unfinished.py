"""What has to be put right before the first visitor; loads next to nothing where all is well."""

from __future__ import annotations

from app.storage.home import clv_home, tenant_folder, tenants_with_files
from app.storage.schema_version import is_current
from app.storage.settings import retention_days

_REPLACED = ("datasets", "runs")


def put_right() -> None:
    """Bring the database up to date, finish what was half replaced, delete what is too old."""
    if not is_current(clv_home() / "clv.db"):
        from app.storage.database import reading

        with reading():
            pass
    for tenant in tenants_with_files():
        for kind in _REPLACED:
            _finish(tenant, kind)
    if retention_days() is not None:
        from app.services.retention import sweep

        sweep()


def _finish(tenant: str, kind: str) -> None:
    """Put new versions in place; only now, since later they may be somebody's who is alive."""
    folder = tenant_folder(tenant, kind)
    if any(folder.glob(".*")):
        from clvcore.store import finish_swaps

        finish_swaps(folder)
