"""Days written in other scripts, eras and calendars, respelled so that the calendar reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clvcore.ingest.plain import plain_text

# the year before the first of each Japanese era
JAPANESE = {
    "令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867,
}  # fmt: skip
REPUBLIC = ("中華民國", "中华民国", "民國", "民国")  # Taiwan counts from 1912
REPUBLIC_BEFORE = 1911
_ERA = re.compile(rf"^({'|'.join(JAPANESE)}|{'|'.join(REPUBLIC)}) ?(元|\d{{1,3}}) ?(?=[年./-])")
_YEAR, _MONTH, _DAY = r" ?[年년][ ,]*", r" ?[月월][ ,]*", r" ?[日号號일]\.?"
_HALVES = {"上午": "AM", "午前": "AM", "오전": "AM", "下午": "PM", "午後": "PM", "오후": "PM"}
_HALF = re.compile(rf"({'|'.join(_HALVES)}) ?(\d{{1,2}}[:時时点點시].*)$")
_HOURS = re.compile(r"(\d{1,2}) ?[時时点點시] ?(?:(\d{1,2}) ?[分분])? ?(?:(\d{1,2}) ?[秒초])?")
_AFTER = re.compile(r"(?<=\d) ?(?:г|р|року|года)\.?(?=$|[ ,])")  # "year" behind it in Cyrillic
_BUDDHIST = re.compile(r"พ\.?ศ\.? ?")
_EAST_ASIAN = re.compile(r"[年년月월]")

# years of the Buddhist era and of the Republic that mean 1990 to 2100
FOREIGN_YEAR = r"(?:^|[^0-9])2(?:5[3-9]|6[0-4])[0-9](?:[^0-9]|$)|^2(?:5[3-9]|6[0-4])[0-9]{5}$"
REPUBLIC_YEAR = r"^1[0-8][0-9][-/.][0-9]{1,2}[-/.][0-9]{1,2}$"
_FOUR = re.compile(r"(?<!\d)(2(?:5[3-9]|6[0-4])\d)(?=\D|$|\d{4}$)")
_THREE = re.compile(r"^(\d{3})(?=[-/.])")
BUDDHIST_AHEAD = 543
MOST = 0.9  # of the days: then a year such as 2567 is no slip


@dataclass(frozen=True, eq=False, kw_only=True)
class Respelled:
    """Days with years of the common era, and which count of years they were written in.

    ``era`` is ``buddhist``, ``republic`` or None.
    """

    days: pa.Array
    era: str | None = None


def respelled(texts: pa.Array) -> pa.Array:
    """Bring moments to digits and marks of the West; texts in ASCII are returned as they are.

    ``2024年5月12日``, ``令和6年5月12日`` and ``2024년 5월 12일`` become ``2024-5-12``, and so do
    digits of any script; ``下午3時05分`` becomes `` 3:05 PM``.
    """
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    changed = [
        text if text is None or text.isascii() else _plainly(text) for text in texts.to_pylist()
    ]
    return pa.array(changed, pa.string())


def _plainly(text: str) -> str:
    text = plain_text(text.replace("º", ".").replace("ª", "."))
    text = _ERA.sub(_common_year, _BUDDHIST.sub("", text))
    if _EAST_ASIAN.search(text):
        text = re.sub(rf"^(\d+){_YEAR}(\d{{1,2}}){_MONTH}(\d{{1,2}}){_DAY}", r"\1-\2-\3 ", text)
        text = re.sub(rf"^(\d+){_YEAR}(\d{{1,2}}) ?[月월]$", r"\1-\2", text)
    text = re.sub(r"(?<=\d) *\((?:[日月火水木金土]|[월화수목금토일])\)", " ", text)
    if half := _HALF.search(text):
        text = f"{text[: half.start()]}{half[2]} {_HALVES[half[1]]}"
    text = _HOURS.sub(lambda m: f"{m[1]}:{int(m[2] or 0):02d}:{int(m[3] or 0):02d}", text)
    return " ".join(_AFTER.sub("", text).split())


def _common_year(found: re.Match[str]) -> str:
    number = 1 if found[2] == "元" else int(found[2])
    before = REPUBLIC_BEFORE if found[1] in REPUBLIC else JAPANESE[found[1]]
    return str(before + number)


def in_common_era(days: pa.Array) -> Respelled:
    """Count years as the common era does, where nearly all days are in another count.

    Nothing else can be meant by 2567 or by 113/05/12; one such day among others is a slip.
    """
    for era, pattern in (("buddhist", FOREIGN_YEAR), ("republic", REPUBLIC_YEAR)):
        there = pc.match_substring_regex(days, pattern).fill_null(False)
        count = pc.sum(there).as_py() or 0
        if not count or count < MOST * (len(days) - (pc.sum(pc.equal(days, "")).as_py() or 0)):
            continue
        texts = np.array(days.to_pylist(), dtype=object)
        places = np.flatnonzero(there.to_numpy(zero_copy_only=False))
        texts[places] = [_moved(text, era) for text in texts[places]]
        return Respelled(days=pa.array(texts, pa.string()), era=era)
    return Respelled(days=days)


def _moved(text: str, era: str) -> str:
    if era == "republic":
        return _THREE.sub(lambda year: str(int(year[1]) + REPUBLIC_BEFORE), text)
    return _FOUR.sub(lambda year: str(int(year[1]) - BUDDHIST_AHEAD), text)


PERSIAN = range(1369, 1410)  # years of the Solar Hijri calendar: 1990 to 2031
ISLAMIC = range(1410, 1525)  # years of the Hijri calendar: 1989 to 2100


def calendar_of(year: int) -> str | None:
    """Name the calendar in which a year lies about today, where it is not ours.

    Examples
    --------
    >>> [calendar_of(year) for year in (1403, 1446, 2024)]
    ['Persian (Solar Hijri)', 'Islamic (Hijri)', None]
    """
    if year in PERSIAN:
        return "Persian (Solar Hijri)"
    if year in ISLAMIC:
        return "Islamic (Hijri)"
    return None
