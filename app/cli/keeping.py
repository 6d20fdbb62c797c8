"""``clv backup``, ``clv restore`` and ``clv forget``: what an operator does beside the server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.refusals import refusals
from clvcore.cli.console import echo_json, printable

_JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
_FILE = Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .tar.zst or .tar.gz.")]


def backup(
    file: _FILE,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Add the secret key: keep such a file locked away.")
    ] = False,
    as_json: _JSON = False,
) -> None:
    """Copy accounts, orders and forecasts into one file; the server may go on."""
    from app.services.backup import make_backup

    with refusals(as_json=as_json):
        kept = make_backup(file, with_key=with_key)
    if as_json:
        echo_json({"saved_as": str(file), **vars(kept)})
        return
    typer.echo(
        f"Saved {kept.orders} sets of orders and {kept.forecasts} forecasts in "
        f"{printable(str(file))}."
    )
    if not with_key:
        typer.echo("The secret key is not in it: a restored home gets a new one.")


def restore(
    file: _FILE,
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Leave out the secret key that is in the file.")
    ] = False,
    as_json: _JSON = False,
) -> None:
    """Bring a backup back into a CLV_HOME that is empty or damaged; all is checked first."""
    from app.services.backup import restore_backup

    with refusals(as_json=as_json):
        kept = restore_backup(file, without_key=without_key)
    if as_json:
        echo_json({"restored_from": str(file), **vars(kept)})
        return
    typer.echo(
        f"Restored {kept.orders} sets of orders and {kept.forecasts} forecasts. Everybody "
        "signs in again."
    )
    if kept.moved_aside:
        typer.echo(
            f"What was there is in {printable(kept.moved_aside)}: delete it once nothing is "
            "missing."
        )


def forget(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")],
    tenant: Annotated[str, typer.Option(help="Whose customer.")] = "local",
    as_json: _JSON = False,
) -> None:
    """Take one customer out of all saved orders and forecasts; this cannot be undone."""
    from app.services.erase import forget_customer
    from app.storage.home import is_tenant

    if not is_tenant(tenant):
        raise typer.BadParameter(f"{tenant!r} is no tenant", param_hint="--tenant")
    with refusals(as_json=as_json):
        found = forget_customer(tenant, customer)
    if as_json:
        echo_json(vars(found))
        return
    typer.echo(
        f"Taken out of {found.orders} sets of orders and {found.forecasts} forecasts. Backups and "
        "exported lists are yours to look through."
    )
