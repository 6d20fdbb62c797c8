"""What a user may ask of a forecast, checked the moment it is asked."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from clvcore.records.columns import MAX_HORIZON_DAYS
from clvcore.records.errors import ConfigError
from clvcore.records.registry import names

MODELS = names()
DEFAULT_HORIZON_MONTHS = 12
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2200, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Segmentation:
    """Where the value groups begin.

    Parameters
    ----------
    high, medium
        Shares of customers, by expected value: the top ``high`` are *high*, the next ``medium``
        are *medium*, the rest *low*. Ties never straddle a cut-off.
    active, cooling, at_risk
        Lowest ``p_alive`` of each risk; below ``at_risk`` a customer counts as lost.
    uplift
        Share of the value at stake an action is assumed to win back: caps what it may cost.
    """

    high: float = 0.20
    medium: float = 0.40
    active: float = 0.80
    cooling: float = 0.50
    at_risk: float = 0.20
    uplift: float = 0.10

    def __post_init__(self) -> None:
        """Refuse shares and cut-offs that cannot be drawn."""
        for name, value in asdict(self).items():
            _within(f"segmentation.{name}", value, 0.0, 1.0)
        if self.high + self.medium > 1:
            raise ConfigError(
                "SEGMENTATION_SHARES",
                "segmentation: high ({high:g}) and medium ({medium:g}) add up to more than all "
                "customers. Lower one of them.",
                high=self.high, medium=self.medium,
            )  # fmt: skip
        if not self.active > self.cooling > self.at_risk:
            raise ConfigError(
                "SEGMENTATION_RISKS",
                "segmentation: the cut-offs must fall from active over cooling to at_risk, got "
                "{active:g}, {cooling:g}, {at_risk:g}.",
                active=self.active, cooling=self.cooling, at_risk=self.at_risk,
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ForecastConfig:
    """Settings of one forecast; hashable, and valid once it exists.

    Parameters
    ----------
    horizon_months
        Calendar months to look ahead, 1 to 60 (12 unless ``horizon_days`` is given).
    horizon_days
        Days to look ahead instead, 1 to 1,826.
    model
        One of ``clvcore.records.config.MODELS``; ``auto`` picks what the data can carry.
    confidence_level
        Nominal share of outcomes an interval should hold, 0.5 to 0.99.
    cohort_by
        ``month``, ``quarter`` or ``year`` of first purchase, an attribute column, or ``None``.
    as_of
        Last day known, inclusive; default the last day in the data.
    annual_discount_rate
        Per year, 0 or more; 0.1 values money due in a year at 1 / 1.1.
    gross_margin
        Share of revenue that is yours, above 0 up to 1.
    segmentation
        Cut-offs of the value groups and risks.
    allow_short_history
        Forecast from less than six calendar months of orders all the same.
    seed
        Start of every random draw; the same seed gives the same numbers.

    Raises
    ------
    ConfigError
        If a value is out of range; the message says what to write instead.
    """

    horizon_months: int | None = None
    horizon_days: int | None = None
    model: str = "auto"
    confidence_level: float = 0.95
    cohort_by: str | None = "quarter"
    as_of: dt.date | None = None
    annual_discount_rate: float = 0.0
    gross_margin: float = 1.0
    segmentation: Segmentation = field(default_factory=Segmentation)
    allow_short_history: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Validate, and fill in the default horizon."""
        self._check_horizon()
        if self.model not in names():
            raise ConfigError(
                "UNKNOWN_MODEL",
                "model {model!r} is not known. Choose one of: {known}.",
                model=self.model, known=", ".join(names()),
            )  # fmt: skip
        self._check_level()
        object.__setattr__(self, "as_of", _day(self.as_of))
        _within("annual_discount_rate", self.annual_discount_rate, 0.0, 10.0)
        _within("gross_margin", self.gross_margin, 0.0, 1.0)
        if self.gross_margin == 0:
            raise ConfigError("MARGIN_ZERO", "gross_margin must be above 0; 1 means all revenue.")
        if self.cohort_by is not None and not str(self.cohort_by).strip():
            raise ConfigError(
                "COHORT_BLANK",
                "cohort_by is blank. Use month, quarter, year, a column name or None.",
            )
        _whole("seed", self.seed, 0, 2**32 - 1)

    def _check_horizon(self) -> None:
        if self.horizon_months is not None and self.horizon_days is not None:
            raise ConfigError(
                "HORIZON_TWICE",
                "horizon_months={months} and horizon_days={days} were both given. Keep one.",
                months=self.horizon_months, days=self.horizon_days,
            )  # fmt: skip
        if self.horizon_days is not None:
            _whole("horizon_days", self.horizon_days, 1, MAX_HORIZON_DAYS)
            return
        if self.horizon_months is None:
            object.__setattr__(self, "horizon_months", DEFAULT_HORIZON_MONTHS)
        _whole("horizon_months", self.horizon_months, 1, 60)

    def _check_level(self) -> None:
        level = self.confidence_level
        if isinstance(level, int | float) and 50 <= level <= 99:
            raise ConfigError(
                "LEVEL_IN_PERCENT",
                "confidence_level must lie between 0.5 and 0.99, got {level:g}; for {level:g} % "
                "write {share:g}.",
                level=level, share=level / 100,
            )  # fmt: skip
        _within("confidence_level", level, 0.5, 0.99)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON types, dates in ISO form."""
        settings = asdict(self)
        settings["as_of"] = self.as_of.isoformat() if self.as_of else None
        return settings

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> ForecastConfig:
        """Rebuild from ``to_dict``; unknown names are refused.

        Raises
        ------
        ConfigError
            If a name is not a setting.
        """
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(settings) - known):
            raise ConfigError(
                "UNKNOWN_SETTING",
                "{unknown} is not a setting. Known: {known}.",
                unknown=", ".join(unknown), known=", ".join(sorted(known)),
            )  # fmt: skip
        values = dict(settings)
        if isinstance(values.get("segmentation"), dict):
            values["segmentation"] = Segmentation(**values["segmentation"])
        return cls(**values)


def _within(name: str, value: Any, low: float, high: float) -> None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not low <= value <= high:
        raise ConfigError(
            "OUT_OF_RANGE",
            "{name} must be a number from {low:g} to {high:g}, got {value!r}.",
            name=name, low=low, high=high, value=value,
        )  # fmt: skip


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(
            "OUT_OF_RANGE",
            "{name} must be a whole number from {low} to {high}, got {value!r}.",
            name=name, low=low, high=high, value=value,
        )  # fmt: skip


def _day(value: Any) -> dt.date | None:
    """Read a date, a datetime or ISO text; only the day counts."""
    if value is None:
        return None
    try:
        moment = value if isinstance(value, dt.date) else dt.datetime.fromisoformat(str(value))
        day = moment.date() if isinstance(moment, dt.datetime) else moment
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise ConfigError(
            "AS_OF_UNREADABLE",
            "as_of must be a date such as 2024-06-30, from {earliest} to {latest}, got {value!r}.",
            value=value,
            earliest=EARLIEST,
            latest=LATEST,
        )
    return day
