"""Which of the older encodings a text is in, told by the letters it would have in each.

A decoder alone tells little: nearly every byte means something in each of them. What tells is
whether the letters that come out are those of one language, and for Chinese, Japanese and Korean
whether the characters are common ones.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable

import charset_normalizer

SAMPLE_BYTES = 32_768
ENOUGH_FREQUENT = 2  # every second character a frequent one
LEAST_SURE = 1.2  # of 2; below it none of the encodings here fits
MIXED_CASE = 0.5  # taken off for each word such as "зАКАЗ", of all words
FEW_VOWELS, FEWEST_VOWELS = 0.5, 0.25  # taken off below this share of vowels
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
WORD = re.compile(r"(?:[A-Za-z]|[^\x00-\x7f\s])+")
SIGNS = re.compile(r"[NnVv][°ºªo]s?|[€£¥§©®™°ºª]+")
AROUND = "\xa0«»„“”‚‘’…–—•·¿¡,。、・「」()-!:;?"
# Spanish has ñ before vowels only, Portuguese õ before e: elsewhere they are Polish or Hungarian
# and Greek has ς at the end of words only
IMPROBABLE = re.compile(r"[ñÑ](?![aeiouáéíóúüAEIOUÁÉÍÓÚ])|[õÕ](?![eE])|ς(?=\w)")

# The letters beside a to z of languages written in each encoding, the commonest encoding first.
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
CENTRAL = (
    "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "äöüß",
)  # fmt: skip
SINGLE: dict[str, tuple[str, ...]] = {
    "cp1252": (
        "äöüß", "áéíñóúü", "áâãàçéêíóôõúü", "àâæçéèêëîïôœùûüÿ", "àèéìíîòóù", "áéëèêïóöü", "åäöé",
        "åæéøö", "áðéíóúýþæö", "àçèéíïòóúü",
    ),
    "cp1250": CENTRAL,
    "cp1251": (CYRILLIC, "абвгдежзийклмнопрстуфхцчшщьюяґєії"),
    "cp1254": ("çğıiöşüâî",),
    "cp1253": ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",),
    "cp1256": ("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْـ،؛؟",),
    "iso8859_2": CENTRAL,
    "koi8_r": (CYRILLIC,),
    "cp866": (CYRILLIC,),
}  # fmt: skip
VOWELS = {
    "cp1251": "аеёиоуыэюяіїє", "koi8_r": "аеёиоуыэюя", "cp866": "аеёиоуыэюя",
    "cp1253": "αεηιουωάέήίόύώϊϋΐΰ",
}  # fmt: skip
OTHER_SCRIPTS = (*VOWELS, "cp1256")
# Names of people, places and columns: what orders are full of.
FREQUENT: dict[str, str] = {
    "gb18030": "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯"
    "龙史陶黎贺顾毛郝龚邵万钱客户订单编号日期额姓名数量价格产品称支式商店销售总合计电"
    "话地址时间款会员买家交易市省区路北京上海广州深圳天津重庆成都武汉南杭明伟芳娜敏静"
    "丽强磊军洋勇艳杰涛超秀英兰红平刚桂文辉建国华小一公司有限状态备注欧阳诸葛",
    "big5": "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董潘于蔣蔡余"
    "杜葉程蘇魏呂丁任沈姚盧姜崔鐘譚陸汪范金石廖賈夏方白邱江尹薛雷侯龍史陶黎賀顧毛莊簡"
    "游詹柯客戶訂單編號日期額姓名數量價格產品稱支付式商店銷售總合計電話地址時間款會員"
    "買家交易市縣區路先生小姐台北雄中新竹南明偉芳美惠淑玲雅婷怡君志豪俊文建國華大一公"
    "司有限狀態備註歐陽諸葛",
    "cp932": "佐藤鈴木高橋田中伊渡辺山本村小林加吉井口松清斎崎森池阿部石前川岡長谷近後遠青坂福"
    "太西原三浦野上竹内和島金注文番号顧客日付額名氏合計数量商品会社電話住所東京都大阪"
    "府県市区円売購入者郎子美一二",
    "euc_kr": "이가김박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구"
    "민진지수영현준연은미경희숙자순호철재동상승태원혜선아나라인사일번품금액날짜객판매"
    "출량단합계결제코드명회화소울부산대광시도세종건기충북름메총점옷년월",
}  # fmt: skip
FREQUENT["euc_jp"] = FREQUENT["cp932"]
# The part of a two-byte code that holds what is written every day, by the first byte.
EVERYDAY: dict[str, tuple[int, int]] = {
    "gb18030": (0xB0, 0xD7),
    "big5": (0xA4, 0xC6),
    "cp932": (0x82, 0x97),
    "euc_kr": (0xB0, 0xC8),
    "euc_jp": (0xA4, 0xCF),
}
# Asked for only where none of these fits.
RARE = ["cp1255", "cp1257", "cp1258", "tis_620", "mac_roman", "cp850", "cp852", "iso8859_7"]


def likely_encoding(data: bytes) -> str | None:
    """Return the encoding whose letters make most sense; None if those of none do.

    Parameters
    ----------
    data
        Bytes that are no UTF-8, below 0x80 mostly ASCII.

    Returns
    -------
    str or None
        A codec that reads all of ``data``. Where several give the same text, the commonest.
    """
    sample = beyond_ascii(data)
    scored = [
        (score(sample), -place, codec) for place, (codec, score) in enumerate(_scores().items())
    ]
    for score, _, codec in sorted(scored, reverse=True):
        if score < LEAST_SURE:
            break
        if _reads(data, codec):
            return codec
    best = charset_normalizer.from_bytes(sample, cp_isolation=RARE, enable_fallback=False).best()
    known = best is not None and best.coherence > 0 and _reads(data, best.encoding)
    return best.encoding if best is not None and known else None


@functools.cache
def _scores() -> dict[str, Callable[[bytes], float]]:
    scores: dict[str, Callable[[bytes], float]] = {}
    for codec in EVERYDAY:
        scores[codec] = functools.partial(_characters_fit, codec=codec)
    for codec, languages in SINGLE.items():
        scores[codec] = functools.partial(_letters_fit, codec=codec, languages=languages)
    return scores


def beyond_ascii(data: bytes) -> bytes:
    """Return lines with bytes beyond ASCII, from the beginning, from one and two thirds on."""
    kept: dict[bytes, None] = {}
    for start in (0, len(data) // 3, 2 * len(data) // 3):
        size, place = 0, start
        while size < SAMPLE_BYTES and (found := BEYOND_ASCII.search(data, place)):
            begin = data.rfind(b"\n", 0, found.start()) + 1
            place = data.find(b"\n", found.start()) + 1 or len(data)
            kept[data[begin:place]] = None
            size += place - begin
    return b"".join(kept)


def _reads(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _words(sample: bytes, codec: str) -> set[str] | None:
    """Return the distinct words with a letter beyond ASCII; None if the codec refuses."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return None
    words = {word.strip(AROUND) for word in WORD.findall(text)}
    return {word for word in words if not word.isascii() and not SIGNS.fullmatch(word)}


