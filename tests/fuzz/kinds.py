"""The odd kinds of files: what a table may hold beside orders, each kind with its own truth.

A kind changes the rows of a plain file and what they mean. ``words`` are codes of notices: where
one of them is said, a value other than the truth was no secret. ``must`` are codes of which one
has to be said, however right the values are.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

Cells = dict[str, str]
Truth = dict[str, Any]
Made = list[tuple[Cells, Truth]]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What became of the rows; ``added`` are columns (role, name) that come with the kind."""

    name: str
    made: Made
    added: tuple[tuple[str, str], ...] = ()
    needs_order: bool = False
    words: frozenset[str] = frozenset()
    must: frozenset[str] = frozenset()
    dates_order: str | None = ""


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How the file writes: its language and an amount in cents."""

    language: str
    money: Callable[[int], str]


TOTALS = {
    "en": "Total", "es": "Suma", "pt": "Total", "de": "Gesamt", "fr": "Total", "ch": "Summe",
    "in": "Sub Total", "it": "Totale", "nl": "Totaal", "pl": "Razem", "ru": "Итого", "zh": "小计",
    "ja": "合計", "ko": "소계", "ar": "المجموع", "tr": "Toplam",
}  # fmt: skip
STATUS = {
    "en": ("Status", "Paid", "Failed", "Cancelled"), "in": ("Order Status", "OK", "Void", "Draft"),
    "es": ("Estado", "Pagado", "Anulado", "Cancelada"), "pt": ("Situação", "Pago", "Cancelado",
    "Recusada"), "de": ("Status", "Bezahlt", "Storniert", "Fehlgeschlagen"),
    "ch": ("Bestellstatus", "Bezahlt", "Storno", "Abgebrochen"),
    "fr": ("Statut", "Payée", "Annulée", "Échec"), "it": ("Stato ordine", "Pagato", "Annullato",
    "Fallito"), "nl": ("Orderstatus", "Betaald", "Geannuleerd", "Mislukt"),
    "pl": ("Status", "Opłacone", "Anulowane", "Odrzucone"),
    "ru": ("Статус", "Оплачен", "Отменён", "Черновик"),
    "zh": ("订单状态", "已完成", "已取消", "待付款"),
    "ja": ("状態", "支払い済み", "キャンセル", "失敗"),
    "ko": ("주문상태", "결제완료", "취소", "결제실패"),
    "ar": ("حالة الطلب", "مدفوع", "ملغى", "فشل"), "tr": ("Durum", "Ödendi", "İptal", "Başarısız"),
}  # fmt: skip
REFUNDED = {
    "en": "Amount Refunded", "in": "Refund Amount", "es": "Importe reembolsado",
    "pt": "Valor reembolsado", "de": "Erstattungsbetrag", "ch": "Erstattet",
    "fr": "Montant remboursé", "it": "Importo rimborsato", "nl": "Terugbetaald bedrag",
    "pl": "Kwota zwrotu", "ru": "Сумма возврата", "zh": "退款金额", "ja": "返金額",
    "ko": "환불금액", "ar": "المبلغ المسترد", "tr": "İade tutarı",
}  # fmt: skip
NOBODY = (
    "guest@shop.example", "noname", "walk-in", "Cash customer", "Laufkunde", "Consumidor final",
    "99999", "散客", "ゲスト", "0", "noemail@x.example", "Client de passage",
)  # fmt: skip
MARKERS = ("\\N", "(null)", "<NA>", "#N/A")
DIGITS = {
    "arabic": "٠١٢٣٤٥٦٧٨٩", "persian": "۰۱۲۳۴۵۶۷۸۹", "hindi": "०१२३४५६७८९",
    "wide": "０１２３４５６７８９",
}  # fmt: skip
SIGNS = (
    "RM", "zł", "Kč", "₺", "₪", "S$", "R$", "kr", "лв.", "Ft", "฿", "₱", "₫", "AED", "NT$", "MX$",
    "Rp", "₦", "USD", "CA$",
)  # fmt: skip
FULL_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
               "September", "October", "November", "December")  # fmt: skip
ITEMS = ("Desk", "Lamp", "Chair", "Shelf", "Rug")


def subtotals(chance: random.Random, made: Made, writing: Writing) -> Kind | None:
    """Put a total below every few rows."""
    out: Made = []
    since, cents = 0, 0
    for cells, truth in made:
        out.append((cells, truth))
        good = truth.get("fault") is None
        cents += round(truth["amount"] * 100) if good else 0
        since += good
        if since >= 4 and cents > 0:
            label = TOTALS[writing.language]
            label += f" {len(out)}" if chance.random() < 0.5 else ""
            row = cells | {"customer_id": label, "amount": writing.money(cents)}
            day = {"date": row["date"]} if truth.get("day") else {}
            out.append((row | day, truth | {"customer": label, "fault": "subtotal"}))
            since, cents = 0, 0
    if len(out) < len(made) + 2:
        return None
    said = frozenset({"SUBTOTAL_ROWS", "SUBTOTALS_POSSIBLE"})
    return Kind(name="subtotals", made=out, words=frozenset({"SUBTOTALS_POSSIBLE"}), must=said)


def continued(chance: random.Random, made: Made, _: Writing) -> Kind | None:
    """Leave customer, day and order of further lines blank."""
    out: Made = []
    filled = 0
    for cells, truth in made:
        above = out[-1][1] if out else {"fault": "first"}
        row = cells | {"item": chance.choice(ITEMS)}
        if truth.get("fault") is None and above.get("fault") is None and chance.random() < 0.5:
            row |= {"customer_id": "", "date": "", "order_id": ""}
            truth = truth | {"customer": above["customer"], "day": above["day"]}
            filled += 1
        out.append((row, truth))
    if filled < 3:
        return None
    return Kind(
        name="continued", made=out, added=(("item", "Item"),), needs_order=True,
        must=frozenset({"CELLS_FILLED_DOWN"}),
    )  # fmt: skip


def status(chance: random.Random, made: Made, writing: Writing) -> Kind | None:
    """Say of some rows that they came to nothing."""
    name, good, *bad = STATUS[writing.language]
    out: Made = []
    for cells, truth in made:
        failed = truth.get("fault") is None and chance.random() < 0.2
        out.append((
            cells | {"status": chance.choice(bad) if failed else good},
            truth | {"fault": "cancelled"} if failed else truth,
        ))  # fmt: skip
    failures = sum(truth.get("fault") == "cancelled" for _, truth in out)
    usable = sum(truth.get("fault") is None for _, truth in out)
    if not failures or not usable or failures > len(out) * 0.4:
        return None
    return Kind(
        name="status", made=out, added=(("status", name),),
        words=frozenset({"STATUS_NOT_USED"}),
        must=frozenset({"STATUS_LEFT_OUT", "STATUS_NOT_USED"}),
    )  # fmt: skip


def refunded(chance: random.Random, made: Made, writing: Writing) -> Kind | None:
    """Give back a part of some rows, in a column of its own."""
    out: Made = []
    parts = 0
    for cells, truth in made:
        cents = round(truth["amount"] * 100)
        back = 0
        if truth.get("fault") is None and cents > 200 and chance.random() < 0.25:
            back = chance.randrange(100, cents - 50)
            truth = truth | {"amount": (cents - back) / 100}
            parts += 1
        out.append((cells | {"refunded": writing.money(back)}, truth))
    if not parts:
        return None
    said = frozenset({"REFUNDS_TAKEN_OFF", "REFUNDS_NOT_USED"})
    return Kind(
        name="refunded", made=out, added=(("refunded", REFUNDED[writing.language]),),
        words=frozenset({"REFUNDS_NOT_USED"}), must=said,
    )  # fmt: skip


def order_totals(chance: random.Random, made: Made, _: Writing) -> Kind | None:
    """Write the total of an order on all of its lines."""
    out: Made = []
    several = 0
    for number, (cells, truth) in enumerate(made):
        if truth.get("fault") is not None or truth["amount"] <= 0:
            continue
        lines = chance.choice((1, 2, 3))
        several += lines > 1
        for line in range(lines):
            row = cells | {"order_id": f"B{number:06d}", "item": ITEMS[line]}
            out.append((row, truth | {"fault": "repeated_total"} if line else truth))
    if several < 8:
        return None
    return Kind(
        name="order totals", made=out, added=(("item", "Item"),), needs_order=True,
        words=frozenset({"ORDER_TOTAL_POSSIBLE"}),
        must=frozenset({"ORDER_TOTAL_ONCE", "ORDER_TOTAL_POSSIBLE"}),
    )  # fmt: skip


def nobody(chance: random.Random, made: Made, _: Writing) -> Kind | None:
    """Give a fifth of the rows to nobody in particular."""
    name = chance.choice(NOBODY)
    out = [
        (cells | {"customer_id": name}, truth | {"customer": name})
        if truth.get("fault") is None and (place % 5 == 0)
        else (cells, truth)
        for place, (cells, truth) in enumerate(made)
    ]
    if not any(truth["customer"] == name and not truth.get("fault") for _, truth in out):
        return None
    return Kind(name="nobody", made=out, must=frozenset({"GUEST_IDS"}))


def half_float(_: random.Random, made: Made, __: Writing) -> Kind | None:
    """Write the same ids with and without a decimal point."""
    out: Made = []
    good = [place for place, (_, truth) in enumerate(made) if truth.get("fault") is None]
    if len(good) < 3:
        return None
    for place, (cells, truth) in enumerate(made):
        number = 1001 + (0 if place in good[:2] else sum(map(ord, truth["customer"])) % 40)
        pointed = place == good[0] or (place > good[1] and place % 2)
        cells = dict(cells)
        if cells["customer_id"].strip():
            cells["customer_id"] = f"{number}.0" if pointed else str(number)
        out.append((cells, truth | {"customer": str(number)}))
    return Kind(name="half float", made=out, must=frozenset({"IDS_WITH_POINT"}))


def months(chance: random.Random, made: Made, _: Writing) -> Kind:
    """Name months instead of days."""
    write = chance.choice((
        lambda day: f"{day:%Y-%m}", lambda day: f"{day:%m/%Y}",
        lambda day: f"{FULL_MONTHS[day.month - 1]} {day.year}",
    ))  # fmt: skip
    first: Callable[[date], date] = lambda day: day.replace(day=1)  # noqa: E731
    out = _dated(made, write, first)
    return Kind(name="months", made=out, must=frozenset({"DATES_ARE_MONTHS"}), dates_order=None)


def buddhist(_: random.Random, made: Made, __: Writing) -> Kind:
    """Count years from the Buddha's death."""
    out = _dated(made, lambda day: f"{day.day:02d}/{day.month:02d}/{day.year + 543}", lambda d: d)
    return Kind(name="buddhist", made=out, must=frozenset({"YEARS_BUDDHIST"}), dates_order="dmy")


