"""Where the program keeps what it keeps: accounts, keys, datasets and runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

from clvcore.records.errors import ClvError

LOCAL_TENANT = "local"
FIRST_ADMIN = "admin"
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class SettingError(ClvError):
    """An environment variable holds what it cannot mean."""


def clv_home() -> Path:
    """Return the folder named by ``CLV_HOME``, or the user's data folder; made private if new."""
    named = os.environ.get("CLV_HOME", "").strip()
    home = Path(named).expanduser() if named else platformdirs.user_data_path("clv", False)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home.resolve()


def is_tenant(name: str) -> bool:
    """Tell whether a name can be a tenant's, and so one folder's."""
    return _TENANT.fullmatch(name) is not None


def tenants_with_files() -> list[str]:
    """Return the tenants that have a folder, by name."""
    folder = clv_home() / "tenants"
    return sorted(x.name for x in folder.glob("*") if x.is_dir() and is_tenant(x.name))


def tenant_folder(tenant: str, kind: str) -> Path:
    """Return ``CLV_HOME/tenants/<tenant>/<kind>``, made if new.

    Raises
    ------
    ValueError
        If the tenant's name could be anything but one folder.
    """
    folder = place_of(tenant, kind)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def place_of(tenant: str, kind: str) -> Path:
    """Return the same without making it: who only looks must not bring an erased tenant back."""
    if not is_tenant(tenant):
        raise ValueError(f"{tenant!r} is not a tenant: lower-case letters, digits and dashes only")
    return clv_home() / "tenants" / tenant / kind
