"""``clv score``: from a saved forecast and a newer file to a forecast of the newer orders."""

from __future__ import annotations

from pathlib import Path

from clvcore.cli.console import echo_json, progress
from clvcore.cli.orders import Choices, NamedColumns, read_orders
from clvcore.cli.summary import run_document, show_run
from clvcore.records.config import ForecastConfig
from clvcore.runs.scorable import refuse_unless_scorable
from clvcore.runs.score import score
from clvcore.store import load_run, save_run
from clvcore.store.folder import RUN, refuse_if_taken

STEPS = {
    "snapshot": "Summing up the customers",
    "fit": "Reading the forecast back",
    "segments": "Grouping the customers",
    "done": "Done",
}


def score_orders(
    folder: Path,
    file: Path,
    named: NamedColumns,
    choices: Choices,
    *,
    as_of: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Refuse early what can be known early, score, save and tell.

    Raises
    ------
    ClvError
        As ``score``, ``load_run`` and ``read_orders``.
    """
    day = ForecastConfig(as_of=as_of).as_of  # type: ignore[arg-type]
    if out is not None:
        refuse_if_taken(out, RUN)
    run = load_run(folder)
    refuse_unless_scorable(run)
    with progress(as_json=as_json, steps=STEPS) as on_step:
        orders = read_orders(file, named, choices, cohort_by=run.config.cohort_by)
        with orders.noting():
            scored = score(run, orders.transactions, as_of=day, on_step=on_step)
    if out is not None:
        save_run(scored, out)
    saved_as = str(out) if out is not None else None
    if as_json:
        echo_json(orders.document() | run_document(scored, saved_as))
    else:
        show_run(scored, saved_as)