def chinese(_: random.Random, made: Made, __: Writing) -> Kind:
    """Write days as in 2024年5月12日."""
    out = _dated(made, lambda day: f"{day.year}年{day.month}月{day.day}日", lambda d: d)
    return Kind(name="chinese dates", made=out, dates_order=None)


def digits(chance: random.Random, made: Made, _: Writing) -> Kind:
    """Write days and amounts in the digits of another script."""
    script = str.maketrans("0123456789", chance.choice(list(DIGITS.values())))
    out = [
        (cells | {role: cells[role].translate(script) for role in ("date", "amount")}, truth)
        for cells, truth in made
    ]
    return Kind(name="digits", made=out)


def currency(chance: random.Random, made: Made, writing: Writing) -> Kind | None:
    """Set a sign or a code before each amount."""
    sign = chance.choice(SIGNS)
    plain = [writing.money(round(truth["amount"] * 100)) for _, truth in made]
    if any(character.isalpha() or character in "$€£₹¥₽₩" for text in plain for character in text):
        return None
    out = [
        (cells | {"amount": f"{sign} {cells['amount']}" if _is_amount(cells, truth) else
                  cells["amount"]}, truth)
        for cells, truth in made
    ]  # fmt: skip
    if any(truth["amount"] < 0 for _, truth in made):
        return None
    return Kind(name=f"currency {sign}", made=out)


