"""Whether the intervals keep what is promised: targets over the eight cases, PASS or FAIL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from cases import CASES
from verdicts import FAIL, NOT_MEASURED, PASS, Verdict

OURS = "ours"
PAIRS, CLASS_MISS, ZEROS_NEAR = 40, 0.05, 0.05
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Seconds for ``customers``, once fitted: everyone's bounds at three levels, a total by id."""

    customers: int
    bounds: float
    total: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Measured:
    """What the benchmark saw.

    Parameters
    ----------
    customers
        One row per case, forecaster and level: ``case``, ``forecaster``, ``level``, ``zeros``
        (share who spent nothing), ``coverage``, ``winkler``, ``in_band`` and ``problem``.
    classes
        The same for each frequency ``class`` that is large enough, with its ``customers``.
    totals
        One row per case, origin and group: ``case``, ``origin`` (last day known), ``past`` (whether
        the run looked back at it itself), ``scope``, ``key``, ``customers``, ``actual``,
        ``forecast``, ``lower``, ``upper``, ``hit`` and ``half_width``, a share of the forecast.
    speed
        Timings, if taken.
    """

    customers: pd.DataFrame
    classes: pd.DataFrame
    totals: pd.DataFrame
    speed: Speed | None = None

    @classmethod
    def of(cls, parts: Iterable[Measured], speed: Speed | None = None) -> Measured:
        """Put cases together."""
        parts = list(parts)
        tables = {
            name: pd.concat([getattr(part, name) for part in parts], ignore_index=True)
            for name in ("customers", "classes", "totals")
        }
        return cls(**tables, speed=speed)

    def by_forecaster(self, value: str) -> pd.DataFrame:
        """Return a column of ``customers``, one row per case and level, by forecaster."""
        rows = self.customers.set_index(["case", "level"])
        return pd.concat({name: own[value] for name, own in rows.groupby("forecaster")}, axis=1)

    def present(self, scope: str) -> pd.DataFrame:
        """Return the totals of a scope as the cases ask for them, past origins apart."""
        return self.totals[(self.totals["scope"] == scope) & ~self.totals["past"].astype(bool)]

    def of_ours(self, value: str) -> pd.Series:
        """Return a column of ``customers`` for our intervals, by case and level."""
        return self.by_forecaster(value)[OURS]


Finding = tuple[bool, str]


@dataclass(frozen=True, kw_only=True)
class _Target:
    """A promise; ``find`` says whether it is kept and what was seen, ``None`` if nothing was."""

    what: str
    target: str
    find: Callable[[Measured], Finding | None]


def judge_intervals(measured: Measured) -> list[Verdict]:
    """Hold our intervals against every target.

    Without all eight cases the tables prove nothing: those targets are then NOT MEASURED, like
    timings that were not taken. A total without bounds is missed.
    """
    whole = set(measured.customers["case"]) == {case.name for case in CASES}
    found = [
        (target, target.find(measured) if whole or target in SPEED_TARGETS else None)
        for target in TARGETS
    ]
    return [
        Verdict(what=target.what, target=target.target, measured="-", status=NOT_MEASURED)
        if finding is None
        else Verdict(
            what=target.what,
            target=target.target,
            measured=finding[1],
            status=PASS if finding[0] else FAIL,
        )
        for target, finding in found
    ]


def _worst_miss(measured: Measured) -> Finding:
    """Find how far coverage falls below its level where it does so most."""
    over = measured.of_ours("coverage")
    over = over - over.index.get_level_values("level")
    worst = float(np.min(over.to_numpy()))
    return worst >= -0.02 - _ROUNDING, f"{worst:+.3f}"


def _in_band(measured: Measured) -> Finding:
    flags = measured.of_ours("in_band")
    return int(flags.sum()) >= 18, f"{flags.sum():.0f} of {len(flags)}"


def _in_band_at_95(measured: Measured) -> Finding:
    flags = measured.of_ours("in_band").xs(0.95, level="level")
    return int(flags.sum()) >= 7, f"{flags.sum():.0f} of {len(flags)}"


