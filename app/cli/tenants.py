"""``clv tenants``: who may call the HTTP interface."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.refusals import refusals
from clvcore.cli.console import echo_json, printable

if TYPE_CHECKING:
    from app.accounts.tenants import Keys, Tenant

tenants = typer.Typer(help="Who may call the HTTP interface.", no_args_is_help=True)

_WHO = Annotated[str, typer.Argument(help="Name or id of the tenant.")]
_JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
_DAYS = Annotated[
    int | None, typer.Option(help="Days until the new keys expire; default never.", min=1)
]


@tenants.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name of the tenant.")],
    expires_days: _DAYS = None,
    as_json: _JSON = False,
) -> None:
    """Add a tenant and print its keys, this once."""
    from app.accounts.tenants import add_tenant

    with refusals(as_json=as_json):
        keys = add_tenant(name, expires_days=expires_days)
    _show(keys, as_json=as_json)


@tenants.command("rotate")
def rotate(who: _WHO, expires_days: _DAYS = None, as_json: _JSON = False) -> None:
    """Print new keys; the ones before stay valid until the next rotation."""
    from app.accounts import tenants as service

    with refusals(as_json=as_json):
        keys = service.rotate(who, expires_days=expires_days)
    _show(keys, as_json=as_json)


@tenants.command("list")
def list_all(as_json: _JSON = False) -> None:
    """List the tenants; keys are never shown again."""
    from app.accounts.tenants import list_tenants

    with refusals(as_json=as_json):
        found = list_tenants()
    if as_json:
        echo_json({"tenants": [_row(tenant) for tenant in found]})
        return
    if not found:
        typer.echo("There are no tenants yet: 'clv tenants add NAME' makes one.")
    for tenant in found:
        used = f"used {tenant.last_used_at:%Y-%m-%d %H:%M}" if tenant.last_used_at else "never used"
        closed = "  disabled" if tenant.disabled else ""
        keys = f"{tenant.live_keys} live key{'s' if tenant.live_keys != 1 else ''}"
        typer.echo(f"{tenant.id}  {printable(tenant.name):<24} {keys}, {used}{closed}")


@tenants.command("disable")
def disable(who: _WHO, as_json: _JSON = False) -> None:
    """Close a tenant's access; 'clv tenants enable' opens it again."""
    _switch(who, disabled=True, as_json=as_json)


@tenants.command("enable")
def enable(who: _WHO, as_json: _JSON = False) -> None:
    """Open a tenant's access again."""
    _switch(who, disabled=False, as_json=as_json)


def _switch(who: str, *, disabled: bool, as_json: bool) -> None:
    from app.accounts.tenants import set_disabled

    with refusals(as_json=as_json):
        tenant = set_disabled(who, disabled)
    if as_json:
        echo_json(_row(tenant))
    else:
        typer.echo(f"{printable(tenant.name)} is {'disabled' if disabled else 'enabled'}.")


def _show(keys: Keys, *, as_json: bool) -> None:
    if as_json:
        echo_json(asdict(keys))
        return
    typer.echo(f"  X-Customer-Api-Id  {keys.tenant_id}")
    typer.echo(f"  X-Secret           {keys.secret}")
    typer.echo(f"  token              {keys.token}")
    typer.echo("They are shown this once; 'clv tenants rotate' makes new ones.")


def _row(tenant: Tenant) -> dict[str, Any]:
    row = asdict(tenant)
    return {k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in row.items()}
