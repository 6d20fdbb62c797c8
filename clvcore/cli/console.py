"""What every command shares: refusals, JSON, progress, and text that is safe to print."""

from __future__ import annotations

import errno
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from clvcore.records.errors import ClvError, ConfigError, EngineError

REFUSED, WRONG_USAGE = 1, 2
_STEPS = {
    "snapshot": "Summing up the customers",
    "backtest": "Forecasting the past, to compare",
    "fit": "Fitting the model",
    "intervals": "Measuring how sure we are",
    "segments": "Grouping the customers",
    "done": "Done",
}


@contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """Turn a typed error into its reason on stderr and an exit code, never a traceback.

    With ``as_json`` the one document on stdout is ``{"error": code, "message": reason}``, and
    ``notes`` where the file that was read gave rise to any.
    """
    try:
        yield
    except ClvError as error:
        wrong_usage = isinstance(error, ConfigError | EngineError)
        refuse(
            error.code,
            str(error),
            WRONG_USAGE if wrong_usage else REFUSED,
            as_json=as_json,
            notes=getattr(error, "__notes__", ()),
        )
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read what is printed has gone
            raise
        reason = error.strerror or type(error).__name__
        named = f"The file {error.filename}" if error.filename else "The file"
        refuse(
            "FILE_REFUSED",
            f"{named} could not be opened or written: {reason}.",
            REFUSED,
            as_json=as_json,
        )


@contextmanager
def noting(notes: Iterable[str]) -> Iterator[None]:
    """Let a refusal say what is to be known of the file: "25 days" of one sheet of twelve."""
    try:
        yield
    except ClvError as error:
        for note in notes:
            error.add_note(str(note))
        raise


def refuse(
    code: str, message: str, exit_code: int, *, as_json: bool, notes: Sequence[str] = ()
) -> None:
    """Say why on stderr, repeat it as JSON where asked, and end with ``exit_code``."""
    typer.echo(f"Error: {printable(message)}", err=True)
    for note in notes:
        typer.echo(f"Note: {printable(note)}", err=True)
    if as_json:
        document: dict[str, Any] = {"error": code, "message": message}
        echo_json(document | ({"notes": list(notes)} if notes else {}))
    raise typer.Exit(exit_code)


def echo_json(document: dict[str, Any]) -> None:
    """Print one strict JSON document: what is not a number is null, days are ISO text."""
    import orjson

    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    typer.echo(orjson.dumps(document, option=options))


def printable(text: str) -> str:
    r"""Replace control characters: what a file says must not steer a terminal.

    Examples
    --------
    >>> printable("C1\x1b[2J")
    'C1�[2J'
    """
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)


@contextmanager
def progress(
    *, as_json: bool, steps: Mapping[str, str] = _STEPS
) -> Iterator[Callable[[str, float], None] | None]:
    """Draw a progress bar on stderr while it is a terminal; otherwise stay silent."""
    if as_json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading the orders", total=1.0)

        def on_step(step: str, fraction: float) -> None:
            bar.update(task, description=steps.get(step, step), completed=fraction)

        yield on_step
