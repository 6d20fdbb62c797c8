"""How each model did on past dates: the check itself, and its tables for the terminal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from clvcore.backtest.coverage import measure_trust
from clvcore.backtest.rolling import run_backtest
from clvcore.backtest.selection import favored, horizon_notices
from clvcore.cli.page import Page
from clvcore.cli.tables import rows_of
from clvcore.cli.trust import show_trust, trust_document
from clvcore.cli.words import money, percent
from clvcore.members.past import Past
from clvcore.records.backtest import Backtest
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import HistoryError, Notice
from clvcore.records.horizon import forecast_grid
from clvcore.records.transactions import Transactions
from clvcore.records.trust import Trust
from clvcore.uncertainty import Future

if TYPE_CHECKING:
    import datetime as dt

HAPPENED = "what happened"


@dataclass(frozen=True, eq=False, kw_only=True)
class Measured:
    """The scores of every model, and how the ranges of ``model`` held."""

    backtest: Backtest
    model: str
    trust: Trust


def check_past(
    transactions: Transactions, config: ForecastConfig
) -> tuple[Measured, tuple[Notice, ...]]:
    """Forecast the past with what was known then; return the scores and what limits them.

    Ranges are measured for the model ``auto`` would choose.

    Raises
    ------
    HistoryError
        ``NO_PAST_DATE`` if the orders hold no past date with enough behind and ahead of it.
    """
    day = config.as_of or transactions.last_day
    bench = Past(transactions, as_of=day, cohort_by=config.cohort_by, seed=config.seed)
    grid = forecast_grid(config, day)
    backtest = run_backtest(bench, horizon_days=grid.horizon_days)
    if backtest.totals.empty:
        raise HistoryError(
            "NO_PAST_DATE",
            "These orders cover {days} days, and no past date has enough of them behind and ahead "
            "of it to check a forecast on. Add older orders, or ask for a shorter horizon.",
            days=bench.snapshot(day).history_days,
        )
    model, _ = favored(backtest)
    future = Future(
        grid=grid,
        history_days=bench.history(day),
        full_window=backtest.is_full_length,
        level=config.confidence_level,
    )
    trust = measure_trust(backtest, model, future=future, segmentation=config.segmentation)
    past = Measured(backtest=backtest, model=model, trust=trust)
    return past, tuple(horizon_notices(bench, grid, backtest))


def past_document(
    past: Measured, config: ForecastConfig, notices: tuple[Notice, ...]
) -> dict[str, Any]:
    """Return the scores as JSON types."""
    backtest = past.backtest
    return {
        "config": config.to_dict(),
        "window_days": backtest.window_days,
        "is_full_length": backtest.is_full_length,
        "origins": sorted(set(backtest.totals["origin"])),
        "leaderboard": rows_of(backtest.leaderboard.reset_index()),
        "totals": rows_of(backtest.totals),
        "model": past.model,
        "trust": trust_document(past.trust),
        "warnings": [{"code": notice.code, "message": str(notice)} for notice in notices],
    }


def show_past(past: Measured, notices: tuple[Notice, ...], currency: str | None) -> None:
    """Print what was checked, the leaderboard, the totals, how ranges held, and every doubt."""
    page, backtest = Page(), past.backtest
    origins: list[dt.date] = sorted(set(backtest.totals["origin"]))
    days = " and ".join(str(day) for day in origins)
    page.sentence(
        f"Each model forecast the {backtest.window_days} days after {days} with what was known "
        "then; here is how far it was from what happened."
    )
    show_leaderboard(page, backtest.leaderboard, currency)
    _show_totals(page, backtest, origins, currency)
    fitted = backtest.totals.groupby("origin")["model"].nunique()
    if fitted.min() < fitted.max():
        page.sentence("The scores count only the dates on which every model could be fitted.")
    show_trust(page, past.trust, currency, of=past.model)
    page.list("Doubts", (str(notice) for notice in notices))


def show_leaderboard(
    page: Page,
    board: pd.DataFrame,
    currency: str | None,
    *,
    shipped: str = "",
    most: int | None = None,
) -> None:
    """Print the leaderboard, best first; with ``most``, that many rows and the shipped one."""
    if board.empty:
        return
    kept = board if most is None else board[(board.index == shipped) | _first(board, most)]
    rows = [
        (
            f"{name} (shipped)" if name == shipped else str(name),
            money(row["rmse"], None),
            money(row["mae"], None),
            off_by(row["bias"]),
            f"{row['gini']:.2f}",
            f"{row['spearman']:.2f}",
            f"{100 * row['coverage_95']:.1f} %" if math.isfinite(row["coverage_95"]) else "-",
        )
        for name, row in kept.iterrows()
    ]
    unit = f", {currency} per customer" if currency else " per customer"
    columns = (
        "model", "typical miss", "average miss", "total off by", "Gini", "Spearman", "held at 95 %",
    )  # fmt: skip
    page.table(f"Past dates: how far each model missed{unit}", columns, rows, text={"model"})


def show_weights(page: Page, weights: pd.DataFrame) -> None:
    """Print the members' shares; a single model has none to print."""
    kept = weights[weights["weight"] > 0]
    if len(kept) < 2:
        return
    rows = [(str(row["model"]), percent(row["weight"])) for row in kept.to_dict("records")]
    page.table("Weight of each model", ("model", "weight"), rows, text={"model"})


def off_by(share: float) -> str:
    """Return a relative error with its sign.

    Examples
    --------
    >>> off_by(0.108), off_by(-1.0), off_by(float("nan"))
    ('+10.8 %', '-100.0 %', 'not known')
    """
    return f"{100 * share:+.1f} %" if math.isfinite(share) else "not known"


def _first(board: pd.DataFrame, most: int) -> list[bool]:
    return [place < most for place in range(len(board))]


def _show_totals(
    page: Page, backtest: Backtest, origins: list[dt.date], currency: str | None
) -> None:
    table = backtest.totals.pivot_table(index="model", columns="origin", values="forecast")
    happened = backtest.totals.groupby("origin")["actual"].first()
    rows = [(HAPPENED, *(money(happened[day], currency) for day in origins))]
    for name in backtest.leaderboard.index:
        figures = table.loc[name].reindex(origins)
        # a model that could not be fitted on a date has no total there
        said = (money(f, currency) if math.isfinite(f) else "-" for f in figures)
        rows.append((str(name), *said))
    columns = ("model", *(f"{backtest.window_days} days after {day}" for day in origins))
    page.table("Totals of everyone known at the date", columns, rows, text={"model"})
