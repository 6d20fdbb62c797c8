"""Lists that leave the product: who may, which columns, and a line in the trail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from app.accounts.roles import allowed
from app.accounts.users import find_user
from app.services import audit, runs
from app.services.session import Identity
from clvcore.errors import ConfigError
from clvcore.export import customers_csv, customers_xlsx

FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_customers(
    identity: Identity,
    run_id: str,
    ids: Iterable[str] | None,
    columns: Sequence[str] | None,
    format: str,  # noqa: A002
) -> tuple[bytes, str, str]:
    """Return the file's bytes, its name and its media type.

    The account is looked up again: the button may have been drawn before it was closed.

    Parameters
    ----------
    ids
        Customers in the order wanted; None exports all.
    columns
        Columns of ``run.customers`` in the order wanted; None exports all.
    format
        ``csv`` or ``xlsx``.

    Raises
    ------
    PermissionError
        If this person may not export (any more).
    ConfigError
        If the format is unknown.
    StoreError
        If the tenant has no such forecast.
    """
    account = find_user(identity.username)
    if account is None or account.disabled or account.tenant != identity.tenant:
        raise PermissionError("the account is closed")
    if not allowed(account.role, "export"):
        raise PermissionError(f"the role {account.role} may not export")
    if format not in FORMATS:
        raise ConfigError(
            "EXPORT_FORMAT",
            "{format!r} is not a format for lists. Choose one of: {known}.",
            format=format, known=", ".join(FORMATS),
        )  # fmt: skip
    entry = runs.find(account.tenant, run_id)
    run = runs.load(account.tenant, run_id)
    frame = run.customers if ids is None else run.customers.loc[list(ids)]
    if format == "csv":
        data = customers_csv(frame, columns=columns, bom=True)
    else:
        data = customers_xlsx(frame, columns=columns, currency=run.currency)
    audit.record(
        account.tenant, account.username, "export", run_id,
        rows=len(frame), columns=list(columns or frame.columns), format=format,
    )  # fmt: skip
    name = f"customers-{_plain(entry.dataset_name)}-{entry.as_of.isoformat()}.{format}"
    return data, name, FORMATS[format]


def _plain(name: str) -> str:
    """Reduce a name to what every file system and every mail program accepts."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-").lower()[:40] or "orders"
