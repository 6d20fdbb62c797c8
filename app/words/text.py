"""Every word people read: translation, numbers, dates, and escaping.

    w = words_for("es")
    w("Expect between {low} and {high}.", low=..., high=...)

English is the source; the other languages are the ``.po`` files in ``locale/``. Nothing here is
global state: a ``Words`` is a value, and two sessions in two languages never meet.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

from app.words import money, numerals
from clvcore.records.errors import ClvError, Notice
from clvcore.records.registry import ENTRIES

LANGUAGES = ("en", "es", "pt")
LANGUAGE_NAMES = {"en": "English", "es": "Español", "pt": "Português"}
CATALOGUES = Path(__file__).parent / "locale"
DASH = "\u00a0– "
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$:~&^=@])")
_LINK = re.compile(r"(?i)(?:https?|ftp|mailto)(?=:)|www(?=\.)|(?=@)")
_WORD_JOINER = "\u2060"


def msg(message: str) -> str:
    """Mark a sentence for the catalogues where it is only translated later."""
    return message


def md(text: object) -> str:
    r"""Escape what a user typed, so that Streamlit shows it as it is and never as Markdown.

    Examples
    --------
    >>> md("![x](https://a.example/b.png)").startswith("\\!\\[x")
    True
    """
    # Addresses turn into links even when escaped, unless something invisible splits them.
    split = _LINK.sub(lambda hit: hit.group(0) + _WORD_JOINER, str(text))
    return _MARKDOWN.sub(r"\\\1", re.sub(r"[\r\n\t]+", " ", split))


def plotly_text(text: object) -> str:
    """Escape what a user typed for any label, hover or tick of a figure.

    Examples
    --------
    >>> plotly_text("<b>%{x}")
    '&lt;b&gt;%&#123;x}'
    """
    flat = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return flat.replace("%{", "%&#123;")


# Forecasters are called as the engine registers them; of these labels some are words.
TRANSLATED_LABELS = (
    msg("Ensemble"), msg("Probabilistic"), msg("Boosted trees"), msg("Cohorts"),
    msg("Simple average"),
)  # fmt: skip
MODEL_NAMES = {name: entry.label for name, entry in ENTRIES.items()} | {
    "auto": msg("Automatic"),
    "seasonal_mbg": msg("Seasonal MBG/NBD"),
    "gamma_gamma": "Gamma-Gamma",
    "zero": msg("Nobody buys again"),
    "last_window": msg("Last window’s spend"),
    "past_rate": msg("Past rate"),
    "cohort_mean": msg("Cohort average"),
}
NAMES_A_MODEL, NAMES_MODELS = ("model", "following", "against"), "members"
FEATURE_NAMES = {
    "frequency": msg("repeat purchase days"),
    "recency": msg("days from first to last purchase"),
    "T": msg("days since the first purchase"),
    "days_since_last": msg("days since the last purchase"),
    "monetary_value": msg("mean amount of a repeat purchase"),
    "revenue_to_date": msg("revenue to date"),
}
NAMES_A_FEATURE = "feature"

# What a page says instead where the library's sentence names its own settings or quotes an error.
ON_PAGES = {
    "INSUFFICIENT_HISTORY": msg(
        "Your orders cover {days} days; a forecast needs six calendar months, here {needed} days. "
        "Add older orders, or allow a short history and accept a weaker forecast."
    ),
    "SHORT_HISTORY": msg(
        "{customers} customers joined less than six months before {as_of}. Their forecasts lean "
        "on similar customers and are marked “short history”."
    ),
    "P_ALIVE_NOT_IDENTIFIED": msg(
        "Whether a one-time buyer is still a customer cannot be told here, so they all count as "
        "active."
    ),
    "SPEND_FELL_BACK": msg(
        "Expected amounts are each customer’s own mean, drawn to the average: these orders carry "
        "no finer model."
    ),
    "MODEL_FELL_BACK": msg(
        "{model} could not be fitted to these orders; {following} was used instead."
    ),
    "NO_PAST_WINDOW": msg(
        "Boosted trees learn from past windows, and {days} days of orders hold none with "
        "{customers} customers at its start. Choose Automatic, which leaves the trees out."
    ),
    "TOO_FEW_PAST_BUYERS": msg(
        "Boosted trees need at least {minimum} customers who bought again within past windows; "
        "here are {buyers}. Choose Automatic, which leaves the trees out."
    ),
    "TREES_LEFT_OUT": msg(
        "The boosted trees were left out: too few customers bought again within past windows for "
        "them to learn from."
    ),
    "CHOSEN_BY_BACKTEST": msg(
        "Automatic chose “{model}”: on past dates its typical miss was {change:+.1%} against "
        "“{against}”."
    ),
    "RUN_CANNOT_SCORE": msg(
        "This forecast was saved by an earlier version, without what scoring newer orders needs. "
        "Forecast again; then it can."
    ),
    "CHOSEN_UNMEASURED": msg(
        "Automatic chose the ensemble. These orders hold no past window it could be checked on."
    ),
}


@dataclass(frozen=True)
class Words:
    """One language: call it to translate; its methods write numbers and dates."""

    language: str
    _catalogue: NullTranslations

    def __call__(self, message: str, /, **values: Any) -> str:
        """Translate a sentence and fill it in."""
        return self._fill(self._catalogue.gettext(message), values)

    def plural(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """Translate a sentence that depends on a count, which fills ``{n}``."""
        return self._fill(self._catalogue.ngettext(one, many, n), {"n": n, **values})

    def error(self, error: ClvError) -> str:
        """Translate what went wrong and what to do next."""
        return self._said(error.code, error.template, error.values)

    def notice(self, notice: Notice | str) -> str:
        """Translate a doubt; a plain sentence stays as it is."""
        if isinstance(notice, Notice):
            return self._said(notice.code, notice.template, notice.values)
        return str(notice)

    def model(self, name: str) -> str:
        """Return what a model is called: its proper name, or words in this language."""
        return self(MODEL_NAMES[name]) if name in MODEL_NAMES else name

    def money(self, value: float, currency: str | None) -> str:
        """Write an amount: £9,615, £12.3 k, £6.74 M."""
        return money.money(float(value), currency, self.language)

    def money_range(self, low: float, high: float, currency: str | None) -> str:
        """Write a range of money with a spaced dash."""
        return self.money(low, currency) + DASH + self.money(high, currency)

    def sign(self, currency: str | None) -> str:
        """Return the currency's sign."""
        return money.symbol(currency, self.language)

    def percent(self, share: float, decimals: int = 0) -> str:
        """Write a share: 0.69 is 69%."""
        pattern = "#,##0." + "0" * decimals + "%" if decimals else None
        if self.language == "es" and pattern:
            pattern = pattern.replace("%", money.NO_BREAK + "%")
        return numerals.percent(share, pattern, self.language)

    def count(self, number: float) -> str:
        """Write a whole number with its separators."""
        return numerals.decimal(round(number), "#,##0", self.language)

    def number(self, value: float, decimals: int = 1) -> str:
        """Write a number with a fixed number of decimals."""
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        return numerals.decimal(value, pattern, self.language)

    def date(self, day: dt.date) -> str:
        """Write a day: 9 Jun 2011."""
        return format_date(day, "d MMM y", locale=self.language).replace(".", "")

    def month(self, day: dt.date) -> str:
        """Write a month's short name."""
        return format_skeleton("MMM", day, locale=self.language).replace(".", "").capitalize()

    def odds(self, level: float) -> str:
        """Say a level in words: 0.95 is "19 times out of 20"."""
        hits, of = odds_pair(level)
        return self.plural("{n} time out of {of}", "{n} times out of {of}", hits, of=of)

    def odds_short(self, level: float) -> str:
        """Say a level in few words: 0.95 is "19 in 20"."""
        hits, of = odds_pair(level)
        return self("{hits} in {of}", hits=hits, of=of)

    def listed(self, items: Sequence[str]) -> str:
        """Join items as a sentence does: a, b and c."""
        if len(items) < 2:
            return "".join(items)
        return self("{first} and {last}", first=", ".join(items[:-1]), last=items[-1])

    def _said(self, code: str, template: str, values: dict[str, Any]) -> str:
        named = dict(values)
        named |= {key: self.model(values[key]) for key in NAMES_A_MODEL if key in values}
        if NAMES_MODELS in values:
            names = str(values[NAMES_MODELS]).split(", ")
            named[NAMES_MODELS] = self.listed([self.model(name) for name in names])
        if (feature := values.get(NAMES_A_FEATURE)) in FEATURE_NAMES:
            named[NAMES_A_FEATURE] = self(FEATURE_NAMES[feature])
        return self(ON_PAGES.get(code, template), **named)

    def _fill(self, template: str, values: dict[str, Any]) -> str:
        return _Localized(self).vformat(template, (), values) if values else template.format()


