"""What each part of the ensemble is worth: leave one out, and see what happens to the error.

    CLV_DATA=folder python tests/benchmarks/ablation.py --out ablation.md

Each row switches one part off and forecasts the cases of ``cases.py`` again: RMSE over that of the
whole ensemble, so a number above 1 says the part earns its place there. The last columns are
geometric means over the real and the simulated cases. Differences under 1 % are noise.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from cases import CASES, SHOP_CUSTOMERS, Case, read_log
from interval_tables import markdown

import clvcore as clv
from clvcore.backtest.metrics import rmse
from clvcore.features import take_outcome, take_snapshot
from clvcore.members.boosted import Correction
from clvcore.records.numbers import Floats

WHOLE = "the whole ensemble"
# part -> names to replace while it is left out
PARTS: dict[str, dict[str, object]] = {
    "boosted trees": {"clvcore.members.boosted.MIN_BUYERS": 10**9},
    "XGBoost": {"clvcore.members.boosted.Correction.logs": None},
    "LightGBM": {"clvcore.members.boosted.Correction.logs": None},
    "attribute columns": {"clvcore.features.attributes.MOST_LEVELS": 0},
    "last-window spend": {"clvcore.members.ensemble.WINDOW_SHRINKAGE": 0.0},
    "cohort member": {"clvcore.members.ensemble.COHORT_SHRINKAGE": 0.0},
    "stretch": {"clvcore.members.ensemble.STRETCH": 1.0},
    "seasonal clock": {"clvcore.models.seasonal_mbg.CLOCK_ROUNDS": 0},
    "covariate of first customers": {"clvcore.models.seasonal_mbg.CENSORING_DAYS": 1e-9},
    "midpoint with BG/NBD": {"clvcore.models.seasonal_mbg.MIDPOINT_RANGE": (1.0, 1.0)},
    "soft cap on lone amounts": {"clvcore.models.order_value.CAP_QUANTILE": 1.0},
    "level after two seasons": {"clvcore.members.ensemble.LEVEL_HISTORY": 10**9},
}
ALONE = {"XGBoost": "lightgbm", "LightGBM": "xgboost"}


def errors(case: Case, transactions: clv.Transactions) -> dict[str, float]:
    """Return the RMSE of the ensemble on one case, whole and with each part left out."""
    snapshot = take_snapshot(transactions, as_of=case.as_of)
    actual = take_outcome(transactions, snapshot, end=case.end).customers["revenue"].to_numpy()
    found = {WHOLE: rmse(actual, _forecast(case, transactions))}
    for part in PARTS:
        with _without(part):
            found[part] = rmse(actual, _forecast(case, transactions))
    return found


def as_table(found: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Return RMSE over the whole's: a row per part, a column per case and two means."""
    table = pd.DataFrame(found)
    ratios = table.drop(index=WHOLE) / table.loc[WHOLE]
    real = [case.name for case in CASES if case.real and case.name in ratios]
    simulated = [name for name in ratios if name not in real]
    for heading, names in (("real", real), ("simulated", simulated)):
        if names:
            ratios[heading] = np.exp(np.log(ratios[names]).mean(axis=1))
    return ratios


@contextmanager
def _without(part: str) -> Iterator[None]:
    """Switch a part off by the constant that governs it."""
    whole_logs = Correction.logs

    def one_booster(correction: Correction, *material: object) -> dict[str, Floats]:
        logs = whole_logs(correction, *material)
        return dict.fromkeys(logs, logs[ALONE[part]])

    patches = [
        patch(name, one_booster if value is None else value) for name, value in PARTS[part].items()
    ]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def _forecast(case: Case, transactions: clv.Transactions) -> Floats:
    config = clv.ForecastConfig(model="ensemble", as_of=case.as_of, horizon_days=case.horizon_days)
    return clv.forecast(transactions, config).customers["clv"].to_numpy()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and perhaps write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folder = os.environ.get("CLV_DATA")
    parser.add_argument("--cases", default="", help="only cases whose name contains this")
    parser.add_argument("--customers", type=int, default=SHOP_CUSTOMERS, help="per simulated shop")
    parser.add_argument("--data", type=Path, default=Path(folder) if folder else None)
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    options = parser.parse_args(arguments)
    found: dict[str, dict[str, float]] = {}
    for case in CASES:
        if options.cases not in case.name or (case.real and options.data is None):
            continue
        log = read_log(case.log, folder=options.data, customers=options.customers)
        found[case.name] = errors(case, log)
        sys.stderr.write(f"{case.name}\n")
    table = as_table(found)
    rows = [[str(part), *(f"{ratio:.3f}" for ratio in row)] for part, row in table.iterrows()]
    text = markdown(["without", *table.columns], rows) + "\n"
    sys.stdout.write(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
