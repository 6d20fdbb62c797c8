"""The time of day behind a date: checked, and moved to UTC where it names a zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PLAIN = r"^(?:[T ]\d{2}:\d{2}(?::\d{2})?)?$"
CLOCK = (
    r"^(?:[T ,:]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,:]\d+)?)?"
    r"|T(?P<hh>\d{2})(?P<mm>\d{2})(?P<ss>\d{2})?(?:[.,]\d+)?)"
    r"(?: ?(?P<half>[AaPp])\.? ?[Mm]\.?)?"
    r"(?: ?(?P<zone>[Zz]|[A-Za-z]{3,4}|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?))?"
    r"(?: ?\([^()]*\)|\[[^\[\]]*\])?$"  # and in words behind it: (Summer Time), [Europe/Berlin]
)
OFFSET = r"^(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<rest>\d*)$"
# letters that mean one zone only; CST, IST and BST mean several and are not guessed
ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7,
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Clock:
    """Times of day, all of shape (values,).

    ``good`` times exist; ``zoned`` ones state a zone, and ``shift`` is how many days their day in
    UTC lies after (or before) the day written.
    """

    good: Bools
    zoned: Bools
    shift: Ints


def read_clock(texts: pa.Array) -> Clock:
    """Read distinct times such as `` 10:15``, ``T23:59:59.5Z`` or ``, 1:05 p.m.``; "" is none."""
    if not pc.any(pc.not_equal(texts, "")).as_py():
        nothing = np.zeros(len(texts), dtype=np.int64)
        return Clock(good=nothing == 0, zoned=nothing > 0, shift=nothing)
    if pc.all(pc.match_substring_regex(texts, PLAIN)).as_py():
        return _plain(texts)
    parts = pc.extract_regex(texts, pattern=CLOCK)
    hour = whole(parts.field("hour")) + whole(parts.field("hh"))
    minute = whole(parts.field("minute")) + whole(parts.field("mm"))
    second = whole(parts.field("second")) + whole(parts.field("ss"))
    half = pc.utf8_lower(parts.field("half")).to_numpy(zero_copy_only=False)
    twelve = (half == "a") | (half == "p")
    wrong = (hour > 23) | (minute > 59) | (second > 60) | (twelve & ((hour < 1) | (hour > 12)))
    hour = np.where(twelve, hour % 12 + 12 * (half == "p"), hour)
    zoned, known, east = _zones(parts.field("zone"))
    none = pc.equal(texts, "").to_numpy(zero_copy_only=False)
    good = none | (parts.is_valid().to_numpy(zero_copy_only=False) & ~wrong & known)
    zoned &= good
    shift = np.where(zoned, (60 * hour + minute - east) // 1440, 0)
    return Clock(good=good, zoned=zoned, shift=shift)


def _plain(texts: pa.Array) -> Clock:
    """Read times such as `` 10:15:00``, far faster: their digits stand at the same places."""
    hour, minute, second = (
        whole(pc.utf8_slice_codeunits(texts, place, place + 2)) for place in (1, 4, 7)
    )
    nowhere = np.zeros(len(texts), dtype=np.int64)
    good = (hour <= 23) & (minute <= 59) & (second <= 60)
    return Clock(good=good, zoned=nowhere > 0, shift=nowhere)


def whole(parts: pa.Array) -> Ints:
    """Read the digits of a part as whole numbers; 0 where there are none."""
    if pa.types.is_string(parts.type):
        parts = pc.if_else(pc.equal(parts, ""), "0", parts)
    numbers: Ints = parts.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return numbers


def _zones(zone: pa.Array) -> tuple[Bools, Bools, Ints]:
    """Return which times state a zone, whether it is known, and its minutes east of UTC."""
    encoded = pc.dictionary_encode(zone.fill_null(""))
    names = encoded.dictionary
    offset = pc.extract_regex(names, pattern=OFFSET)
    minutes = 60 * whole(offset.field("hours")) + whole(offset.field("rest"))
    sign = offset.field("sign").to_numpy(zero_copy_only=False)
    east = np.where(sign == "-", -minutes, minutes)
    known = offset.is_valid().to_numpy(zero_copy_only=False)
    for place, name in enumerate(names.to_pylist()):
        if name.upper() in ZONES:
            known[place], east[place] = True, 60 * ZONES[name.upper()]
        elif not name:
            known[place] = True
    stated = pc.not_equal(names, "").to_numpy(zero_copy_only=False)
    place = encoded.indices.to_numpy()
    return stated[place], known[place], east[place]