class _Localized(string.Formatter):
    """Fill a template with dates and numbers written in one language."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, dt.datetime | dt.date) and not spec:
            return self._words.date(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(super().format_field(value, spec))
        if not spec and isinstance(value, int):
            spec = ","
        language = self._words.language
        marks = {",": get_group_symbol(language), ".": get_decimal_symbol(language)}
        written = str(super().format_field(value, spec))
        marks["-"] = money.MINUS
        return "".join(marks.get(mark, mark) for mark in written)


def odds_pair(level: float) -> tuple[int, int]:
    """Return a level as "so many out of so many", small numbers where they are exact."""
    hundredths = round(level * 100)
    known = {50: (1, 2), 75: (3, 4), 80: (4, 5), 90: (9, 10), 95: (19, 20)}
    return known.get(hundredths, (hundredths, 100))


def catalogue_path(language: str) -> Path:
    """Return the file of a language's words."""
    return CATALOGUES / language / "LC_MESSAGES" / "clv.po"


@cache
def words_for(language: str) -> Words:
    """Return the words of a language; an unknown one falls back to English."""
    if language not in LANGUAGES or language == "en":
        return Words("en", NullTranslations())
    with catalogue_path(language).open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    # compiled here and kept nowhere (33 to 78 ms): no file can be older than the words
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(language, GNUTranslations(compiled))


def negotiate(*wishes: str | None) -> str:
    """Return the first wished language that exists ("pt-BR" asks for "pt"), else English."""
    for wish in wishes:
        short = (wish or "").replace("_", "-").split("-")[0].lower()
        if short in LANGUAGES:
            return short
    return "en"
