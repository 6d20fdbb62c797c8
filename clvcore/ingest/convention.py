"""One convention for a whole column: the one every row fits, or a question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

TYPO_SHARE = 0.01


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The convention of a column, or why there is none.

    ``name`` is the convention, or None. Then either every row fits ``rivals`` alike and
    ``example`` is a value they read differently, or the rows contradict each other:
    ``example`` fits only the first rival and ``counterexample`` only the second.
    """

    name: str | None
    rivals: tuple[str, ...] = ()
    example: int | None = None
    counterexample: int | None = None


def decide(fits: dict[str, Bools], differs: dict[tuple[str, str], Bools], rows: Ints) -> Verdict:
    """Choose among conventions by every row of a column.

    Parameters
    ----------
    fits
        Convention -> shape (values,): which distinct values it can read.
    differs
        Pair of conventions -> shape (values,): both can read the value, but differently.
    rows
        Shape (values,): how many rows hold each value.

    A few rows against (up to 1 % of those that tell the two best apart) are taken for slips.
    """
    readable = np.logical_or.reduce(list(fits.values()))
    if not readable.any():
        return Verdict(name=next(iter(fits)))
    ranked = sorted(fits, key=lambda name: -int(rows[fits[name]].sum()))
    best = ranked[0]
    for rival in ranked[1:]:
        only_best, only_rival = fits[best] & ~fits[rival], fits[rival] & ~fits[best]
        against, for_best = int(rows[only_rival].sum()), int(rows[only_best].sum())
        if against > TYPO_SHARE * (against + for_best):
            return Verdict(
                name=None,
                rivals=(best, rival),
                example=int(only_best.argmax()),
                counterexample=int(only_rival.argmax()),
            )
        unlike = differs.get((best, rival), differs.get((rival, best)))
        if not for_best and unlike is not None and unlike.any():
            return Verdict(name=None, rivals=(best, rival), example=int(unlike.argmax()))
    return Verdict(name=best)
