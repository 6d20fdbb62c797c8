"""Dates that are plain numbers: Excel's count of days, and seconds since 1970."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Days = npt.NDArray[np.datetime64]

EXCEL, EPOCH = "excel", "epoch"
BEGINS = r"^\d{5}"
NUMBER = r"^(?P<whole>\d{5}|\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:[.,]\d+)?$"
EXCEL_ZERO = np.datetime64("1899-12-30", "D")  # right from March 1900 on
EXCEL_FROM, EXCEL_TO = 32_874, 73_415  # 1990-01-01 and 2100-12-31
SECONDS_FROM, SECONDS_TO = 631_152_000, 1_990_000_000  # 1990-01-01 to 2033
PER_SECOND = (1, 1_000, 1_000_000, 1_000_000_000)
DAY_SECONDS = 86_400
NOT_A_DAY = np.datetime64("NaT", "D")


def day_numbers(texts: pa.Array) -> dict[str, Days]:
    """Return the days that numbers count to, by way of counting; NaT where a text is no such.

    The ranges cannot be taken for each other, for ``19970101`` or for ``202401051030``: five
    digits are Excel's days from 1990 to 2100, nine or more are seconds since 1970 (or thousandths,
    millionths, billionths of them) from 1990 to early 2033. Later seconds would look like
    ``1990010100``, the first hour of a day, and are read as that.
    """
    excel, epoch = np.full(len(texts), NOT_A_DAY), np.full(len(texts), NOT_A_DAY)
    if not pc.any(pc.match_substring_regex(texts, BEGINS)).as_py():  # far cheaper to ask
        return {EXCEL: excel, EPOCH: epoch}
    parts = pc.extract_regex(texts, pattern=NUMBER)
    there = np.flatnonzero(parts.is_valid().to_numpy(zero_copy_only=False))
    if there.size:
        digits = parts.field("whole").take(pa.array(there))
        numbers = digits.cast(pa.uint64()).to_numpy()  # 19 digits fit, unlike in an int64
        serial = (numbers >= EXCEL_FROM) & (numbers <= EXCEL_TO)
        excel[there[serial]] = EXCEL_ZERO + numbers[serial].astype(np.int64)
        for per in PER_SECOND:
            inside = (numbers >= SECONDS_FROM * per) & (numbers < SECONDS_TO * per)
            days = numbers[inside] // (per * DAY_SECONDS)
            epoch[there[inside]] = days.astype(np.int64).astype("datetime64[D]")
    return {EXCEL: excel, EPOCH: epoch}
