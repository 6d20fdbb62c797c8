"""Ask the database again whether somebody may: a button may be older than a closed account."""

from __future__ import annotations

from app.accounts.roles import allowed
from app.accounts.users import Account, find_user
from app.services.session import Identity


def still_may(identity: Identity, capability: str) -> Account:
    """Return the account as it is now.

    Raises
    ------
    PermissionError
        If it is closed, has gone to another tenant, or its role may not (any more).
    """
    account = find_user(identity.username)
    if account is None or account.disabled or account.tenant != identity.tenant:
        raise PermissionError("the account is closed")
    if not allowed(account.role, capability):
        raise PermissionError(f"the role {account.role} may not: {capability}")
    return account
