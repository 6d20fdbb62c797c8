"""What forecasts on past days prove about the intervals that ship: counted, not assumed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from clvcore.backtest import ScoredBacktest, ScoredOrigin
from clvcore.columns import (
    CALIBRATION_FRAME,
    COVERAGE_FRAME,
    FAIR,
    FREQUENCY,
    FREQUENCY_CLASSES,
    GOOD,
    NOT_MEASURED,
    PAST_TOTALS_FRAME,
    PIT_FRAME,
    WEAK,
)
from clvcore.config import Segmentation
from clvcore.errors import Notice
from clvcore.metrics import r2, wilson
from clvcore.origins import label_window
from clvcore.promises import Trust
from clvcore.records import Floats
from clvcore.segments import value_segments
from clvcore.uncertainty import (
    Future,
    common_factor,
    group_totals,
    level_uncertainty,
    season_seen,
)

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
    tables = [_outcomes(origin, model, segmentation) for origin in origins]
    outcomes = pd.concat(tables, ignore_index=True)
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


def _outcomes(origin: ScoredOrigin, model: str, segmentation: Segmentation) -> pd.DataFrame:
    """Return one row per customer: what was forecast, between what, and what happened."""
    hurdle = origin.members[model]
    x = origin.customers[FREQUENCY].to_numpy()
    classes = np.select([x == 0, x < MANY_REPEATS], FREQUENCY_CLASSES[:2], FREQUENCY_CLASSES[2])
    table = {
        "all": "all",
        "frequency": classes,
        "segment": value_segments(hurdle.mean, segmentation),
        "origin": origin.day.isoformat(),
        "actual": origin.actual,
        "mean": hurdle.mean,
    }
    nothing = 1.0 - hurdle.shape.buys
    for level in LEVELS:
        table[f"least {level}"] = np.maximum(nothing, level)
        table[f"lower {level}"], table[f"upper {level}"] = hurdle.shipped(level)
        table[f"raw lower {level}"], table[f"raw upper {level}"] = hurdle.bounds(level)
    return pd.DataFrame(table)


def _coverage(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Count at each level, over everyone and within each group; one sum per column and group."""
    groups = {scope: pd.factorize(outcomes[scope], sort=True) for scope in SCOPES}
    tables = []
    for level in LEVELS:
        measures = _measures(outcomes, level)
        for scope, (codes, keys) in groups.items():
            sums: dict[str, Floats] = {
                name: np.bincount(codes, weights=each, minlength=len(keys)).astype(np.float64)
                for name, each in measures.items()
            }
            sizes = np.bincount(codes, minlength=len(keys))
            tables.append(_covered(scope, keys, level, sizes, sums))
    frame = pd.concat(tables, ignore_index=True)
    frame["scope"] = pd.Categorical(frame["scope"], SCOPES)
    frame = frame.sort_values(["scope", "key", "level"], ignore_index=True)
    return frame[list(COVERAGE_FRAME)].astype({"scope": "str", "key": "str"})


def _measures(outcomes: pd.DataFrame, level: float) -> dict[str, Floats]:
    """Return what is averaged over customers, each of shape (customers,)."""
    actual, lower, upper, low, high = (
        outcomes[name].to_numpy(dtype=np.float64)
        for name in (
            "actual", f"lower {level}", f"upper {level}", f"raw lower {level}", f"raw upper {level}"
        )
    )  # fmt: skip
    missed = np.maximum(lower - actual, 0.0) + np.maximum(actual - upper, 0.0)
    return {
        "held": (missed == 0).astype(np.float64),
        "raw": ((low <= actual) & (actual <= high)).astype(np.float64),
        "width": upper - lower,
        "winkler": upper - lower + 2.0 / (1.0 - level) * missed,
        "zeros": (actual == 0).astype(np.float64),
        "least": outcomes[f"least {level}"].to_numpy(dtype=np.float64),
    }


def _covered(
    scope: str, keys: pd.Index, level: float, sizes: Ints, sums: dict[str, Floats]
) -> pd.DataFrame:
    held = sums["held"].astype(np.int64)
    ends = np.array([wilson(int(h), int(n)) for h, n in zip(held, sizes, strict=True)])
    return pd.DataFrame(
        {
            "scope": scope,
            "key": keys.astype("str"),
            "level": level,
            "customers": sizes,
            "held": held,
            "coverage": held / sizes,
            "wilson_lower": ends[:, 0],
            "wilson_upper": ends[:, 1],
            "raw_coverage": sums["raw"] / sizes,
            "width": sums["width"] / sizes,
            "winkler": sums["winkler"] / sizes,
            "zeros": sums["zeros"] / sizes,
            "least": sums["least"] / sizes,
        }
    )


def _past_totals(
    origins: list[ScoredOrigin],
    model: str,
    backtest: ScoredBacktest,
    *,
    level: float,
    segmentation: Segmentation,
) -> pd.DataFrame:
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
        everyone = pd.Series("all", index=origin.customers.index)
        segments = pd.Series(
            value_segments(hurdle.mean, segmentation), index=origin.customers.index
        )
        keys = {"all": everyone, "segment": segments, "cohort": origin.customers["cohort"]}
        for scope, key in keys.items():
            table = group_totals(hurdle.mean, hurdle.variance(), key, common)
            happened = origin.customers["actual"].groupby(key.to_numpy()).sum()
            tables.append(
                table.assign(
                    origin=pd.Timestamp(origin.day),
                    scope=scope,
                    actual=happened.reindex(table["key"]).to_numpy(),
                    level=level,
                )
            )
    totals = pd.concat(tables, ignore_index=True).rename(columns={"total": "forecast"})
    return totals[list(PAST_TOTALS_FRAME)].astype({"scope": "str", "key": "str"})


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


def _calibration(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return mean forecast and outcome by tenth of the forecast; ties stay together by content."""
    order = np.lexsort((outcomes["actual"].to_numpy(), outcomes["mean"].to_numpy()))
    tenth = np.empty(len(order), dtype=np.int64)
    tenth[order] = np.arange(len(order)) * BINS // len(order) + 1
    groups = outcomes.groupby(tenth)
    frame = pd.DataFrame(
        {
            "customers": groups.size(),
            "forecast": groups["mean"].mean(),
            "actual": groups["actual"].mean(),
        }
    ).rename_axis("tenth")
    return frame.reset_index()[list(CALIBRATION_FRAME)]


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
