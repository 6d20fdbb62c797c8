"""Accuracy on eight cases, beside four baselines and plain ``lifetimes``: one table, then verdicts.

    CLV_DATA=folder python tests/benchmarks/accuracy.py --models auto,bg_nbd --out accuracy.md

Every forecast is made by ``clvcore.forecast`` as of a past day and scored against what the same
customers then spent. ``RMSE/tutorial`` is the RMSE divided by that of ``tutorial.py``; seconds are
those of the whole forecast, reading the log excluded.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd
from cases import CASES, SHOP_CUSTOMERS, SHOP_SEED, Case, read_log
from interval_tables import markdown
from tutorial import tutorial_forecast
from verdicts import Verdict, judge

import clvcore as clv
from clvcore.backtest.metrics import score
from clvcore.features import cohort_labels, take_outcome, take_snapshot
from clvcore.models.baselines import BASELINES
from clvcore.records.numbers import Floats
from clvcore.records.registry import names as available
from clvcore.records.snapshot import Outcome, Snapshot

TUTORIAL = "tutorial"
NUMBERS = ("rmse", "ratio", "bias", "gini", "spearman", "seconds")
_HEADINGS = {
    "case": "case", "forecaster": "forecaster", "rmse": "RMSE", "ratio": "RMSE/tutorial",
    "bias": "bias", "gini": "Gini", "spearman": "Spearman", "seconds": "seconds",
}  # fmt: skip
_FORMATS = {
    "rmse": "{:,.2f}", "ratio": "{:.3f}", "bias": "{:+.3f}", "gini": "{:.3f}",
    "spearman": "{:.3f}", "seconds": "{:.2f}",
}  # fmt: skip


def measure(case: Case, transactions: clv.Transactions, models: Sequence[str]) -> pd.DataFrame:
    """Score every baseline, the tutorial and the named models on one case.

    Returns
    -------
    DataFrame
        One row per forecaster: ``case``, ``real``, ``forecaster``, ``kind`` (baseline, tutorial or
        model), the columns ``NUMBERS`` and ``problem``, which says why numbers are missing.
    """
    snapshot = take_snapshot(transactions, as_of=case.as_of)
    outcome = take_outcome(transactions, snapshot, end=case.end)
    labels = cohort_labels(snapshot, "quarter")
    forecasters: list[tuple[str, str, Callable[[], Floats]]] = [
        *(
            ("baseline", name, lambda make=make: make(snapshot, case.horizon_days, labels))
            for name, make in BASELINES.items()
        ),
        (TUTORIAL, TUTORIAL, lambda: _tutorial(snapshot, case)),
        *(
            ("model", name, lambda name=name: _engine(transactions, outcome, case, name))
            for name in models
        ),
    ]
    rows = pd.DataFrame(
        {"case": case.name, "real": case.real, "forecaster": name, "kind": kind}
        | _scored(make, outcome)
        for kind, name, make in forecasters
    )
    peer = rows.loc[rows["kind"] == TUTORIAL, "rmse"].iloc[0]
    return rows.assign(ratio=rows["rmse"] / peer)


def as_markdown(table: pd.DataFrame) -> str:
    """Lay the measured rows out as one aligned Markdown table, cases apart by their first row."""
    rows = [
        [row["case"], row["forecaster"], *(_number(name, row[name]) for name in NUMBERS)]
        for row in table.to_dict("records")
    ]
    headings = [_HEADINGS[name] for name in ("case", "forecaster", *NUMBERS)]
    return markdown(headings, rows, words=2)


def report(table: pd.DataFrame, models: Sequence[str]) -> str:
    """Return the table, what went wrong, and the verdict on each model."""
    parts = [as_markdown(table)]
    problems = table[table["problem"] != ""]
    parts += [f"{r.forecaster} on {r.case}: {r.problem}" for r in problems.itertuples()]
    for model in models:
        lines = [_line(verdict) for verdict in judge(table, model)]
        parts.append("\n".join([f"{model}:", *lines]))
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
    table = pd.concat(_measured(cases, options), ignore_index=True)
    text = report(table, options.models)
    sys.stdout.write(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


def _measured(cases: Iterable[Case], options: argparse.Namespace) -> Iterable[pd.DataFrame]:
    """Measure case by case; a log is read once for the cases that follow each other on it."""
    log, transactions = None, None
    for case in cases:
        if case.log != log:
            log, transactions = (
                case.log,
                read_log(
                    case.log,
                    folder=options.data,
                    customers=options.customers,
                    seed=options.seed,
                ),
            )
        started = time.perf_counter()
        yield measure(case, transactions, options.models)
        sys.stderr.write(f"{case.name}: {time.perf_counter() - started:.1f} s\n")


def _tutorial(snapshot: Snapshot, case: Case) -> Floats:
    return tutorial_forecast(
        snapshot.purchases, last_day=snapshot.history_days, horizon_days=case.horizon_days
    ).revenue


def _engine(transactions: clv.Transactions, outcome: Outcome, case: Case, model: str) -> Floats:
    """Expected revenue of each customer of the outcome: no discount, margin 1."""
    config = clv.ForecastConfig(model=model, as_of=case.as_of, horizon_days=case.horizon_days)
    run = clv.forecast(transactions, config)
    return run.customers["clv"].reindex(outcome.customers.index).to_numpy()


def _scored(make: Callable[[], Floats], outcome: Outcome) -> dict[str, object]:
    started = time.perf_counter()
    try:
        predicted = make()
        seconds = time.perf_counter() - started
        points = score(outcome.customers["revenue"].to_numpy(), predicted)
    except (clv.ClvError, RuntimeError) as error:
        return dict.fromkeys(NUMBERS, float("nan")) | {"problem": str(error)}
    return points | {"seconds": seconds, "problem": ""}


def _number(name: str, value: float) -> str:
    return "-" if pd.isna(value) else _FORMATS[name].format(value)


def _line(verdict: Verdict) -> str:
    return f"- {verdict.status}: {verdict.what}: {verdict.measured} (target: {verdict.target})"


def _models(names: str) -> list[str]:
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in available()]:
        raise argparse.ArgumentTypeError(
            f"{', '.join(unknown)} not available; known: {', '.join(available())}"
        )
    return chosen


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=_models, default=["auto"], help="names, with commas")
    parser.add_argument("--cases", default="", help="only cases whose name contains this")
    parser.add_argument("--out", type=Path, help="also write the report to this Markdown file")
    parser.add_argument("--customers", type=int, default=SHOP_CUSTOMERS, help="per simulated shop")
    parser.add_argument("--seed", type=int, default=SHOP_SEED, help="of the simulated shops")
    folder = os.environ.get("CLV_DATA")
    parser.add_argument(
        "--data", type=Path, default=Path(folder) if folder else None, help="folder of real logs"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
