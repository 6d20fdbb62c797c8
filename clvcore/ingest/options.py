"""What a user may leave out or soften on purpose; whatever it takes away stands in the ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clvcore.ingest.ledger import CODE, Faults
from clvcore.records.errors import ConfigError, DataError

ZERO_CHOICES = ("keep", "drop")
LOWEST_QUANTILE = 0.5

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class IngestOptions:
    """Choices about rows that can be read; hashable, and valid once it exists.

    Parameters
    ----------
    drop_exact_duplicates
        Leave out a row that repeats an earlier row in every column (``duplicate_dropped``).
    winsorize_at
        Quantile from 0.5 to below 1, such as 0.99: amounts beyond that quantile of the positive
        amounts are cut to it, refunds alike; the money taken off is listed as ``winsorised``.
    first_date, last_date
        Days to use, both inclusive, as ``datetime.date`` or ISO text (``outside_dates``).
    currency
        ISO 4217 code to use where the file holds several (``other_currency``).
    zero_amounts
        ``keep``: an amount of 0 is a purchase; ``drop``: it is not (``zero_dropped``).

    Raises
    ------
    ConfigError
        If a choice is out of range or contradicts another.
    DataError
        If ``currency`` is no code.
    """

    drop_exact_duplicates: bool = False
    winsorize_at: float | None = None
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    currency: str | None = None
    zero_amounts: str = "keep"

    def __post_init__(self) -> None:
        """Check each choice, and bring days and the code to one form."""
        object.__setattr__(self, "first_date", _day("first_date", self.first_date))
        object.__setattr__(self, "last_date", _day("last_date", self.last_date))
        object.__setattr__(self, "currency", currency_code(self.currency))
        _check_quantile(self.winsorize_at)
        if self.first_date and self.last_date and self.first_date > self.last_date:
            raise ConfigError(
                "DATES_REVERSED",
                "first_date {first} lies after last_date {last}, so no day is left. Exchange them.",
                first=self.first_date, last=self.last_date,
            )  # fmt: skip
        if self.zero_amounts not in ZERO_CHOICES:
            raise ConfigError(
                "ZERO_AMOUNTS_UNKNOWN",
                "zero_amounts must be one of {choices}, got {value!r}.",
                choices=" ".join(ZERO_CHOICES), value=self.zero_amounts,
            )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return the choices as JSON types."""
        days = {name: getattr(self, name) for name in ("first_date", "last_date")}
        return asdict(self) | {name: day and day.isoformat() for name, day in days.items()}

    @classmethod
    def from_dict(cls, options: dict[str, Any]) -> IngestOptions:
        """Rebuild from ``to_dict``; raises ConfigError for a choice that does not exist."""
        known = cls.__dataclass_fields__
        if unknown := sorted(set(options) - set(known)):
            raise ConfigError(
                "UNKNOWN_INGEST_OPTION",
                "{unknown} is not an option of the intake. Use: {known}.",
                unknown=", ".join(unknown), known=", ".join(known),
            )  # fmt: skip
        return cls(**options)

    def unwanted(self, days: Days, amounts: Floats) -> Faults:
        """Return, per row, the reason its day or its amount is not wanted; 0 where it is."""
        faults = np.zeros(days.size, dtype=np.uint8)
        if self.zero_amounts == "drop":
            faults[amounts == 0] = CODE["zero_dropped"]
        if self.first_date is not None:
            faults[days < np.datetime64(self.first_date, "D")] = CODE["outside_dates"]
        if self.last_date is not None:
            faults[days > np.datetime64(self.last_date, "D")] = CODE["outside_dates"]
        return faults


def winsorised(amounts: Floats, good: Bools, quantile: float | None) -> Floats:
    """Return ``amounts`` with those of ``good`` rows cut at a quantile of the positive ones.

    The limit is an amount that occurs. It holds for refunds too: the full refund of a purchase
    that was cut still makes up for it.
    """
    positive = amounts[good & (amounts > 0)]
    if quantile is None or not positive.size:
        return amounts
    limit = float(np.quantile(positive, quantile, method="inverted_cdf"))
    return np.where(good, np.clip(amounts, -limit, limit), amounts)


def currency_code(currency: str | None) -> str | None:
    """Return an ISO 4217 code in capitals, None for a blank; raises DataError for any other."""
    if currency is None or not str(currency).strip():
        return None
    code = str(currency).strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise DataError(
            "UNKNOWN_CURRENCY",
            "{currency!r} is no currency code. Write three letters, such as EUR or USD.",
            currency=currency,
        )
    return code


def _check_quantile(quantile: float | None) -> None:
    if quantile is None:
        return
    number = quantile if isinstance(quantile, int | float) else float("nan")
    if not isinstance(quantile, bool) and LOWEST_QUANTILE <= number < 1:
        return
    raise ConfigError(
        "WINSORIZE_OUT_OF_RANGE",
        "winsorize_at must be a quantile from {lowest:g} to below 1, got {value!r}. To cut the "
        "largest 1 % of the amounts write 0.99.",
        lowest=LOWEST_QUANTILE, value=quantile,
    )  # fmt: skip


def _day(name: str, value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if value is None or isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip())
    except ValueError:
        raise ConfigError(
            "DATE_UNREADABLE",
            "{name} must be a day such as 2024-06-30, got {value!r}.",
            name=name, value=value,
        ) from None  # fmt: skip