def markers(chance: random.Random, made: Made, _: Writing) -> Kind | None:
    """Write a mark where there is nothing."""
    mark = chance.choice(MARKERS)
    out: Made = []
    for cells, truth in made:
        if out and truth.get("fault") is None and chance.random() < 0.2:
            role = chance.choice(("customer_id", "date", "amount"))
            cells, truth = cells | {role: mark}, truth | {"fault": f"missing_{role}"}
        out.append((cells, truth))
    if not any(truth.get("fault") is None for _, truth in out):
        return None
    return Kind(name="markers", made=out)


def far_off(chance: random.Random, made: Made, _: Writing) -> Kind | None:
    """Let one year be mistyped, where the others are close together."""
    near: Made = []
    for cells, truth in made:
        day = date(2024, 1, 1 + truth["day"].toordinal() % 28)
        dated = cells["date"].strip() and truth.get("fault") != "unreadable_date"
        cells = cells | {"date": day.isoformat()} if dated else cells
        near.append((cells, truth | {"day": day}))
    good = [place for place, (_, truth) in enumerate(near) if truth.get("fault") is None]
    if len(good) < 25:
        return None
    place = chance.choice(good)
    cells, truth = near[place]
    far = date(2042, 6, 25)
    near[place] = cells | {"date": far.isoformat()}, truth | {"day": far, "fault": "far_off_date"}
    said = frozenset({"FAR_OFF_DATES", "GAPS_IN_TIME"})
    return Kind(name="far off", made=near, words=said, must=said, dates_order=None)


ROWS: tuple[Callable[[random.Random, Made, Writing], Kind | None], ...] = (
    subtotals, continued, status, refunded, order_totals, nobody, half_float, months, buddhist,
    chinese, digits, currency, markers, far_off,
)  # fmt: skip


def odd(chance: random.Random, made: Made, writing: Writing) -> Kind:
    """Return one kind that suits the rows, or the rows as they are."""
    found = chance.choice(ROWS)(chance, made, writing)
    if found is None:
        return Kind(name="plain", made=made)
    return replace(found, words=found.words | found.must)


def _dated(made: Made, write: Callable[[date], str], read: Callable[[date], date]) -> Made:
    """Write every day that can be read in another way."""
    return [
        (
            cells | {"date": write(truth["day"])}
            if cells["date"].strip() and truth.get("fault") != "unreadable_date"
            else cells,
            truth | {"day": read(truth["day"])},
        )
        for cells, truth in made
    ]


def _is_amount(cells: Cells, truth: Truth) -> bool:
    return bool(cells["amount"].strip()) and truth.get("fault") != "unreadable_amount"
