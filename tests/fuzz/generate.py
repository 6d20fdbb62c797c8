"""Random files of a shop's orders, each with the truth about every row.

    shop = shop_file("7-42")
    shop.data     # the bytes of the file
    shop.rows     # what every row means: customer, day and amount, or why it cannot be used

Number and date formats are those of English, Spanish, Portuguese, German, French, Swiss and Indian
exports. Whatever is random follows from the seed.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

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
}  # fmt: skip
CHANNELS = ("web", "shop", "phone, by hand", "Köln", "app")
NOTES = ("", "ok", 'said "thanks"', "gift; wrap it", "two\nlines", "1,5 kg", "x\ty")
UNREADABLE = ("free", "n/a", "see invoice", "#REF!")


@dataclass(frozen=True, kw_only=True)
class Row:
    """The truth about a row: its three values, or the ``fault`` for which it cannot be used."""

    line: int
    customer: str
    day: date
    amount: float
    fault: str | None = None


@dataclass(frozen=True, kw_only=True)
class ShopFile:
    """A file, what is in it, and the answers to what may be asked about it."""

    seed: str
    data: bytes
    rows: tuple[Row, ...]
    answers: dict[str, str]
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
    columns = _columns(plan)
    header = [name for _, name in columns]
    cells = [[row[role] for role, _ in columns] for row, _ in made]
    style = _style(chance, plan)
    text, lines = table_text(chance, header if headed else None, cells, style)
    data, encoding = encode(chance, text)
    packed = chance.random() < 0.03
    answers = {role: name for role, name in columns if role in ROLES}
    if not headed:
        answers = {role: f"column {n}" for n, (role, _) in enumerate(columns, 1) if role in ROLES}
    answers |= {"decimal": plan.locale.decimal} if not plan.numbers.exotic else {}
    answers |= {"date_order": plan.dates.order} if plan.dates.order else {}
    return ShopFile(
        seed=seed,
        data=gzip.compress(data, mtime=0) if packed else data,
        rows=tuple(Row(line=line, **truth) for line, (_, truth) in zip(lines, made, strict=True)),
        answers=answers,
        style={
            "locale": plan.locale.name, "dates": plan.dates.name, "numbers": plan.numbers.name,
            "header": headed, "encoding": encoding, "gzip": packed, **style,
        },
    )  # fmt: skip


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


def _columns(plan: _Plan) -> list[tuple[str, str]]:
    """Return (role, name) of the columns, in an order of the file's own."""
    names = NAMES[plan.locale.name]
    columns = [("customer_id", names[0]), ("date", names[1])]
    columns.append(("amount", names[5] if plan.pieces else names[2]))
    if plan.pieces:
        columns.append(("quantity", names[4]))
    for role, name in (("order_id", names[3]), ("channel", "channel"), ("note", "note")):
        if plan.chance.random() < 0.5:
            columns.append((role, name))
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