def _letters_fit(sample: bytes, codec: str, languages: tuple[str, ...]) -> float:
    """Return how far the letters are those of one language, plus those of any of them: 0 to 2.

    Where there are no letters but signs only, of money or around thousands, nothing is amiss.
    """
    words = _words(sample, codec)
    if words is None:
        return 0.0
    letters = [c.lower()[0] for word in words for c in word if not c.isascii()]
    if not letters:
        return 2.0
    right = words
    if codec in OTHER_SCRIPTS:
        right = {word for word in words if not any(c.isascii() for c in word)}
    good = [c.lower()[0] for word in right for c in word if not c.isascii()]
    one = max(sum(c in language for c in good) for language in languages)
    all_of_them = set("".join(languages))
    most = sum(c in all_of_them for c in good)
    improbable = sum(len(IMPROBABLE.findall(word)) for word in words)
    return (one + most - 2 * improbable) / len(letters) - _oddness(words, VOWELS.get(codec))


def _oddness(words: set[str], vowels: str | None) -> float:
    """Return what capital letters behind small ones, and too few vowels, take off."""
    mixed = sum(
        any(a.islower() and b.isupper() for a, b in itertools.pairwise(word)) for word in words
    )
    odd = MIXED_CASE * mixed / len(words)
    if vowels:
        letters = "".join(words).lower()
        odd += FEW_VOWELS * (sum(c in vowels for c in letters) < FEWEST_VOWELS * len(letters))
    return odd


def _characters_fit(sample: bytes, codec: str) -> float:
    """Return which share of the characters is written every day, plus how many are frequent."""
    words = _words(sample, codec) or ()
    characters = [c for word in words for c in word if not c.isascii()]
    if not characters:
        return 0.0
    first, last = EVERYDAY[codec]
    everyday = sum(first <= c.encode(codec)[0] <= last for c in characters)
    frequent = min(len(characters), ENOUGH_FREQUENT * _frequent(characters, codec))
    return (everyday + frequent) / len(characters)


def _frequent(characters: list[str], codec: str) -> int:
    kana = codec in ("cp932", "euc_jp")
    known = _frequent_set(codec)
    return sum(c in known or (kana and "\u3040" <= c <= "\u30ff") for c in characters)


@functools.cache
def _frequent_set(codec: str) -> frozenset[str]:
    return frozenset(FREQUENT[codec])
