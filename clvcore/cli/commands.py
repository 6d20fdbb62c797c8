"""The commands, each a thin path from options to the library and back to words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from clvcore.cli.console import echo_json, progress, refusals
from clvcore.cli.naming import reads_orders
from clvcore.cli.orders import Choices, NamedColumns, read_orders
from clvcore.records.errors import StoreError

app = typer.Typer(
    name="clv",
    help="Customer lifetime value with intervals you can check on your own past.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

File = Annotated[
    Path,
    typer.Argument(
        help="Orders: CSV, TSV, XLSX or Parquet, or a folder of Parquet files; also in a ZIP; text "
        "as gzip, too. Without a line of names the columns are column 1, column 2, and so on."
    ),
]
RunFolder = Annotated[Path, typer.Argument(help="Folder of a saved forecast.", metavar="RUN")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")]
RejectedFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the unreadable rows to this new CSV file."),
]

Horizon = Annotated[
    int | None,
    typer.Option("--horizon", metavar="MONTHS", help="Months to look ahead, 1 to 60 (default 12)."),
]
HorizonDays = Annotated[
    int | None, typer.Option(metavar="DAYS", help="Days to look ahead instead, 1 to 1826.")
]
Model = Annotated[str, typer.Option(help="auto, probabilistic, bg_nbd, mbg_nbd, pareto_nbd, ...")]
Confidence = Annotated[
    float, typer.Option(help="Share of outcomes the ranges should hold, 0.5 to 0.99.")
]
CohortBy = Annotated[str, typer.Option(help="month, quarter, year, a column, or none.")]
AsOf = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Last day known (default: the last day in the file)."),
]
DiscountRate = Annotated[float, typer.Option(help="Yearly discount, 0.1 for 10 %.")]
GrossMargin = Annotated[float, typer.Option(help="Share of revenue that is yours, up to 1.")]
ShortHistory = Annotated[
    bool, typer.Option("--allow-short-history", help="Forecast from under six months all the same.")
]
ForecastSeed = Annotated[int, typer.Option("--seed", help="Same seed, same numbers.")]
OutFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Save the forecast in this new folder.")
]
# there is one so far, and nothing to choose
EngineName = Annotated[str, typer.Option("--engine", hidden=True)]


@app.command()
@reads_orders
def forecast(
    *,
    file: File,
    horizon: Horizon = None,
    horizon_days: HorizonDays = None,
    model: Model = "auto",
    confidence: Confidence = 0.95,
    cohort_by: CohortBy = "quarter",
    as_of: AsOf = None,
    discount_rate: DiscountRate = 0.0,
    gross_margin: GrossMargin = 1.0,
    allow_short_history: ShortHistory = False,
    seed: ForecastSeed = 0,
    named: NamedColumns,
    choices: Choices,
    out: OutFolder = None,
    engine: EngineName = "duckdb",
    as_json: AsJson = False,
) -> None:
    """Forecast what each customer will spend, and how sure that is."""
    settings = {
        "horizon_months": horizon,
        "horizon_days": horizon_days,
        "model": model,
        "confidence_level": confidence,
        "cohort_by": None if cohort_by == "none" else cohort_by,
        "as_of": as_of,
        "annual_discount_rate": discount_rate,
        "gross_margin": gross_margin,
        "allow_short_history": allow_short_history,
        "seed": seed,
    }
    with refusals(as_json=as_json):
        task = _Task(file=file, named=named, choices=choices, out=out, engine=engine)
        _forecast(task, settings, as_json=as_json)


@app.command()
@reads_orders
def score(
    *,
    run: RunFolder,
    file: File,
    as_of: AsOf = None,
    named: NamedColumns,
    choices: Choices,
    out: OutFolder = None,
    as_json: AsJson = False,
) -> None:
    """Forecast newer orders with a saved forecast; nothing is fitted again."""
    with refusals(as_json=as_json):
        from clvcore.cli.scored import score_orders

        score_orders(run, file, named, choices, as_of=as_of, out=out, as_json=as_json)


@app.command()
@reads_orders
def check(
    *,
    file: File,
    named: NamedColumns,
    choices: Choices,
    rejected: RejectedFile = None,
    as_json: AsJson = False,
) -> None:
    """Read a file of orders and say what it can carry; nothing is forecast."""
    with refusals(as_json=as_json):
        from clvcore.cli.readiness import check_document, show_check
        from clvcore.export import customers_csv
        from clvcore.ingest.nothing_left import NothingLeftError

        try:
            orders = read_orders(file, named, choices)
        except NothingLeftError as error:
            if rejected is not None and error.rejected is not None:
                write_new(rejected, customers_csv(error.rejected))
            raise
        if rejected is not None:
            write_new(rejected, customers_csv(orders.transactions.quality.rejected))
        if as_json:
            echo_json(check_document(orders))
        else:
            show_check(orders)


@app.command()
@reads_orders
def backtest(
    *,
    file: File,
    horizon: Horizon = None,
    horizon_days: HorizonDays = None,
    cohort_by: CohortBy = "quarter",
    as_of: AsOf = None,
    seed: ForecastSeed = 0,
    named: NamedColumns,
    choices: Choices,
    as_json: AsJson = False,
) -> None:
    """Forecast the past with what was known then, and say how far each model was off."""
    settings = {
        "horizon_months": horizon,
        "horizon_days": horizon_days,
        "cohort_by": None if cohort_by == "none" else cohort_by,
        "as_of": as_of,
        "seed": seed,
    }
    with refusals(as_json=as_json):
        _backtest(file, named, choices, settings, as_json=as_json)


@app.command()
def sample(
    out: Annotated[Path, typer.Option(metavar="FILE", help="New CSV file to write.")],
    customers: Annotated[int, typer.Option(help="Customers of the shop.")] = 4_000,
    seed: Annotated[int, typer.Option(help="Same seed, same file.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write the orders of a simulated shop, to try the program on."""
    with refusals(as_json=as_json):
        from clvcore.sample import sample_orders

        orders = sample_orders(customers, seed=seed)
        write_new(out, orders.to_csv(index=False, lineterminator="\n").encode())
        if as_json:
            echo_json({"saved_as": str(out), "rows": len(orders), "customers": customers})
        else:
            typer.echo(f"Wrote {len(orders):,} orders of {customers:,} customers to {out}.")


