"""Which currency a sign or a code beside an amount names; some signs are those of several."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from babel.core import get_global

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer]

# From the Unicode CLDR (release 47), every language's sign of each currency, in capitals and
# without blanks and dots; tests walk Babel's copy of it. The words behind "/" are not there, but
# shops write them.
SIGNS_OF = {
    "AED": "دإ DH DHS", "AFN": "؋", "ALL": "LEKË", "AMD": "֏", "ANG": "NAF", "AOA": "KZ",
    "ARS": "$ $AR AR$", "ATS": "ÖS", "AUD": "$ $A $AU A$ AU$ AUD$", "AWG": "AFL", "AZN": "₼",
    "BAM": "KM КМ", "BBD": "$ BDS$", "BDT": "৳ TK", "BEF": "FB", "BGN": "ЛВ LV", "BHD": "دب",
    "BIF": "FBU", "BMD": "$ $BM BM$", "BND": "$ $BN", "BOB": "BS", "BRL": "BR$ R$",
    "BSD": "$ BS$", "BTN": "NU", "BWP": "P", "BYN": "BR", "BZD": "$ $BZ BZ$",
    "CAD": "$ $CA C$ CA$ KA$ CAD$", "CDF": "FC", "CHF": "FR SFR", "CLP": "$ $CL CLP$",
    "CNY": "CN¥ ¥ ¥CN 元 RMB 圆", "COP": "$ $CO COL$", "CRC": "₡", "CSK": "KČS", "CUP": "$",
    "CYP": "£CY", "CZK": "KČ КЧ", "DJF": "FDJ", "DKK": "DKR KR", "DOP": "$ RD$", "DZD": "DA دج",
    "EEK": "KR", "EGP": "£ E£ EG£ جم LE", "ERN": "NFK", "ESP": "₧", "ETB": "BR ብር",
    "EUR": "€ EURO EUROS", "FIM": "MK", "FJD": "$ $FJ FJ$", "FKP": "£ £FK", "FRF": "F",
    "GBP": "GB£ UK£ £ £GB £RU", "GEL": "₾", "GHS": "GH₵ ₵", "GIP": "£ £GI", "GMD": "D", "GNF": "FG",
    "GRD": "ΔΡΧ", "GTQ": "Q", "GYD": "$", "HKD": "$ $HK HK$", "HNL": "L", "HRK": "KN", "HTG": "G",
    "HUF": "FT", "IDR": "RP", "IEP": "£IE", "ILP": "£IL ל״י", "ILS": "NIS ₪ ש״ח ש\"ח",
    "INR": "RS ₹", "IQD": "دع", "IRR": "رإ ریال", "ISK": "IKR KR", "ITL": "₤IT ₤",
    "JMD": "$ J$ JM$", "JOD": "دأ", "JPY": "JP¥ ¥ 円", "KES": "KSH", "KGS": "СОМ", "KHR": "៛",
    "KMF": "CF", "KRW": "KR₩ ₩ 원", "KWD": "دك", "KYD": "$", "KZT": "₸", "LAK": "₭",
    "LBP": "£ £LB لل", "LKR": "RS රු", "LRD": "$", "LSL": "M ЛСЛ", "LUF": "F", "LVL": "LS",
    "LYD": "دل", "MAD": "دم DH DHS", "MDL": "L LEI LEU", "MGA": "AR", "MKD": "DEN ДЕН", "MMK": "K",
    "MNT": "₮", "MOP": "MOP$", "MRU": "UM أم", "MTP": "£MT", "MUR": "RS", "MVR": "RF ރ",
    "MWK": "MK", "MXN": "$ $MX MX$ MXN$", "MYR": "RM", "MZN": "MTN", "NAD": "$ $NA N$",
    "NGN": "₦", "NIO": "C$", "NOK": "KR NKR", "NPR": "RS नेरू", "NZD": "$ $NZ $ZN NZ$ NZD$",
    "OMR": "رع", "PAB": "B/", "PEN": "S/", "PGK": "K", "PHP": "₱ PHP₱", "PKR": "RS ر",
    "PLN": "ZŁ ЗЛ", "PTE": "ESC VẼJ", "PYG": "GS ₲", "QAR": "رق QR", "RHD": "$RH", "RON": "LEI LEU",
    "RSD": "DIN ДИН", "RUB": "₽ РУБ Р", "RUR": "Р", "RWF": "RF", "SAR": "رس SR",
    "SBD": "$ $SB SI$", "SCR": "RS SR", "SDD": "دس", "SDG": "£ جس", "SEK": "KR SKR",
    "SGD": "$ $SG S$ SG$", "SHP": "£", "SLE": "LE", "SOS": "S", "SRD": "$ $SR", "SSP": "£",
    "STN": "DB", "SYP": "£ LS لس", "SZL": "E", "THB": "TH฿ ฿ บาท", "TMT": "ТМТ", "TND": "DT دت",
    "TOP": "T$", "TRY": "ТЛ ₺ TL", "TTD": "$ $TT TT$", "TWD": "$ NT$ 元 圓", "TZS": "TSH",
    "UAH": "₴ ГРН", "UAK": "КРБ", "UGX": "USH", "USD": "$ $SU $US US$ USD$ ЩД", "UYU": "$ $UY $U",
    "UYW": "UP", "UZS": "SOʻM SO'M СЎМ", "VEF": "BS", "VES": "BS BSS", "VND": "₫ Đ", "VUV": "VT",
    "WST": "$WS WS$", "XAF": "FCFA CFA", "XCD": "$ $EC EC$", "XCG": "CG", "XEU": "ECU",
    "XOF": "FCFA CFA فرانکCFA සිෆ්එ", "XPF": "CFP CFPF FCFP", "YER": "ري", "ZAR": "R",
    "ZMW": "K",
}  # fmt: skip
# what one of several means unless another is stated: few write it for anything else
USUAL = {"£": "GBP", "C$": "CAD", "BS": "BOB", "RF": "RWF", "MK": "MWK", "LE": "EGP", "Р": "RUB",
         "LEI": "RON", "LEU": "RON", "F": "FRF", "SR": "SAR"}  # fmt: skip
SHOWN = {"KR": "kr", "RS": "Rs"}  # how a sign of several currencies is named
DOTTED = (
    "RS", "KR", "FR", "SFR", "BS", "RP", "S/", "B/", "GS", "CG", "NU", "AFL", "NAF", "DIN", "ESC",
)  # fmt: skip
# those that make a column of codes whatever its name, and an amount whatever stands between
COMMON = frozenset((
    "EUR", "USD", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "BRL", "MXN", "ARS", "CLP", "COP",
    "PEN", "UYU", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY", "RUB", "UAH",
    "ILS", "INR", "CNY", "HKD", "SGD", "KRW", "TWD", "THB", "PHP", "IDR", "MYR", "VND", "ZAR",
    "NGN", "KES", "EGP", "MAD", "AED", "SAR",
))  # fmt: skip
NO_CURRENCY = {"XXX", "XTS"}
CLOSED = "$€£¥"  # no dot is ever put behind these: $.50 are fifty cents
AROUND = " ()+-.,'’"
AFFIXES = r"(?s)^(?P<ahead>[^0-9]*)[0-9](?:.*[0-9])?(?P<behind>[^0-9]*)$"
WITH_CENTS = r"[.,][0-9]{2}[^0-9]*$"
NO_SIGN = "(?:[^\\x00-\\x{10ffff}])"  # matches nothing


@cache
def codes() -> frozenset[str]:
    """Return the ISO 4217 codes of all currencies, past ones too."""
    return frozenset(get_global("all_currencies")) - NO_CURRENCY


@cache
def _meanings() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, signs in SIGNS_OF.items():
        for sign in signs.split():
            found.setdefault(sign, []).append(code)
    return {sign: tuple(several) for sign, several in found.items()}


def currency_of(sign: str) -> str | None:
    """Return the code a sign or code stands for, the sign itself if several; None if it is none.

    Examples
    --------
    >>> [currency_of(sign) for sign in ("RM", "eur", "Rs.", "kr", "kg")]
    ['MYR', 'EUR', 'Rs', 'kr', None]
    """
    plain = _plain(sign)
    if plain in codes():
        return plain
    several = _meanings().get(plain, ())
    if len(several) == 1:
        return several[0]
    return USUAL.get(plain, SHOWN.get(plain, plain)) if several else None


def is_shared(sign: str) -> bool:
    """Tell whether ``sign``, as ``currency_of`` returns it, leaves open which currency it is."""
    return sign.upper() not in codes()


def may_mean(sign: str, code: str) -> bool:
    """Tell whether a sign may stand for the currency ``code``."""
    plain = _plain(sign)
    return plain == code or code in _meanings().get(plain, ())


def _plain(sign: str) -> str:
    composed = unicodedata.normalize("NFKC", sign)
    seen = (letter for letter in composed if unicodedata.category(letter) not in ("Cf", "Zs"))
    return "".join(seen).replace(".", "").upper()


def signs_beside(texts: pa.Array) -> tuple[dict[str, str], Bools]:
    """Find the currencies that stand beside the figures of a column's distinct, plain texts.

    Returns
    -------
    signs
        Spelling -> what ``currency_of`` says it means.
    rest
        bool, shape (values,): the text has figures, and beside them nothing but these.
    """
    parts = pc.extract_regex(texts, pattern=AFFIXES)
    there = np.flatnonzero(parts.is_valid().to_numpy(zero_copy_only=False))
    rest = np.zeros(len(texts), dtype=bool)
    rest[there] = True
    texts, parts = texts.take(pa.array(there)), parts.take(pa.array(there))
    signs: dict[str, str] = {}
    for side in ("ahead", "behind"):
        affixes = pc.dictionary_encode(parts.field(side))
        places = affixes.indices.to_numpy(zero_copy_only=False)
        known = np.ones(len(affixes.dictionary), dtype=bool)
        for place, affix in enumerate(affixes.dictionary.to_pylist()):
            core = affix.strip(AROUND)
            code = currency_of(core) if core else None
            if code and _is_money(affix, side, texts, places, place):
                signs[core] = code
            elif core:
                known[place] = False
        rest[there[~known[places]]] = False
    return signs, rest


def _is_money(affix: str, side: str, texts: pa.Array, places: Ints, place: int) -> bool:
    """Tell letters beside an amount from those of an id (KM1001) and from 5K, five thousand."""
    core = affix.strip(AROUND)
    if not (core.isalpha() and core.isascii()) or core.upper() in COMMON:
        return True
    if side == "behind":
        return len(core) > 1
    if len(core) > 1 and affix.rstrip("(-+").endswith((" ", ".")):
        return True
    here = texts.filter(pa.array(places == place))
    cents = pc.sum(pc.match_substring_regex(here, WITH_CENTS)).as_py()
    return bool(2 * cents >= len(here))


def spelled(signs: Iterable[str], *, ahead: bool) -> str:
    """Return a pattern of these spellings, the longest first; those usual with a dot may have one.

    Behind a figure any may have one.
    """
    patterns = []
    for sign in sorted(signs, key=len, reverse=True):
        foreign = not sign.isascii() and unicodedata.category(sign[-1]) != "Sc"
        dotted = not ahead or foreign or "." in sign or _plain(sign) in DOTTED
        patterns.append(re.escape(sign) + (r"\.?" if dotted and sign[-1] not in CLOSED else ""))
    return f"(?:{'|'.join(patterns)})" if patterns else NO_SIGN