def _classes_held(measured: Measured) -> Finding:
    """Find the share of classes within 5 points; above is excused where zeros are near."""
    rows = measured.classes[measured.classes["forecaster"] == OURS]
    over = rows["coverage"] - rows["level"]
    near = over.abs() <= CLASS_MISS + _ROUNDING
    excused = (over > 0) & (rows["zeros"] >= rows["level"] - ZEROS_NEAR - _ROUNDING)
    share = float((near | excused).mean())
    seen = f"{share:.0%} of {len(rows)}, {near.mean():.0%} without the excuse of zeros"
    return share >= 0.85, seen


def _best_winkler(measured: Measured) -> Finding:
    """Count rows at or below every rival that is itself in band."""
    scores, flags = measured.by_forecaster("winkler"), measured.by_forecaster("in_band")
    ours = scores.pop(OURS)
    rivals = scores.where(flags[scores.columns].astype(bool), np.inf).min(axis=1)
    # a comparison with NaN is false, so a forecast that failed leads nobody
    ahead = int((ours <= rivals).sum())
    return ahead >= 20, f"{ahead} of {len(ours)}"


def _ratio_to(rival: str, most: float) -> Callable[[Measured], Finding]:
    """Compare geometric means; a rival's infinite score is no evidence for anyone."""

    def find(measured: Measured) -> Finding:
        scores = measured.by_forecaster("winkler")
        rows = scores[np.isfinite(scores[rival])]
        ratio = float(np.exp(np.mean(np.log((rows[OURS] / rows[rival]).to_numpy()))))
        return ratio <= most, f"{ratio:.3f} over {len(rows)} of {len(scores)}"

    return find


def _totals_hit(measured: Measured) -> Finding:
    hits = measured.totals["hit"]
    kept = 0.90 <= hits.mean() <= 0.99 and len(hits) >= PAIRS
    return bool(kept), f"{hits.mean():.1%} of {len(hits)}"


def _wholes_hit(measured: Measured) -> Finding:
    hits = measured.present("all")["hit"]
    return int(hits.sum()) >= 7, f"{hits.sum():.0f} of {len(hits)}"


def _half_width(scope: str, most: float) -> Callable[[Measured], Finding]:
    def find(measured: Measured) -> Finding:
        rows = measured.present(scope)
        median = float(np.median(rows["half_width"].to_numpy()))  # one without bounds fails
        return median <= most, f"{median:.1%}"

    return find


def _seconds(name: str, most: float) -> Callable[[Measured], Finding | None]:
    def find(measured: Measured) -> Finding | None:
        if measured.speed is None:
            return None
        seconds = getattr(measured.speed, name)
        return seconds <= most, f"{1000 * seconds:.0f} ms, {measured.speed.customers:,} customers"

    return find


SPEED_TARGETS = (
    _Target(
        what="bounds at three levels, once fitted",
        target="at most 250 ms for 100,000 customers",
        find=_seconds("bounds", 0.250),
    ),
    _Target(
        what="total of any selection, once fitted",
        target="at most 20 ms for 100,000 customers",
        find=_seconds("total", 0.020),
    ),
)
TARGETS = (
    _Target(what="coverage below its level, at worst by", target="at most .02", find=_worst_miss),
    _Target(what="cases and levels in band", target="at least 18 of 24", find=_in_band),
    _Target(what="cases in band at 95 %", target="at least 7 of 8", find=_in_band_at_95),
    _Target(what="frequency classes within 5 points", target="at least 85 %", find=_classes_held),
    _Target(
        what="Winkler score at or below every rival's in band",
        target="at least 20 of 24",
        find=_best_winkler,
    ),
    _Target(
        what="geometric mean of Winkler scores over those of cqr",
        target="at most .85",
        find=_ratio_to("cqr", 0.85),
    ),
    _Target(
        what="geometric mean of Winkler scores over those of mondrian_cps",
        target="at most .80",
        find=_ratio_to("mondrian_cps", 0.80),
    ),
    _Target(
        what="95 % totals hit, whole, segments and cohorts",
        target=f"90 to 99 % of at least {PAIRS}",
        find=_totals_hit,
    ),
    _Target(what="totals of the whole hit", target="at least 7 of 8", find=_wholes_hit),
    _Target(
        what="median half-width of the whole", target="at most 32 %", find=_half_width("all", 0.32)
    ),
    _Target(
        what="median half-width of segments",
        target="at most 50 %",
        find=_half_width("segment", 0.50),
    ),
    *SPEED_TARGETS,
)
