"""Intervals on eight cases, ours beside three rivals: coverage, Winkler score, totals, verdicts.

    CLV_DATA=folder python tests/benchmarks/intervals.py --out intervals.md

Every interval is made as of a past day and held against what the same customers then spent, at 80,
90 and 95 %. Ours are the bounds ``clvcore.forecast`` ships. An ``x`` marks a coverage that does not
count as its level (``metrics.in_band``); ``zeros`` is the share who then spent nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from cases import AS_OF, CASES, HORIZON_DAYS, SHOP_CUSTOMERS, SHOP_SEED, Case, read_log
from interval_tables import classes_table, customers_table, totals_table
from interval_verdicts import OURS, Measured, Speed, judge_intervals
from rivals import RIVALS, Bounds

import clvcore as clv
from clvcore.backtest.metrics import coverage, in_band, winkler
from clvcore.features import take_outcome
from clvcore.members.past import Past
from clvcore.records.columns import FREQUENCY_CLASSES
from clvcore.records.config import MODELS
from clvcore.records.numbers import Floats
from clvcore.records.run import Run
from clvcore.uncertainty import customers_at

LEVELS = (0.80, 0.90, 0.95)
TOTALS_LEVEL = 0.95
CLASS_CUSTOMERS, COHORT_CUSTOMERS, SPEED_CUSTOMERS = 500, 100, 100_000
TOTALS_COLUMNS = (
    "origin", "past", "scope", "key", "customers", "actual", "forecast", "lower", "upper", "hit",
    "half_width",
)  # fmt: skip
_CLASS_COLUMNS = (
    "case", "forecaster", "level", "class", "customers", "zeros", "coverage", "winkler",
)  # fmt: skip


def measure(case: Case, transactions: clv.Transactions, run: Run) -> Measured:
    """Hold everyone's intervals of one case, and the totals of ours, against the outcome.

    Parameters
    ----------
    case, transactions
        What is forecast, and from which log.
    run
        Our forecast of it, from ``forecast_case``.
    """
    bench = Past(transactions, as_of=case.as_of)
    snapshot = bench.snapshot(case.as_of)
    spent = take_outcome(transactions, snapshot, end=case.end).customers["revenue"]
    makers: dict[str, Callable[[], Bounds]] = {OURS: lambda: _shipped(run, spent.index)}
    for name, rival in RIVALS.items():
        makers[name] = lambda rival=rival: rival(bench, case.horizon_days, LEVELS)
    classes = _classes(snapshot.customers["frequency"].to_numpy())
    tables = [_scored(spent.to_numpy(), classes, make) for make in makers.values()]
    named = [
        [table.assign(case=case.name, forecaster=name) for table in pair]
        for name, pair in zip(makers, tables, strict=True)
    ]
    return Measured(
        customers=pd.concat([pair[0] for pair in named], ignore_index=True),
        classes=pd.concat([pair[1] for pair in named], ignore_index=True),
        totals=pd.concat([hold_totals(run, spent), past_totals(run)], ignore_index=True).assign(
            case=case.name
        ),
    )


def forecast_case(transactions: clv.Transactions, case: Case, model: str = "auto") -> Run:
    """Forecast a case with its totals at 95 %; no discount, margin 1, so bounds are of revenue."""
    config = clv.ForecastConfig(
        model=model,
        as_of=case.as_of,
        horizon_days=case.horizon_days,
        confidence_level=TOTALS_LEVEL,
    )
    return clv.forecast(transactions, config)


def hold_totals(run: Run, spent: pd.Series) -> pd.DataFrame:
    """Hold the totals of the whole, of segments and of large cohorts against the outcome.

    Parameters
    ----------
    run
        A forecast, with the bounds of its own level.
    spent
        What each customer then spent, by id.
    """
    known = run.customers.reindex(spent.index)
    groups = {"all": pd.Series("all", index=spent.index)} | {
        scope: known[scope] for scope in ("segment", "cohort")
    }
    actual = {scope: spent.groupby(keys).sum() for scope, keys in groups.items()}
    table = run.totals[["scope", "key", "customers"]].assign(
        actual=[actual[row.scope][row.key] for row in run.totals.itertuples()],
        forecast=run.totals["clv"],
        lower=run.totals["clv_lower"],
        upper=run.totals["clv_upper"],
    )
    return _judged(table.assign(origin=run.as_of.isoformat(), past=False))


def past_totals(run: Run) -> pd.DataFrame:
    """Return the same for the past dates on which the run itself was checked."""
    table = run.trust.totals.assign(past=True)
    table["origin"] = pd.to_datetime(table["origin"]).dt.date.astype("str")
    return _judged(table)


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    """Say which totals were hit; small cohorts and one that is the whole again are left out."""
    inside = (table["lower"] <= table["actual"]) & (table["actual"] <= table["upper"])
    table = table.assign(
        hit=inside, half_width=(table["upper"] - table["lower"]) / 2.0 / table["forecast"]
    )
    everyone = table.groupby("origin")["customers"].transform("max")
    large = (table["customers"] >= COHORT_CUSTOMERS) & (table["customers"] < everyone)
    return table.loc[(table["scope"] != "cohort") | large, list(TOTALS_COLUMNS)]


def measure_speed(customers: int, model: str = "auto") -> Speed:
    """Time bounds at three levels, and the total of a shuffled list, once a forecast is fitted."""
    case = Case(log="stationary", as_of=AS_OF, horizon_days=HORIZON_DAYS)
    run = forecast_case(read_log(case.log, customers=customers), case, model)
    ids = run.customers.index[np.random.default_rng(0).permutation(customers)]
    return Speed(
        customers=customers,
        bounds=_seconds(lambda: [customers_at(run, level) for level in LEVELS]),
        total=_seconds(lambda: run.total(ids)),
    )


def report(measured: Measured) -> str:
    """Return three tables, what went wrong, and the verdicts."""
    failed = measured.customers[measured.customers["problem"] != ""]
    problems = {f"{row.forecaster} on {row.case}: {row.problem}" for row in failed.itertuples()}
    parts = [
        "Coverage and Winkler score per customer:",
        customers_table(measured.customers),
        f"Coverage of {' / '.join(FREQUENCY_CLASSES)}, classes of {CLASS_CUSTOMERS} customers:",
        classes_table(measured.classes),
        f"Totals at {TOTALS_LEVEL:.0%}, cohorts of {COHORT_CUSTOMERS} customers:",
        totals_table(measured.totals),
        *sorted(problems),
        "\n".join(
            f"- {verdict.status}: {verdict.what}: {verdict.measured} (target: {verdict.target})"
            for verdict in judge_intervals(measured)
        ),
    ]
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and perhaps write; 0 unless something could not be read."""
    options = _options(arguments)
    cases = [case for case in CASES if options.cases in case.name]
    if not cases:
        sys.stderr.write(f"No case is called {options.cases!r}.\n")
        return 2
    if any(case.real for case in cases) and options.data is None:
        sys.stderr.write(
            "The real cases need their logs: name their folder in CLV_DATA or --data, or keep to "
            "simulated ones, such as --cases stationary.\n"
        )
        return 2
    parts = list(_measured(cases, options))
    speed = measure_speed(options.speed, options.model) if options.speed else None
    measured = Measured.of(parts, speed)
    text = report(measured)
    sys.stdout.write(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


def _measured(cases: Iterable[Case], options: argparse.Namespace) -> Iterable[Measured]:
    """Measure case by case; a log is read once for the cases that follow each other on it."""
    log, transactions = None, None
    for case in cases:
        if case.log != log:
            log, transactions = (
                case.log,
                read_log(
                    case.log, folder=options.data, customers=options.customers, seed=options.seed
                ),
            )
        started = time.perf_counter()
        yield measure(case, transactions, forecast_case(transactions, case, options.model))
        sys.stderr.write(f"{case.name}: {time.perf_counter() - started:.1f} s\n")


def _shipped(run: Run, customers: pd.Index) -> Bounds:
    """Return the bounds of these customers at every level, read off one run."""
    frames = {level: customers_at(run, level).reindex(customers) for level in LEVELS}
    return {
        level: (frame["clv_lower"].to_numpy(), frame["clv_upper"].to_numpy())
        for level, frame in frames.items()
    }


def _classes(frequency: np.ndarray) -> dict[str, np.ndarray]:
    """Return the rows of customers without a repeat, with one to three, and with four or more."""
    members = (frequency == 0, (frequency >= 1) & (frequency <= 3), frequency >= 4)
    named = zip(FREQUENCY_CLASSES, members, strict=True)
    return {name: rows for name, rows in named if rows.sum() >= CLASS_CUSTOMERS}


def _scored(
    spent: Floats, classes: dict[str, np.ndarray], make: Callable[[], Bounds]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score a forecaster's intervals: a row per level, and a row per level and class."""
    try:
        bounds, problem = make(), ""
    except (clv.ClvError, RuntimeError) as error:
        bounds, problem = dict.fromkeys(LEVELS, ()), str(error)
    rows, parts = [], []
    for level in LEVELS:
        row = {"level": level, "problem": problem} | _scores(spent, bounds[level], level)
        # bounds without end hold everything and say nothing
        counts = np.isfinite(row["winkler"]) and in_band(row["coverage"], level, row["zeros"])
        rows.append(row | {"in_band": bool(counts)})
        for name, members in classes.items():
            own = _scores(spent[members], tuple(side[members] for side in bounds[level]), level)
            parts.append({"level": level, "class": name, "customers": int(members.sum())} | own)
    return pd.DataFrame(rows), pd.DataFrame(parts, columns=_CLASS_COLUMNS)


def _scores(spent: Floats, pair: tuple[Floats, ...], level: float) -> dict[str, float]:
    """Return the share of zeros, and the scores of a pair of bounds if there is one."""
    zeros = {"zeros": float((spent == 0).mean())}
    if not pair:
        return zeros | dict.fromkeys(("coverage", "winkler"), float("nan"))
    return zeros | {"coverage": coverage(spent, *pair), "winkler": winkler(spent, *pair, level)}


def _seconds(work: Callable[[], object]) -> float:
    """Return the seconds of the best of five."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, default="auto", help="whose intervals are ours")
    parser.add_argument("--cases", default="", help="only cases whose name contains this")
    parser.add_argument("--out", type=Path, help="also write the report to this Markdown file")
    parser.add_argument("--customers", type=int, default=SHOP_CUSTOMERS, help="per simulated shop")
    parser.add_argument("--seed", type=int, default=SHOP_SEED, help="of the simulated shops")
    parser.add_argument(
        "--speed", type=int, default=SPEED_CUSTOMERS, help="customers to time; 0 leaves it out"
    )
    folder = os.environ.get("CLV_DATA")
    parser.add_argument(
        "--data", type=Path, default=Path(folder) if folder else None, help="folder of real logs"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
