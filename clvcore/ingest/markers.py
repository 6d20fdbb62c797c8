"""What programs write where there is nothing: a missing value, not a customer called NULL."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.distinct import Distinct

Bools = npt.NDArray[np.bool_]

# in lower case; nobody is called so: databases, spreadsheets, pandas, R, SAS
CERTAIN = (
    r"\n", "(null)", "<null>", "[null]", "{null}", "<na>", "<none>", "(none)", "(blank)", "(empty)",
    "#n/a", "#n/a n/a", "#na", "#null!", "#ref!", "#value!", "#name?", "#num!", "#div/0!", "nat",
    "<nat>", "<missing>", "(missing)", "''", '""',
)  # fmt: skip
# these are names, too: Null, Nan and None are people's, NA is Namibia
LIKELY = (
    "null", "none", "na", "n/a", "n.a.", "n.a", "nan", "-nan", "nil", "nul", "-", "--", "---", "–",
    "—", ".", "..", "?", "missing", "empty", "blank",
)  # fmt: skip
# a spreadsheet's failed sum is not missing, it is wrong: amounts with it are unreadable
FAILED = ("#null!", "#ref!", "#value!", "#name?", "#num!", "#div/0!")
MISSING = tuple(marker for marker in (*CERTAIN, *LIKELY) if marker not in FAILED)
MIXED = ("NaN", "-NaN", "NaT", "<NaT>")
SHARE_OF_ROWS = 0.01
FEWEST_ROWS = 3
TIMES_USUAL = 3.0  # the rows of an ordinary customer


def without_markers(distinct: Distinct) -> tuple[Distinct, frozenset[str]]:
    """Blank the markers of a column of dates or numbers, where they can be nothing else.

    Returns
    -------
    Distinct
        The same values; rows with a marker are blank.
    frozenset of str
        The markers found, in lower case.
    """
    found = _among(distinct.texts, MISSING)
    return _blanked(distinct, found), _named(distinct.texts, found)


def without_id_markers(
    distinct: Distinct, elsewhere: frozenset[str] = frozenset()
) -> tuple[Distinct, Bools]:
    """Blank the markers of a column of ids; what may be a name only where it is no customer's.

    Such a word is a marker where other columns have it for missing values, or where it has far
    more rows than a customer and one row in a hundred.

    Returns
    -------
    Distinct
        The same values; rows with a marker are blank.
    ndarray of bool
        Shape (values,): the markers.
    """
    either = np.flatnonzero(_among(distinct.texts, (*CERTAIN, *LIKELY)))
    found = np.zeros(len(distinct.texts), dtype=bool)
    if not either.size:
        return distinct, found
    words = distinct.texts.take(pa.array(either))
    found[either] = _among(words, CERTAIN)
    likely = either[_among(words, LIKELY)]
    rows = distinct.rows
    usual = float(np.median(np.delete(rows, likely))) if likely.size < rows.size else 0.0
    for place in likely:
        many = rows[place] >= max(FEWEST_ROWS, SHARE_OF_ROWS * rows.sum(), TIMES_USUAL * usual)
        found[place] = many or distinct.texts[int(place)].as_py().lower() in elsewhere
    return _blanked(distinct, found), found


def without_any_marker(distinct: Distinct) -> Distinct:
    """Blank every marker of a column of order ids: no two orders are one because both have none.

    Only ids of several rows are looked at: by itself, an order called ``-`` does no harm.
    """
    several = np.flatnonzero(distinct.rows > 1)
    if not several.size:
        return distinct
    found = np.zeros(len(distinct.texts), dtype=bool)
    found[several] = _among(distinct.texts.take(pa.array(several)), (*CERTAIN, *LIKELY))
    return _blanked(distinct, found)


def _among(texts: pa.Array, markers: tuple[str, ...]) -> Bools:
    found = pc.is_in(texts, value_set=_spellings(markers))
    return found.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


@cache
def _spellings(markers: tuple[str, ...]) -> pa.Array:
    """Return markers as they are written; cheaper than every text of a column in lower case."""
    written = {how(marker) for marker in markers for how in (str, str.upper, str.title)}
    return pa.array(sorted(written | {form for form in MIXED if form.lower() in markers}))


def _named(texts: pa.Array, found: Bools) -> frozenset[str]:
    if not found.any():
        return frozenset()
    return frozenset(pc.ascii_lower(texts.filter(pa.array(found))).to_pylist())


def _blanked(distinct: Distinct, found: Bools) -> Distinct:
    if not found.any():
        return distinct
    place = np.where(np.append(found, False)[distinct.place], -1, distinct.place)
    return replace(distinct, place=place, rows=np.where(found, 0, distinct.rows))
