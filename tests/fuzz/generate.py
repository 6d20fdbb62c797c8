"""Random files of a shop's orders, each with the truth about every row.

    shop = shop_file("7-42")
    shop.data     # the bytes of the file
    shop.rows     # what every row means: customer, day and amount, or why it cannot be used

Number and date formats are those of exports in fourteen languages, Swiss and Indian ones among
them. About half of the files hold more than orders, see ``kinds``. Whatever is random follows from
the seed.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from kinds import Kind, Writing, odd
from wrapping import preamble, workbook, zipped
from writing import LOCALES, Dates, Locale, Numbers, date_style, encode, number_style, table_text

ROLES = ("customer_id", "date", "amount", "order_id", "quantity")
NAMES = {
    "en": ("Customer ID", "Order Date", "Total", "Order Number", "Quantity", "Unit Price"),
    "es": ("Cliente", "Fecha de pedido", "Importe total", "Número de pedido", "Cantidad",
           "Precio unitario"),
    "pt": ("Código do Cliente", "Data do Pedido", "Valor total", "Número do pedido", "Quantidade",
           "Preço unitário"),
    "de": ("Kundennummer", "Bestelldatum", "Gesamtbetrag", "Bestellnummer", "Menge",
           "Einzelpreis"),
    "fr": ("Code client", "Date de commande", "Montant TTC", "Numéro de commande", "Quantité",
           "Prix unitaire"),
    "ch": ("Kunden-Nr.", "Datum", "Betrag", "Rechnungsnummer", "Anzahl", "Einzelpreis"),
    "in": ("Customer Code", "Invoice Date", "Invoice Amount", "Invoice No", "Qty", "Unit Price"),
    "it": ("Codice cliente", "Data ordine", "Importo totale", "Numero ordine", "Quantità",
           "Prezzo unitario"),
    "nl": ("Klantnummer", "Besteldatum", "Totaalbedrag", "Bestelnummer", "Aantal", "Stuksprijs"),
    "pl": ("Numer klienta", "Data zamówienia", "Kwota zamówienia", "Nr zamówienia", "Ilość",
           "Cena jednostkowa"),
    "ru": ("Код клиента", "Дата заказа", "Сумма", "Номер заказа", "Количество",
           "Цена за единицу"),
    "zh": ("客户编号", "订单日期", "订单金额", "订单号", "数量", "单价"),
    "ja": ("顧客番号", "注文日", "合計金額", "注文番号", "数量", "単価"),
    "ko": ("고객번호", "주문일자", "결제금액", "주문번호", "수량", "단가"),
    "ar": ("رقم العميل", "تاريخ الطلب", "المبلغ", "رقم الطلب", "الكمية", "سعر الوحدة"),
    "tr": ("Müşteri No", "Sipariş Tarihi", "Toplam Tutar", "Sipariş No", "Miktar",
           "Birim Fiyat"),
}  # fmt: skip
CHANNELS = ("web", "shop", "phone, by hand", "Köln", "app")
NOTES = ("", "ok", 'said "thanks"', "gift; wrap it", "two\nlines", "1,5 kg", "x\ty")
ODD = 0.55  # share of files with a kind of their own
AROUND = ("nothing",) * 14 + ("preamble", "preamble", "zip", "workbook")
# few orders over many years: one may stand alone; few letters: their encoding is a guess
DOUBTED = frozenset(
    {"FAR_OFF_DATES", "ENCODING_GUESSED", "PRICE_WITHOUT_PIECES", "YEAR_FIRST_OR_LAST"}
)
BY_VALUES = frozenset({"COLUMNS_BY_VALUES", "PIECES_POSSIBLE"})
UNREADABLE = ("free", "on request", "see invoice", "#REF!")


@dataclass(frozen=True, kw_only=True)
class Row:
    """The truth about a row: its three values, or the ``fault`` for which it cannot be used."""

    line: int | None
    customer: str
    day: date
    amount: float
    fault: str | None = None


@dataclass(frozen=True, kw_only=True)
class ShopFile:
    """A file, what is in it, and the answers to what may be asked about it.

    ``words`` are codes of notices of which one makes a value other than the truth no secret, and
    of ``must`` one has to be said.
    """

    seed: str
    data: bytes
    rows: tuple[Row, ...]
    answers: dict[str, str]
    words: frozenset[str] = frozenset()
    must: frozenset[str] = frozenset()
    style: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """Everything that is one choice for the whole file."""

    chance: random.Random
    locale: Locale
    dates: Dates
    numbers: Numbers
    whole: bool
    largest: float
    pieces: bool
    identity: Callable[[int], str]
    missing: float
    returns: float


def shop_file(seed: str) -> ShopFile:
    """Return the file that belongs to ``seed``."""
    chance = random.Random(seed)  # noqa: S311
    plan = _plan(chance)
    headed = chance.random() > 0.06
    count = chance.choice((2, 5, 12, 20, 30, 40))
    made = [_row(plan, first=number == 0 and not headed) for number in range(count)]
    for _ in range(int(count * chance.choice((0, 0, 0, 0.1, 0.3)))):
        made.insert(chance.randrange(1, len(made) + 1), chance.choice(made))
    kind = Kind(name="plain", made=made)
    if headed and not plan.pieces and chance.random() < ODD:
        writing = Writing(
            language=plan.locale.name, money=lambda cents: plan.numbers.write(cents, chance)
        )
        kind = odd(chance, made, writing)
    columns = _columns(plan, kind)
    return _written(seed, plan, kind, columns, headed=headed)


def _written(
    seed: str, plan: _Plan, kind: Kind, columns: list[tuple[str, str]], *, headed: bool
) -> ShopFile:
    """Write the rows into a file, and what stands around them."""
    chance = plan.chance
    header = [name for _, name in columns]
    cells = [[row[role] for role, _ in columns] for row, _ in kind.made]
    style = _style(chance, plan)
    around = chance.choice(AROUND) if headed else "nothing"
    if around == "workbook":
        data, _ = workbook(chance, header, cells)
        encoding, lines = "xlsx", [None] * len(cells)
    else:
        style["title"] = bool(style["title"]) and around != "preamble"
        text, lines = table_text(chance, header if headed else None, cells, style)
        if around == "preamble":
            above = preamble(chance, str(style["delimiter"]), str(style["ending"]), len(header))
            text, lines = above + text, [line + above.count("\n") for line in lines]
        data, encoding = encode(chance, text, plan.locale.name)
        data = zipped(data) if around == "zip" else data
    packed = around == "nothing" and chance.random() < 0.03
    return ShopFile(
        seed=seed,
        data=gzip.compress(data, mtime=0) if packed else data,
        rows=tuple(
            Row(line=line, **truth) for line, (_, truth) in zip(lines, kind.made, strict=True)
        ),
        answers=_answers(plan, kind, columns, headed=headed),
        words=kind.words | DOUBTED | (frozenset() if headed else BY_VALUES),
        must=kind.must,
        style={
            "locale": plan.locale.name, "dates": plan.dates.name, "numbers": plan.numbers.name,
            "header": headed, "encoding": encoding, "gzip": packed, "kind": kind.name,
            "around": around, **style,
        },
    )  # fmt: skip


def _answers(
    plan: _Plan, kind: Kind, columns: list[tuple[str, str]], *, headed: bool
) -> dict[str, str]:
    """Return what a user would say when asked."""
    answers = {role: name for role, name in columns if role in ROLES}
    if not headed:
        answers = {role: f"column {n}" for n, (role, _) in enumerate(columns, 1) if role in ROLES}
    order = plan.dates.order if kind.dates_order == "" else kind.dates_order
    answers |= {"decimal": plan.locale.decimal} if not plan.numbers.exotic else {}
    return answers | ({"date_order": order} if order else {})


def _plan(chance: random.Random) -> _Plan:
    locale = chance.choice(LOCALES)
    digits = chance.choice((3, 5, 10, 17))
    base = 10 ** (digits - 1)
    identity: Callable[[int], str] = chance.choice(
        (
            lambda n: f"{n:0{digits}d}",
            lambda n: str(base + n),
            lambda n: f"K-{n}",
            lambda n: ("NA", "null", "José", "O'Neil", "Zoë", "None", "1e5")[n % 7] + str(n // 7),
            lambda n: f"kunde{n}@shop.example",
        )
    )
    return _Plan(
        chance=chance,
        locale=locale,
        dates=date_style(chance, locale),
        numbers=number_style(chance, locale),
        whole=chance.random() < 0.12,
        largest=chance.choice((50.0, 900.0, 20_000.0, 3_000_000.0)),
        pieces=chance.random() < 0.15,
        identity=identity,
        missing=chance.choice((0.0, 0.0, 0.05, 0.2)),
        returns=chance.choice((0.0, 0.0, 0.1)),
    )


def _row(plan: _Plan, *, first: bool) -> tuple[dict[str, str], dict[str, object]]:
    """Return the cells of a row and what they mean."""
    chance = plan.chance
    number = chance.randrange(12)
    customer = plan.identity(number)
    day = date(chance.randint(1996, 2024), 1, 1) + timedelta(days=chance.randrange(366))
    cents = round(chance.uniform(1, plan.largest) * 100)
    cents = cents // 100 * 100 if plan.whole else cents
    pieces = chance.randint(1, 12) if plan.pieces else 1
    if chance.random() < plan.returns:
        cents = -cents
    cells = {
        "customer_id": customer, "date": plan.dates.write(day, chance),
        "amount": plan.numbers.write(cents, chance),
        "order_id": f"B{chance.randrange(10**6):06d}", "quantity": str(pieces),
        "channel": chance.choice(CHANNELS), "note": chance.choice(NOTES),
    }  # fmt: skip
    truth: dict[str, object] = {
        "customer": customer, "day": day, "amount": round(cents * pieces / 100, 6)
    }  # fmt: skip
    if not first and chance.random() < plan.missing:
        truth["fault"] = _spoil(chance, cells)
    elif not first and chance.random() < 0.03:
        cells["customer_id"] = f" {customer} "
    return cells, truth


def _spoil(chance: random.Random, cells: dict[str, str]) -> str:
    kind = chance.choice(("customer_id", "date", "amount", "no date", "no amount"))
    if kind == "no date":
        cells["date"] = chance.choice(UNREADABLE)
        return "unreadable_date"
    if kind == "no amount":
        cells["amount"] = chance.choice(UNREADABLE)
        return "unreadable_amount"
    cells[kind] = chance.choice(("", "  "))
    return f"missing_{kind}"


def _columns(plan: _Plan, kind: Kind) -> list[tuple[str, str]]:
    """Return (role, name) of the columns, in an order of the file's own."""
    names = NAMES[plan.locale.name]
    columns = [("customer_id", names[0]), ("date", names[1])]
    columns.append(("amount", names[5] if plan.pieces else names[2]))
    if plan.pieces:
        columns.append(("quantity", names[4]))
    for role, name in (("order_id", names[3]), ("channel", "channel"), ("note", "note")):
        if plan.chance.random() < 0.5 or (role == "order_id" and kind.needs_order):
            columns.append((role, name))
    columns += kind.added
    plan.chance.shuffle(columns)
    return columns


def _style(chance: random.Random, plan: _Plan) -> dict[str, object]:
    common = ";" if plan.locale.decimal == "," else ","
    return {
        "delimiter": chance.choice((common, common, ";", ",", "\t", "|")),
        "quoting": chance.choice(("where needed", "where needed", "everything")),
        "ending": chance.choice(("\n", "\n", "\r\n")),
        "blank_lines": chance.choice((0.0, 0.0, 0.0, 0.1)),
        "title": chance.random() < 0.06,
    }