def write_new(out: Path, content: bytes) -> None:
    """Write a file that is not there yet."""
    try:
        with open(out, "xb") as file:
            file.write(content)
    except FileExistsError:
        raise StoreError(
            "FILE_IN_THE_WAY",
            "{name} is already there and was left as it is. Name another file.",
            name=out.name,
        ) from None


@dataclass(frozen=True, kw_only=True)
class _Task:
    file: Path
    named: NamedColumns
    choices: Choices
    out: Path | None
    engine: str


def _forecast(task: _Task, settings: dict[str, Any], *, as_json: bool) -> None:
    """Refuse early what can be known early, then walk the straight line."""
    from clvcore.cli.summary import run_document, show_run
    from clvcore.engines import engine
    from clvcore.records.config import ForecastConfig
    from clvcore.runs.forecast import forecast as forecast_run
    from clvcore.store import save_run
    from clvcore.store.folder import RUN, refuse_if_taken

    config = ForecastConfig(**settings)
    engine(task.engine)
    if task.out is not None:
        refuse_if_taken(task.out, RUN)
    with progress(as_json=as_json) as on_step:
        orders = read_orders(task.file, task.named, task.choices, cohort_by=config.cohort_by)
        with orders.noting():
            run = forecast_run(orders.transactions, config, on_step)
    if task.out is not None:
        save_run(run, task.out)
    saved_as = str(task.out) if task.out is not None else None
    if as_json:
        echo_json(orders.document() | run_document(run, saved_as))
    else:
        show_run(run, saved_as)


def _backtest(
    file: Path,
    named: NamedColumns,
    choices: Choices,
    settings: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    """Refuse wrong settings before the file is read, then check the past."""
    from clvcore.cli.past import check_past, past_document, show_past
    from clvcore.records.config import ForecastConfig

    config = ForecastConfig(**settings)
    with progress(as_json=as_json) as on_step:
        orders = read_orders(file, named, choices, cohort_by=config.cohort_by)
        if on_step is not None:
            on_step("backtest", 0.2)
        with orders.noting():
            scores, found = check_past(orders.transactions, config)
    notices = (*orders.doubts(), *found)
    if as_json:
        echo_json(orders.document() | past_document(scores, config, notices))
    else:
        show_past(scores, notices, orders.transactions.currency)
