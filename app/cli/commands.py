"""The ``clv`` command: the engine's commands, and the server, its users and its tenants."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.keeping import backup, forget, restore
from app.cli.refusals import RefusingGroup, refusals
from app.cli.tenants import tenants
from clvcore.cli import app as commands
from clvcore.cli.console import echo_json, printable

if TYPE_CHECKING:
    from app.accounts.users import Account

users = typer.Typer(help="The people who may sign in to the dashboard.", no_args_is_help=True)

_NAME = Annotated[str, typer.Argument(help="User name to sign in with.")]
_JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
_STDIN = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8501,
    sample: Annotated[
        bool, typer.Option("--sample", help="Add the sample shop where there is no data yet.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another name visitors may use for this server; repeat for more."),
    ] = None,
) -> None:
    """Start the dashboard; Ctrl-C ends it."""
    from app.server import start
    from app.shield.hosts import Hosts
    from app.storage.home import FIRST_ADMIN

    names = allow_host or []
    with refusals(as_json=False):
        listener = start.bound_socket(host, port)
        real_port = listener.getsockname()[1]
        start.settle(host, real_port, names)
        password = start.first_password()
        if sample:
            _add_sample()
    if password:
        typer.echo("This is the first start. Sign in with")
        typer.echo(f"  user name  {FIRST_ADMIN}")
        typer.echo(f"  password   {password}")
        typer.echo("The password is shown this once: 'clv users password admin' sets a new one.")
        sys.stdout.flush()
    shown = f"[{host}]" if ":" in host else host

    def announce() -> None:
        typer.echo(f"The dashboard is at http://{shown}:{real_port} (Ctrl-C ends it)")
        if host not in start.LOOPBACK:
            typer.echo(
                "Other machines can reach it, and nothing is encrypted: put a proxy with TLS in "
                "front.",
                err=True,
            )
        sys.stdout.flush()

    try:
        start.run_until_stopped(listener, announce, Hosts(host, names))
    except KeyboardInterrupt:
        typer.echo("Ended.")


def _add_sample() -> None:
    from app.services.demo import ensure_sample
    from app.storage.home import FIRST_ADMIN, LOCAL_TENANT

    if ensure_sample(LOCAL_TENANT, FIRST_ADMIN):
        typer.echo("The sample shop was added and its next 12 months forecast.")


def report(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Folder of a saved forecast, or its id as the dashboard keeps it."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="New HTML file to write.")],
    language: Annotated[str, typer.Option(help="en, es or pt.")] = "en",
    as_json: _JSON = False,
) -> None:
    """Write a forecast as one page to print or to send; it needs no network."""
    from app.report import deliver
    from app.words.text import LANGUAGES
    from clvcore.cli.commands import write_new

    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise typer.BadParameter(f"{language!r} is not one of {known}", param_hint="--language")
    with refusals(as_json=as_json):
        page = deliver.report_of(run, language)
        write_new(out, page)
    if as_json:
        echo_json({"saved_as": str(out), "run": run, "language": language, "bytes": len(page)})
    else:
        typer.echo(f"Wrote the report to {printable(str(out))}.")


@users.command("add")
def add(
    name: _NAME,
    role: Annotated[str, typer.Option(help="executive, marketing, analyst or admin.")],
    full_name: Annotated[str, typer.Option(help="Name shown on the pages.")] = "",
    password_stdin: _STDIN = False,
    as_json: _JSON = False,
) -> None:
    """Add a user; the password is asked for, or read from standard input."""
    from app.accounts.users import add_user

    _check_role(role)
    password = _password(password_stdin)
    with refusals(as_json=as_json):
        account = add_user(name, password, role=role, name=full_name)
    _say(account, f"Added {account.username} ({account.role}).", as_json=as_json)


@users.command("list")
def list_all(as_json: _JSON = False) -> None:
    """List the users."""
    from app.accounts.users import list_users

    with refusals(as_json=as_json):
        accounts = list_users()
    if as_json:
        echo_json({"users": [_row(account) for account in accounts]})
        return
    if not accounts:
        typer.echo("There are no users yet: 'clv serve' makes the first one.")
    for account in accounts:
        closed = "  disabled" if account.disabled else ""
        typer.echo(
            f"{account.username:<24} {account.role:<10} {printable(account.name)}{closed}".rstrip()
        )


@users.command("disable")
def disable(name: _NAME, as_json: _JSON = False) -> None:
    """Close an account and end its sessions; 'clv users password' opens it again."""
    from app.accounts.users import disable_user

    with refusals(as_json=as_json):
        account = disable_user(name)
    _say(account, f"{account.username} is disabled.", as_json=as_json)


@users.command("password")
def new_password(name: _NAME, password_stdin: _STDIN = False, as_json: _JSON = False) -> None:
    """Give a user a new password and end the sessions open so far."""
    from app.accounts.users import set_password

    password = _password(password_stdin)
    with refusals(as_json=as_json):
        account = set_password(name, password)
    _say(account, f"{account.username} has a new password.", as_json=as_json)


def command_line() -> typer.Typer:
    """Return the engine's commands with the server's beside them."""
    whole = typer.Typer(
        help="Customer lifetime value with intervals you can check on your own past.",
        cls=RefusingGroup,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    whole.registered_commands.extend(commands.registered_commands)
    whole.command("report")(report)
    whole.command("serve")(serve)
    for command in (backup, restore, forget):
        whole.command(command.__name__)(command)
    whole.add_typer(users, name="users")
    whole.add_typer(tenants, name="tenants")
    return whole


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _check_role(role: str) -> None:
    from app.accounts.roles import ROLES

    if role not in ROLES:
        raise typer.BadParameter(f"{role!r} is not one of {', '.join(ROLES)}", param_hint="--role")


def _row(account: Account) -> dict[str, Any]:
    return {
        "username": account.username,
        "name": account.name,
        "role": account.role,
        "tenant": account.tenant,
        "created_at": account.created_at.isoformat(),
        "disabled": account.disabled,
    }


def _say(account: Account, sentence: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(_row(account))
    else:
        typer.echo(sentence)
