"""Ids and labels: text that means the same must be the same text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.container.cells import EXACT, number_text
from clvcore.ingest.distinct import Distinct, distinct_texts
from clvcore.ingest.ledger import CODE, Reading
from clvcore.ingest.markers import without_any_marker, without_id_markers
from clvcore.records.errors import Notice

Ints = npt.NDArray[np.int64]

MAX_LENGTH = 256
POINTED = r"^\d+\.0+$"
CONTROL = r"[\x00-\x1f\x7f-\x{9f}]"


@dataclass(frozen=True, eq=False, kw_only=True)
class IdReading(Reading):
    """Ids as text, shape (rows,): ``texts`` is null where an id is missing or invalid.

    ``ids`` are the distinct ones, invalid ones among them, and ``numbers`` each row's place there,
    -1 where there is none.
    """

    numbers: npt.NDArray[np.int64]
    ids: pa.Array
    texts: pa.Array
    notices: tuple[Notice, ...] = ()


def read_ids(
    column: pa.ChunkedArray,
    distinct: Distinct | None = None,
    *,
    markers: frozenset[str] = frozenset(),
) -> IdReading:
    """Read customer ids: trimmed, in Unicode's composed form, else exactly as they stand.

    Blank ids are missing; ids of more than 256 characters or with control characters (a line
    break from a stray quote, say) are invalid. ``distinct`` are the texts of the column, where
    they are known already, ``markers`` what stands for missing values in other columns.
    """
    distinct = distinct or distinct_texts(as_text(column))
    texts, rows = distinct.texts, distinct.rows
    distinct, missing = without_id_markers(distinct, markers)
    ids, onto, place = _composed(distinct)
    written = len(ids)
    ids, onto, place, pointed = _without_point(ids, onto, place)
    faults = np.zeros(place.size, dtype=np.uint8)
    long = pc.greater(pc.utf8_length(ids), MAX_LENGTH)
    invalid = pc.or_(long, pc.match_substring_regex(ids, CONTROL)).to_numpy(zero_copy_only=False)
    if invalid.any():
        faults[np.append(invalid, False)[place]] = CODE["invalid_customer_id"]
    faults[place < 0] = CODE["missing_customer_id"]
    wrong = faults > 0
    place[wrong] = -1
    spellings = int(distinct.spellings[~invalid[onto]].sum()) - (written - len(ids))
    return IdReading(
        numbers=place,
        faults=faults,
        ids=ids,
        texts=ids.take(pa.array(place, mask=wrong if wrong.any() else None)),
        notices=_marked(texts.filter(pa.array(missing)), rows[missing])
        + _rounded(column)
        + pointed
        + _notices(ids.filter(pa.array(~invalid)), spellings),
    )


def _composed(distinct: Distinct) -> tuple[pa.Array, Ints, Ints]:
    """Return the distinct ids in composed form, and where each text and each row is among them."""
    composed = pc.utf8_normalize(distinct.texts, form="NFC")
    if composed.equals(distinct.texts):
        return composed, np.arange(len(composed)), distinct.place.copy()
    encoded = pc.dictionary_encode(composed)
    onto = encoded.indices.to_numpy().astype(np.int64)
    return encoded.dictionary, onto, np.append(onto, -1)[distinct.place]


def _without_point(
    ids: pa.Array, onto: Ints, place: Ints
) -> tuple[pa.Array, Ints, Ints, tuple[Notice, ...]]:
    """Read 1001.0 as 1001 where that is an id as well: a program took some of them for numbers."""
    pointed = pc.match_substring_regex(ids, POINTED)
    if not pc.any(pointed).as_py():
        return ids, onto, place, ()
    bare = pc.replace_substring_regex(ids.filter(pointed), r"\.0+$", "")
    same = int(pc.sum(pc.is_in(bare, ids)).as_py())
    if not same:
        return ids, onto, place, ()
    encoded = pc.dictionary_encode(pc.replace_with_mask(ids, pointed, bare))
    now = encoded.indices.to_numpy().astype(np.int64)
    notice = Notice(
        "IDS_WITH_POINT",
        "{count} customer ids end in .0, such as {example}: a program took them for numbers. They "
        "were read without it, and {same} of them are customers of other rows.",
        count=len(bare), example=ids.filter(pointed)[0].as_py(), same=same,
    )  # fmt: skip
    return encoded.dictionary, now[onto], np.append(now, -1)[place], (notice,)


def read_labels(column: pa.ChunkedArray) -> pa.Array:
    """Read attributes as text, trimmed and composed; null where blank."""
    return _labels(distinct_texts(as_text(column)))


def read_order_ids(column: pa.ChunkedArray, distinct: Distinct | None = None) -> pa.Array:
    """Read order ids as text, trimmed and composed; null where blank or marked as missing.

    ``distinct`` are the texts of the column, where they are known already.
    """
    return _labels(without_any_marker(distinct or distinct_texts(as_text(column))))


def _marked(markers: pa.Array, rows: Ints) -> tuple[Notice, ...]:
    """Say which words were taken for missing ids, and in how many rows."""
    if not len(markers):
        return ()
    return (
        Notice(
            "MISSING_MARKERS",
            "{rows} rows have {markers} in the place of a customer id, which stands for none; they "
            "were left out. If that is a customer, give him another id.",
            rows=int(rows.sum()), markers=", ".join(sorted(markers.to_pylist())),
        ),
    )  # fmt: skip


def _rounded(column: pa.ChunkedArray) -> tuple[Notice, ...]:
    """Warn of ids that were numbers too long for the format they were kept in."""
    if not pa.types.is_floating(column.type):
        return ()
    long = pc.sum(pc.greater_equal(pc.abs(column.cast(pa.float64())), float(EXACT))).as_py()
    return (rounded_notice(long),) if long else ()


def rounded_notice(cells: int) -> Notice:
    """Say that long numbers were rounded before they were read."""
    return Notice(
        "NUMBERS_ROUNDED",
        "{cells} cells hold numbers of 16 digits or more, which the program that wrote them had "
        "already rounded; if they are ids, export them as text.",
        cells=cells,
    )


def _notices(ids: pa.Array, spellings: int) -> tuple[Notice, ...]:
    notices = []
    if spellings > len(ids):
        notices.append(
            Notice(
                "IDS_TRIMMED",
                "{count} customer ids differed from another only by spaces around them or by how "
                "accents are stored; they count as the same customer.",
                count=spellings - len(ids),
            )
        )
    alike = 0 if _of_one_case(ids) else len(ids) - pc.count_distinct(pc.utf8_lower(ids)).as_py()
    if alike:
        notices.append(
            Notice(
                "IDS_DIFFER_BY_CASE",
                "{count} customer ids differ from another only in upper and lower case; they "
                "count as different customers.",
                count=alike,
            )
        )
    return tuple(notices)


def _of_one_case(ids: pa.Array) -> bool:
    """Tell whether no two ids can differ by case alone: far cheaper than comparing them all."""
    if pc.utf8_lower(ids).equals(ids):
        return True
    is_ascii = pc.all(pc.string_is_ascii(ids)).as_py()
    return bool(is_ascii and pc.ascii_upper(ids).equals(ids))


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return any column as text: whole floats without a decimal point, NaN as null."""
    if pa.types.is_floating(column.type):
        encoded = pc.dictionary_encode(column.combine_chunks())
        texts = pa.array(
            [None if v is None else number_text(v) for v in encoded.dictionary.to_pylist()],
            pa.string(),
        )
        return pa.chunked_array([texts.take(encoded.indices)])
    return column.cast(pa.string())


def _labels(distinct: Distinct) -> pa.Array:
    composed = pc.utf8_normalize(distinct.texts, form="NFC")
    place = pa.array(distinct.place, mask=distinct.place < 0)
    return composed.take(place)
