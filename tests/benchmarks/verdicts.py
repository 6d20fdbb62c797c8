"""Whether a model keeps what is promised of it: targets over the eight cases, PASS or FAIL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from cases import CASES

GINI_CASE = CASES[0].name
PASS, FAIL, NOT_MEASURED = "PASS", "FAIL", "NOT MEASURED"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One target, what was measured against it, and whether it is met."""

    what: str
    measured: str
    target: str
    status: str


@dataclass(frozen=True, eq=False, kw_only=True)
class _Evidence:
    """The model's rows, the tutorial's and each case's best baseline, one row per case."""

    model: pd.DataFrame
    tutorial: pd.DataFrame
    baseline_rmse: pd.Series

    @classmethod
    def of(cls, table: pd.DataFrame, model: str) -> _Evidence:
        mine = table[(table["kind"] == "model") & (table["forecaster"] == model)]
        peers = table[table["kind"] == "tutorial"]
        naive = table[table["kind"] == "baseline"].groupby("case")["rmse"].min()
        model_rows = mine.set_index("case")
        return cls(
            model=model_rows,
            tutorial=peers.set_index("case").reindex(model_rows.index),
            baseline_rmse=naive.reindex(model_rows.index),
        )

    def ratios(self, *, real: bool) -> np.ndarray:
        rows = self.model[self.model["real"] == real]
        return rows["ratio"].to_numpy(dtype=float)

    def behind(self, name: str) -> float:
        """How far the model's ranking falls behind the tutorial's where it does so most."""
        return float(np.max((self.tutorial[name] - self.model[name]).to_numpy()))

    def biases(self) -> np.ndarray:
        return np.abs(self.model["bias"].to_numpy(dtype=float))


@dataclass(frozen=True, kw_only=True)
class _Target:
    what: str
    target: str
    measure: Callable[[_Evidence], float]
    met: Callable[[float], bool]
    shown: str = "{:.3f}"


TARGETS = (
    _Target(
        what="real cases with an RMSE below the tutorial's",
        target="5 of 5",
        # a lead the table does not show is the optimizer's noise
        measure=lambda e: float((e.ratios(real=True).round(3) < 1).sum()),
        met=lambda cases: cases == 5,
        shown="{:.0f} of 5",
    ),
    _Target(
        what="geometric mean of the RMSE ratios, five real cases",
        target="at most .90; stretch .87",
        measure=lambda e: float(np.exp(np.mean(np.log(e.ratios(real=True))))),
        met=lambda ratio: ratio <= 0.90,
    ),
    _Target(
        what="worst RMSE ratio, three simulated cases",
        target="at most 1.01",
        measure=lambda e: float(np.max(e.ratios(real=False))),
        met=lambda ratio: ratio <= 1.01,
    ),
    _Target(
        what="cases with an RMSE below the best naive baseline's",
        target="at least 7 of 8",
        measure=lambda e: float((e.model["rmse"] < e.baseline_rmse).sum()),
        met=lambda cases: cases >= 7,
        shown="{:.0f} of 8",
    ),
    _Target(
        what="Gini behind the tutorial's, at most by",
        target="at most .005",
        measure=lambda e: e.behind("gini"),
        met=lambda gap: gap <= 0.005,
        shown="{:+.4f}",
    ),
    _Target(
        what="Spearman behind the tutorial's, at most by",
        target="at most .005",
        measure=lambda e: e.behind("spearman"),
        met=lambda gap: gap <= 0.005,
        shown="{:+.4f}",
    ),
    _Target(
        what=f"Gini on {GINI_CASE}",
        target="at least .71",
        measure=lambda e: float(e.model.loc[GINI_CASE, "gini"]),
        met=lambda value: value >= 0.71,
    ),
    _Target(
        what="median absolute bias over the eight",
        target="at most .07",
        measure=lambda e: float(np.median(e.biases())),
        met=lambda value: value <= 0.07,
    ),
    _Target(
        what="worst absolute bias",
        target="at most .25",
        measure=lambda e: float(np.max(e.biases())),
        met=lambda value: value <= 0.25,
    ),
)


def judge(table: pd.DataFrame, model: str) -> list[Verdict]:
    """Hold ``model`` against every target.

    A forecast that failed counts as missed. Without all eight cases nothing is judged: every
    target is then NOT MEASURED.

    Parameters
    ----------
    table
        Rows of ``accuracy.measure`` for all cases.
    model
        A forecaster of kind ``model``.
    """
    evidence = _Evidence.of(table, model)
    whole = set(evidence.model.index) == {case.name for case in CASES}
    return [_judge(target, evidence) if whole else _open(target) for target in TARGETS]


def _judge(target: _Target, evidence: _Evidence) -> Verdict:
    value = target.measure(evidence)
    return Verdict(
        what=target.what,
        measured=target.shown.format(value),
        target=target.target,
        # a comparison with NaN is false, so a missing number never passes
        status=PASS if target.met(value) else FAIL,
    )


def _open(target: _Target) -> Verdict:
    return Verdict(what=target.what, measured="-", target=target.target, status=NOT_MEASURED)
