"""What an administrator of the installation does to those who call the HTTP interface."""

from __future__ import annotations

from app.accounts import tenants
from app.accounts.tenants import Keys, Tenant
from app.accounts.users import Account
from app.services.permission import still_may
from app.services.session import Identity
from app.storage import audit
from app.storage.home import LOCAL_TENANT


def may_administer(identity: Identity) -> bool:
    """Tell whether this person looks after all tenants: only those of the installation do."""
    return identity.tenant == LOCAL_TENANT


def tenants_of(identity: Identity) -> list[Tenant]:
    """Return all tenants by name, without their keys.

    Raises
    ------
    PermissionError
        If this person may not administer (any more); so do all functions here.
    """
    _asked(identity)
    return tenants.list_tenants()


def add_tenant(identity: Identity, name: str, days: int | None) -> Keys:
    """Make a tenant; return its keys, which are told this once.

    Raises
    ------
    TenantError
        As ``tenants.add_tenant``.
    """
    admin = _asked(identity)
    keys = tenants.add_tenant(name, expires_days=days)
    audit.record(admin.tenant, admin.username, "tenant_added", keys.tenant_id)
    return keys


def rotate_keys(identity: Identity, tenant_id: str, days: int | None) -> Keys:
    """Give a tenant new keys; those before stay valid until the next rotation.

    Raises
    ------
    TenantError
        If there is no such tenant.
    """
    admin = _asked(identity)
    keys = tenants.rotate(tenant_id, expires_days=days)
    audit.record(admin.tenant, admin.username, "tenant_keys_rotated", keys.tenant_id)
    return keys


def set_closed(identity: Identity, tenant_id: str, closed: bool) -> None:
    """Close or open a tenant's access.

    Raises
    ------
    TenantError
        If there is no such tenant.
    """
    admin = _asked(identity)
    found = tenants.set_disabled(tenant_id, closed)
    action = "tenant_disabled" if closed else "tenant_enabled"
    audit.record(admin.tenant, admin.username, action, found.id)


def _asked(identity: Identity) -> Account:
    account = still_may(identity, "admin")
    if account.tenant != LOCAL_TENANT:
        raise PermissionError("tenants are administered by the installation's own people")
    return account
