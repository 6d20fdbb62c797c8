"""Names of months in the languages of the CLDR, told by all names of a column together."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

# The five languages most files are in, with short forms that are in no dictionary: looked up
# first, since asking Babel for all the others takes a tenth of a second.
MONTHS = (
    "jan january januar janner jaenner ene enero janeiro janv janvier",
    "feb february februar febrero fev fevereiro fevr fevrier",
    "mar march marz maerz mrz marzo marco mars",
    "apr april abr abril avr avril",
    "may mai mayo maio",
    "jun june juni junio junho juin",
    "jul july juli julio julho juil juillet",
    "aug august ago agosto aou aout",
    "sep sept september septiembre setiembre set setembro septembre",
    "oct october okt oktober octubre out outubro octobre",
    "nov november noviembre novembro novembre",
    "dec december dez dezember dic diciembre dezembro decembre",
)
MONTH_OF = {name: number for number, names in enumerate(MONTHS, 1) for name in names.split()}
LANGUAGES = (
    "nl", "it", "pl", "ru", "tr", "sv", "da", "nb", "fi", "cs", "sk", "hu", "ro", "uk", "bg", "el",
    "hr", "sl", "sr", "sr_Latn", "et", "lv", "lt", "ca", "gl", "eu", "is", "sq", "mk", "bs", "be",
    "ka", "hy", "az", "kk", "uz", "id", "ms", "fil", "sw", "af", "he", "ar", "hi", "bn", "ta", "th",
    "es", "pt", "de", "fr", "en",
)  # fmt: skip
MOST_NAMES = 100  # twelve months, written in full and short, in the four languages of one column


def month_numbers(names: Sequence[str]) -> list[int]:
    """Return the number of each month named, 0 where it is no month's name or that of two.

    ``listopada`` is November in Polish and October in Croatian: the languages that know most of
    the names decide, and where those disagree the name is not read.

    Parameters
    ----------
    names
        In lower case and without accents, or digits.
    """
    found = [
        int(name) if name.isdecimal() and len(name) < 3 else MONTH_OF.get(plain_name(name), 0)
        for name in names
    ]
    unknown = {plain_name(name) for name, number in zip(names, found, strict=True) if not number}
    unknown = {name for name in unknown if _may_be_a_month(name)}
    if not 0 < len(unknown) <= MOST_NAMES:
        return found
    tables = _tables()
    every = {plain_name(name) for name in names}
    known = {language: len(every & table.keys()) for language, table in tables.items()}
    best = [tables[language] for language in tables if known[language] == max(known.values())]
    for place, name in enumerate(names):
        plain = plain_name(name)
        if plain in unknown:
            numbers = {table[plain] for table in best if plain in table}
            if not numbers:  # a column in two languages
                numbers = {table[plain] for table in tables.values() if plain in table}
            found[place] = numbers.pop() if len(numbers) == 1 else 0
    return found


def _may_be_a_month(name: str) -> bool:
    """Tell a name from the letter before a number: no language knows a month by one letter."""
    return len(name) > 1 and any(letter.isalpha() for letter in name)


@cache
def _tables() -> dict[str, dict[str, int]]:
    """Return, by language, the months' names as they stand in dates and by themselves."""
    from babel import Locale  # only files in other languages need it

    tables: dict[str, dict[str, int]] = {}
    for language in LANGUAGES:
        months = Locale.parse(language).months
        forms = (months[use][width] for use in ("format", "stand-alone")
                 for width in ("wide", "abbreviated"))  # fmt: skip
        tables[language] = {
            plain_name(name): number for form in forms for number, name in form.items()
        }
    return tables


def plain_name(name: str) -> str:
    """Return a name in lower case, without accents and dots, the Turkish i among the others."""
    apart = unicodedata.normalize("NFD", name.lower())
    plain = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    plain = plain.replace("ı", "i").replace(".", "").replace("॰", "").replace("’", "'").strip()
    return plain.removeprefix("de ").removeprefix("d'")
