"""What forecasts on past days prove about the intervals that ship: counted, not assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.arrays.frames import text_columns
from clvcore.backtest.metrics import r2, wilson
from clvcore.records.columns import (
    CALIBRATION_FRAME,
    COVERAGE_FRAME,
    FAIR,
    FREQUENCY,
    FREQUENCY_CLASSES,
    GOOD,
    NOT_MEASURED,
    PAST_TOTALS_FRAME,
    PIT_FRAME,
    SEGMENTS,
    WEAK,
)
from clvcore.records.config import Segmentation
from clvcore.records.errors import Notice
from clvcore.records.numbers import Floats
from clvcore.records.trust import Trust
from clvcore.uncertainty import (
    Future,
    common_factor,
    level_uncertainty,
    season_seen,
    totals_of,
)
from clvcore.value.segments import value_groups

if TYPE_CHECKING:
    from clvcore.backtest.rolling import ScoredBacktest, ScoredOrigin

Ints = npt.NDArray[np.int64]

SCOPES = ("all", "frequency", "segment", "origin")
LEVELS = (0.5, 0.8, 0.9, 0.95)
TOTALS_LEVEL = 0.95
ROUNDING = 1e-9
JUDGED = (0.8, 0.9, 0.95)
GOOD_POINTS, FAIR_POINTS = 0.03, 0.07
BINS = 10
MANY_REPEATS = 4


def measure_trust(
    backtest: ScoredBacktest,
    model: str,
    *,
    future: Future,
    segmentation: Segmentation,
) -> Trust:
    """Hold the intervals that ``model`` gave on past days against what happened.

    Coverage is counted for the shipped bounds. The verdict is *good* if at 80, 90 and 95 % it is
    within 3 points of the level and every past total lies inside its interval, *fair* within 7
    points, *weak* beyond, and *not measured* without a past window as long as the horizon. An
    interval that starts at nothing holds everyone who buys nothing; where that is likelier than
    the level asks for, being over is measured from it. The verdict judges totals at 95 %.

    Parameters
    ----------
    backtest
        With the forecasts of each past day.
    model
        The member that ships.
    future
        What lies ahead of the forecast that ships, and the level of its totals.
    segmentation
        Rule by which past customers are sorted by their forecast then.
    """
    seen, uncertainty = future.seen, level_uncertainty(future.whole)
    origins = [origin for origin in backtest.origins if model in origin.members]
    if not origins or not any(origin.actual.any() for origin in origins):
        return Trust(
            season_seen=seen,
            level_uncertainty=uncertainty,
            reasons=_why_not(backtest, scored=bool(origins)),
        )
    outcomes = _outcomes(origins, model, segmentation)
    covered = _coverage(outcomes)
    totals = _past_totals(origins, model, backtest, level=future.level, segmentation=segmentation)
    judged = totals
    if future.level != TOTALS_LEVEL:
        judged = _past_totals(
            origins, model, backtest, level=TOTALS_LEVEL, segmentation=segmentation
        )
    verdict, reasons = _judge(covered, judged, backtest)
    return Trust(
        verdict=verdict,
        reasons=reasons,
        window_days=backtest.window_days,
        is_full_length=backtest.is_full_length,
        coverage=covered,
        totals=totals,
        pit=_transform_histogram(origins, model),
        calibration=_calibration(outcomes),
        season_seen=seen,
        level_uncertainty=uncertainty,
        r2=float(np.mean([r2(past.actual, past.members[model].mean) for past in origins])),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Outcomes:
    """Everyone scored: ``groups`` are codes and names by scope, ``columns`` (customers,) each."""

    groups: dict[str, tuple[Ints, list[str]]]
    columns: dict[str, Floats]


def _outcomes(origins: list[ScoredOrigin], model: str, segmentation: Segmentation) -> _Outcomes:
    """Return one row per customer: what was forecast, between what, and what happened."""
    parts = [_forecast_and_happened(origin, model) for origin in origins]
    frequency = [origin.customers[FREQUENCY].to_numpy() for origin in origins]
    segments = [value_groups(part["mean"], segmentation) for part in parts]
    sizes = [len(part["mean"]) for part in parts]
    days = [origin.day.isoformat() for origin in origins]
    classes = np.searchsorted([1, MANY_REPEATS], np.concatenate(frequency), side="right")
    return _Outcomes(
        groups={
            "all": (np.zeros(sum(sizes), dtype=np.int64), ["all"]),
            "frequency": _present(classes, FREQUENCY_CLASSES),
            "segment": _present(np.concatenate(segments), SEGMENTS),
            "origin": (np.repeat(np.argsort(np.argsort(days)), sizes), sorted(days)),
        },
        columns={name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
    )


def _forecast_and_happened(origin: ScoredOrigin, model: str) -> dict[str, Floats]:
    hurdle = origin.members[model]
    table = {"actual": origin.actual, "mean": hurdle.mean}
    nothing = 1.0 - hurdle.shape.buys
    for level in LEVELS:
        table[f"least {level}"] = np.maximum(nothing, level)
        table[f"lower {level}"], table[f"upper {level}"] = hurdle.shipped(level)
        table[f"raw lower {level}"], table[f"raw upper {level}"] = hurdle.bounds(level)
    return table


def _named(labels: pd.Series[str]) -> tuple[Ints, list[str]]:
    """Return the number of each label, and the sorted names."""
    codes, names = pd.factorize(labels, sort=True)
    return codes.astype(np.int64), [str(name) for name in names]


def _present(codes: Ints, names: Sequence[str]) -> tuple[Ints, list[str]]:
    """Return codes for the sorted names that occur, and these names."""
    here = sorted(names[code] for code in np.unique(codes))
    place = np.array([here.index(name) if name in here else -1 for name in names])
    return place[codes], here


def _coverage(outcomes: _Outcomes) -> pd.DataFrame:
    """Count at each level, over everyone and within each group.

    Customers are summed once, by cells that no group cuts through; groups are sums of cells.
    """
    cell, cells = _cells([outcomes.groups[scope] for scope in SCOPES])
    sizes = np.bincount(cell, minlength=len(cells[0]))
    sums = [_summed(outcomes.columns, level, cell, len(sizes)) for level in LEVELS]
    parts: list[dict[str, npt.NDArray[Any]]] = []
    for scope, group in zip(SCOPES, cells, strict=True):
        names = outcomes.groups[scope][1]
        member = group == np.arange(len(names))[:, None]
        part: dict[str, npt.NDArray[Any]] = {
            "scope": np.full(len(names) * len(LEVELS), scope, dtype=object),
            "key": np.repeat(np.array(names, dtype=object), len(LEVELS)),
            "level": np.tile(LEVELS, len(names)),
            "customers": np.repeat(member @ sizes, len(LEVELS)),
        }
        for measure in sums[0]:
            part[measure] = np.column_stack([member @ each[measure] for each in sums]).ravel()
        parts.append(part)
    return _covered({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _cells(groups: list[tuple[Ints, list[str]]]) -> tuple[Ints, list[Ints]]:
    """Return the cell of each customer, and the group that each cell is in, by scope."""
    shape = [len(names) for _, names in groups]
    cell = np.ravel_multi_index([codes for codes, _ in groups], shape)
    return cell.astype(np.int64), list(np.unravel_index(np.arange(np.prod(shape)), shape))


def _summed(columns: dict[str, Floats], level: float, cell: Ints, cells: int) -> dict[str, Floats]:
    """Return the sum of each measure at a level, shape (cells,)."""
    return {
        name: np.bincount(cell, each, minlength=cells).astype(np.float64, copy=False)
        for name, each in _measures(columns, level).items()
    }


def _measures(columns: dict[str, Floats], level: float) -> dict[str, Floats]:
    """Return what is averaged over customers, each of shape (customers,)."""
    actual, lower, upper, low, high = (
        columns[name]
        for name in (
            "actual", f"lower {level}", f"upper {level}", f"raw lower {level}", f"raw upper {level}"
        )
    )  # fmt: skip
    missed = np.maximum(lower - actual, 0.0) + np.maximum(actual - upper, 0.0)
    return {
        "held": (missed == 0).astype(np.float64),
        "raw_coverage": ((low <= actual) & (actual <= high)).astype(np.float64),
        "width": upper - lower,
        "winkler": upper - lower + 2.0 / (1.0 - level) * missed,
        "zeros": (actual == 0).astype(np.float64),
        "least": columns[f"least {level}"],
    }


def _covered(sums: dict[str, npt.NDArray[Any]]) -> pd.DataFrame:
    """Turn sums into shares and means."""
    held, sizes = sums["held"].astype(np.int64), sums["customers"]
    ends = np.array([wilson(int(h), int(n)) for h, n in zip(held, sizes, strict=True)])
    means = {
        name: sums[name] / sizes for name in ("raw_coverage", "width", "winkler", "zeros", "least")
    }
    shares = {
        "held": held,
        "coverage": held / sizes,
        "wilson_lower": ends[:, 0],
        "wilson_upper": ends[:, 1],
    }
    return text_columns(pd.DataFrame(sums | shares | means), COVERAGE_FRAME)


def _past_totals(
    origins: list[ScoredOrigin],
    model: str,
    backtest: ScoredBacktest,
    *,
    level: float,
    segmentation: Segmentation,
) -> pd.DataFrame:
    # it brings all models along, and pages need only the constants of this module
    from clvcore.members.past import label_window

    tables = []
    for origin in origins:
        hurdle = origin.members[model]
        common = common_factor(
            level=level,
            seen=season_seen(origin.history_days, backtest.window_days),
            horizon_days=backtest.window_days,
            full_window=label_window(origin.history_days, backtest.window_days)
            == backtest.window_days,
        )
        groups = {
            "all": (np.zeros(len(hurdle.mean), dtype=np.int64), ["all"]),
            "segment": _present(value_groups(hurdle.mean, segmentation), SEGMENTS),
            "cohort": _named(origin.customers["cohort"]),
        }
        for scope, (codes, names) in groups.items():
            table = totals_of(hurdle.mean, hurdle.variance(), codes, names, common)
            rows = len(names)
            tables.append(
                table
                | {
                    "origin": np.full(rows, origin.day, dtype="datetime64[s]"),
                    "scope": np.full(rows, scope, dtype=object),
                    "actual": np.bincount(codes, weights=origin.actual, minlength=rows),
                    "level": np.full(rows, level),
                }
            )
    totals = pd.DataFrame(
        {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    ).rename(columns={"total": "forecast"})
    return text_columns(totals, PAST_TOTALS_FRAME)


def _transform_histogram(origins: list[ScoredOrigin], model: str) -> pd.DataFrame:
    """Return the share of outcomes per tenth of probability; a zero is spread over its chance."""
    edges = np.linspace(0.0, 1.0, BINS + 1)
    counts = np.zeros(BINS)
    for origin in origins:
        at = origin.members[model].transform(origin.actual)
        nothing = origin.actual <= 0
        counts += np.histogram(np.minimum(at[~nothing], 1.0), bins=edges)[0]
        reach = np.clip(edges[None, :] / at[nothing, None], 0.0, 1.0)
        counts += np.diff(reach, axis=1).sum(axis=0)
    shares = counts / counts.sum()
    frame = pd.DataFrame({"lower": edges[:-1], "upper": edges[1:], "share": shares})
    return frame[list(PIT_FRAME)]


def _calibration(outcomes: _Outcomes) -> pd.DataFrame:
    """Return mean forecast and outcome by tenth of the forecast; ties stay together by content."""
    actual, mean = outcomes.columns["actual"], outcomes.columns["mean"]
    order = np.lexsort((actual, mean))
    tenth = np.arange(len(order)) * BINS // len(order)
    sizes = np.bincount(tenth)
    present = np.flatnonzero(sizes)
    sums = [np.bincount(tenth, weights=each[order])[present] for each in (mean, actual)]
    frame = pd.DataFrame(
        {
            "tenth": present + 1,
            "customers": sizes[present],
            "forecast": sums[0] / sizes[present],
            "actual": sums[1] / sizes[present],
        }
    )
    return frame[list(CALIBRATION_FRAME)]


def _judge(
    covered: pd.DataFrame, totals: pd.DataFrame, backtest: ScoredBacktest
) -> tuple[str, tuple[Notice, ...]]:
    """Return the verdict by the rule of ``measure_trust``, and what it rests on."""
    everyone = covered[(covered["scope"] == "all") & covered["level"].isin(JUDGED)]
    off = np.abs(distance(everyone))
    worst = int(off.argmax())
    row = everyone.iloc[worst]
    whole = totals[totals["scope"] == "all"]
    inside = int(whole["actual"].between(whole["lower"], whole["upper"]).sum())
    reasons = [
        Notice(
            "COVERAGE_MEASURED",
            "On past dates the {level:.0%} ranges held {coverage:.1%} of {customers} outcomes.",
            level=float(row["level"]),
            coverage=float(row["coverage"]),
            customers=int(row["customers"]),
        ),
        _totals_notice(inside, len(whole)),
    ]
    if not backtest.is_full_length:
        reasons.append(
            Notice(
                "SHORTER_WINDOWS",
                "These were windows of {window} days, shorter than the forecast: at its own "
                "length nothing is measured.",
                window=backtest.window_days,
            )
        )
        return NOT_MEASURED, tuple(reasons)
    if off.max() <= GOOD_POINTS + ROUNDING and inside == len(whole):
        return GOOD, tuple(reasons)
    return (FAIR if off.max() <= FAIR_POINTS + ROUNDING else WEAK), tuple(reasons)


def _totals_notice(inside: int, totals: int) -> Notice:
    if totals > 1:
        return Notice(
            "PAST_TOTALS_INSIDE",
            "{inside} of {totals} past totals lay inside their range.",
            inside=inside,
            totals=totals,
        )
    if inside:
        return Notice("PAST_TOTAL_INSIDE", "The one past total lay inside its range.")
    return Notice("PAST_TOTAL_OUTSIDE", "The one past total lay outside its range.")


def _why_not(backtest: ScoredBacktest, *, scored: bool) -> tuple[Notice, ...]:
    """Say why nothing is measured although there are past dates."""
    if scored:
        return (
            Notice("NOTHING_SPENT", "Nobody spent anything after the past dates: nothing to hold."),
        )
    if backtest.origins:
        return (
            Notice("MODEL_NOT_SCORED", "The model that ships could not be fitted on past dates."),
        )
    return ()


def distance(rows: pd.DataFrame) -> Floats:
    """Return how far coverage lies from its level, negative below it.

    Being over counts from the least share that intervals starting at nothing can hold.
    """
    measured, level, least, zeros = (
        rows[c].to_numpy(dtype=np.float64) for c in ("coverage", "level", "least", "zeros")
    )
    over = np.maximum(measured - np.maximum(np.maximum(level, zeros), least), 0.0)
    return np.asarray(np.where(measured < level, measured - level, over))
