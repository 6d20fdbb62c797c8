"""A column of money: one decimal mark for all rows, or a question; one currency, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.amounts.signs import is_shared, may_mean, signs_beside, spelled
from clvcore.ingest.convention import Verdict, decide
from clvcore.ingest.distinct import Distinct, distinct_texts, first_cell, is_text
from clvcore.ingest.ledger import CODE, Reading
from clvcore.ingest.markers import without_markers
from clvcore.ingest.plain import ARABIC_DECIMAL, western
from clvcore.records.errors import DataError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LARGEST = 1e15
SHAPE = (
    r"^(?:(?P<ahead>{ahead}) ?\(|(?P<open>\())? ?(?P<first>[-+])? ?"
    r"(?P<before>{ahead})? ?(?P<second>[-+])? ?"
    r"(?P<body>[.,]?\d(?:[\d.,'’ ]*[\d.,])?(?:[eE][-+]?\d+)?)"
    r" ?(?P<third>-)? ?(?P<after>{behind})? ?(?P<fourth>-)? ?(?P<close>\))?$"
)
PARTS = (
    "ahead", "open", "first", "before", "second", "body", "third", "after", "fourth", "close",
)  # fmt: skip
PLAIN = r"^-?[.,]?\d[\d.,]*$"
ENDLESS = r"^[-+]?(?i:inf|infinity|nan)$"
DASHED = r"\d[.,] ?-"
ROUND = r"^(.*\d[.,]) ?-{1,2}( ?[^\d-]*)$"  # 12,- and 12.-- are whole prices
APART = r"^\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d*)?$"


def _valid(decimal: str) -> str:
    """Pattern of a number with this decimal mark; the other one may group thousands or lakhs."""
    mark, other = (r"\.", ",") if decimal == "." else (",", r"\.")
    grouped = rf"[1-9]\d{{0,2}}(?:{other}\d{{3}})+|[1-9]\d?(?:{other}\d{{2}})+{other}\d{{3}}"
    return rf"^(?:\d+|{grouped}|)(?:{mark}\d*)?(?:[eE][-+]?\d+)?$"


VALID = {decimal: _valid(decimal) for decimal in (".", ",")}


@dataclass(frozen=True, eq=False, kw_only=True)
class AmountReading(Reading):
    """Money as float64, shape (rows,), 0 where it cannot be read; faults; the currency seen.

    ``currency`` is an ISO 4217 code if the cells carried one that says which country's.
    """

    amounts: Floats
    currency: str | None = None


def read_amounts(
    column: pa.ChunkedArray,
    *,
    name: str,
    decimal: str | None = None,
    what: str = "amount",
    lines: pa.Array | None = None,
) -> AmountReading:
    """Read a column of numbers; text may carry currency signs, thousands marks and any minus.

    Parameters
    ----------
    name
        Column's name, for messages.
    decimal
        ``.`` or ``,``; None: told from all rows.
    what
        ``amount`` or ``quantity``: what the faults are called.
    lines
        Line of each row in its file, for messages; default the number of the row.

    Raises
    ------
    DataError
        If ``1.234`` may be one or a thousand in every row, if rows contradict each other, or if
        there are several currencies.
    """
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        blank = column.is_null().to_numpy()
        if pa.types.is_floating(kind) and kind != pa.float64():
            column = column.cast(pa.string())  # 2.55 in 32 bits is to stay 2.55
        values = column.cast(pa.float64(), safe=False).to_numpy()
        return _judge(values, blank, np.zeros(values.size, dtype=bool), None, what)
    if not (is_text(kind) or pa.types.is_null(kind)):
        example, line = first_cell(column, lines)
        raise DataError(
            "NOT_NUMBERS",
            "Column {column!r} holds {kind} values, such as {example!r} on line {line}, which are "
            "no amounts. Map the column that says how much was paid.",
            column=name, kind=str(kind), example=example, line=line,
        )  # fmt: skip
    return _text(distinct_texts(column, lines), name, decimal, what)


def readable_share(column: pa.ChunkedArray, distinct: Distinct | None = None) -> float:
    """Return the share of filled cells that are numbers under some convention.

    ``distinct`` are the texts of the column, where they are known already.
    """
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return 1.0
    if not is_text(kind):
        return 0.0
    distinct, _ = without_markers(distinct or distinct_texts(column))
    shape, _ = _shape(_western(distinct.texts))
    return float(distinct.rows[_truth(shape.is_valid())].sum() / max(distinct.rows.sum(), 1))


def _text(distinct: Distinct, name: str, decimal: str | None, what: str) -> AmountReading:
    distinct, markers = without_markers(distinct)
    texts = _western(distinct.texts)
    shape, signs = _shape(texts)
    sign, formed = _sign(shape)
    body = shape.field("body")
    apart = pc.match_substring_regex(body, APART)
    body = pc.if_else(apart, pc.replace_substring_regex(body, r"[ '’]", ""), body)
    fits = {
        mark: formed & _truth(pc.match_substring_regex(body, pattern))
        for mark, pattern in VALID.items()
    }
    values = {mark: _numbers(body, mark, fits[mark]) for mark in fits}
    mark = decimal or _arabic(distinct.texts) or _decimal(fits, values, distinct, name)
    endless = _truth(pc.match_substring_regex(texts, ENDLESS))
    number = np.where(fits[mark], sign * values[mark], np.where(endless, np.inf, np.nan))
    currency = _currency(shape, signs, fits[mark], distinct.rows, name)
    place = distinct.place
    every = np.append(number, np.nan)[place]
    reading = _judge(every, place < 0, (place >= 0) & np.isnan(every), currency, what)
    return replace(reading, markers=markers)


def _western(texts: pa.Array) -> pa.Array:
    """Bring digits, spaces and minus signs to their plain forms, and 12,- to a whole price."""
    plain = western(texts)
    if pc.any(pc.match_substring_regex(plain, DASHED)).as_py():
        plain = pc.replace_substring_regex(plain, ROUND, r"\1\2")
    return pc.utf8_trim_whitespace(plain)


def _shape(texts: pa.Array) -> tuple[pa.StructArray, dict[str, str]]:
    """Take texts apart by ``SHAPE``, null where one has another, and name their currencies."""
    plain = _truth(pc.match_substring_regex(texts, PLAIN))
    if plain.all():
        return _plain(texts), {}
    signs, figures = signs_beside(texts)
    some = np.flatnonzero(plain | figures)
    if not some.size:
        return pa.nulls(len(texts), pa.struct([(part, pa.string()) for part in PARTS])), {}
    pattern = SHAPE.format(ahead=spelled(signs, ahead=True), behind=spelled(signs, ahead=False))
    shape = pc.extract_regex(texts.take(pa.array(some)), pattern=pattern)
    place = np.full(len(texts), -1)
    place[some] = np.arange(some.size)
    return shape.take(pa.array(place, mask=place < 0)), signs


def _plain(texts: pa.Array) -> pa.StructArray:
    """Take texts apart that hold figures only, perhaps behind a minus."""
    minus = pc.starts_with(texts, "-")
    nothing = pc.if_else(minus, "", "")
    parts = dict.fromkeys(PARTS, nothing)
    parts["first"] = pc.if_else(minus, "-", "")
    parts["body"] = pc.utf8_ltrim(texts, "-")
    return pa.StructArray.from_arrays(list(parts.values()), names=list(parts))


def _arabic(texts: pa.Array) -> str | None:
    """Return the decimal mark if texts have the Arabic one, which means nothing else."""
    arabic = pc.any(pc.match_substring(texts, ARABIC_DECIMAL)).as_py()
    return "." if arabic else None


def _sign(shape: pa.Array) -> tuple[Floats, Bools]:
    """Return -1 or 1, and whether the text is well formed: one sign, brackets in pairs."""
    opened, closed = (_filled(shape.field(part)) for part in ("open", "close"))
    opened |= _filled(shape.field("ahead"))
    marks = [shape.field(part) for part in ("first", "second", "third", "fourth")]
    signs = np.sum([_filled(mark) for mark in marks], axis=0) + opened
    minus = np.logical_or.reduce([_truth(pc.equal(mark, "-")) for mark in marks]) | opened
    formed = _truth(shape.is_valid()) & (signs <= 1) & (opened == closed)
    return np.where(minus, -1.0, 1.0), formed


def _numbers(body: pa.Array, mark: str, fits: Bools) -> Floats:
    other = "," if mark == "." else "."
    plain = pc.replace_substring(pc.replace_substring(body, other, ""), mark, ".")
    plain = pc.if_else(pa.array(fits), plain, None)
    numbers: Floats = plain.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _decimal(
    fits: dict[str, Bools], values: dict[str, Floats], distinct: Distinct, name: str
) -> str:
    """Choose the decimal mark that every row fits."""
    differs = {(".", ","): fits["."] & fits[","] & (values["."] != values[","])}
    verdict = decide(fits, differs, distinct.rows)
    if verdict.name is None:
        raise _question(verdict, values, distinct, name)
    return verdict.name


def _question(
    verdict: Verdict, values: dict[str, Floats], distinct: Distinct, name: str
) -> DataError:
    texts, place = distinct.texts, verdict.example or 0
    example, line = texts[place].as_py(), distinct.line(place)
    if verdict.counterexample is not None:
        return DataError(
            "MIXED_NUMBER_FORMATS",
            "Column {column!r} mixes two ways to write a number: {example!r} on line {line} and "
            "{counterexample!r} on line {other_line}. Write all numbers alike, or set decimal to "
            "the mark that counts; the other rows are then listed as unreadable.",
            column=name, example=example, line=line,
            counterexample=texts[verdict.counterexample].as_py(),
            other_line=distinct.line(verdict.counterexample),
        )  # fmt: skip
    return DataError(
        "AMBIGUOUS_NUMBER_FORMAT",
        "The numbers in column {column!r} can be read in two ways: {example!r} on line {line} is "
        "{point:,.15g} with a decimal point or {comma:,.15g} with a decimal comma, and every row "
        "fits both. Set decimal to \".\" or \",\".",
        column=name, example=example, line=line,
        point=float(values["."][verdict.example]), comma=float(values[","][verdict.example]),
    )  # fmt: skip


def _currency(
    shape: pa.Array, signs: dict[str, str], used: Bools, rows: npt.NDArray[np.int64], name: str
) -> str | None:
    """Return the one currency of the column; amounts in several cannot be added."""
    seen: dict[str, int] = {}
    for part in ("ahead", "before", "after") if signs else ():
        encoded = pc.dictionary_encode(shape.field(part))
        place = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        for number, text in enumerate(encoded.dictionary.to_pylist()):
            count = int(rows[(place == number) & used].sum())
            if text and count:
                code = signs.get(text) or signs[text.removesuffix(".")]
                seen[code] = seen.get(code, 0) + count
    for sign in [sign for sign in seen if is_shared(sign)]:
        if any(may_mean(sign, code) for code in seen if code != sign):
            seen.pop(sign)  # the code says which dollar the sign means
    if len(seen) > 1:
        raise DataError(
            "MIXED_CURRENCIES",
            "Column {column!r} mixes currencies ({seen}), which cannot be added. Choose one of "
            "them as the currency; rows in the others are then left out and counted.",
            column=name, seen=", ".join(f"{code}: {seen[code]}" for code in sorted(seen)),
        )  # fmt: skip
    known = [code for code in seen if not is_shared(code)]
    return known[0] if known else None


def _judge(
    values: Floats, blank: Bools, unreadable: Bools, currency: str | None, what: str
) -> AmountReading:
    faults = np.zeros(values.size, dtype=np.uint8)
    with np.errstate(invalid="ignore"):
        faults[np.abs(values) > LARGEST] = CODE[f"implausible_{what}"]
    faults[~np.isfinite(values)] = CODE[f"non_finite_{what}"]
    faults[unreadable] = CODE[f"unreadable_{what}"]
    faults[blank] = CODE[f"missing_{what}"]
    amounts = np.where(faults == 0, values, 0.0) + 0.0  # -0.0 becomes 0.0
    return AmountReading(amounts=amounts, faults=faults, currency=currency)


def _filled(part: pa.Array) -> Bools:
    return _truth(pc.not_equal(part, ""))


def _truth(values: pa.Array) -> Bools:
    """Return an Arrow column of truth values as numpy, False where it is null."""
    return values.fill_null(False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
