"""Rows that a file calls no sale, money given back, totals on every line: without a preset."""

from __future__ import annotations

import random

import pytest

from clvcore.ingest import Mapping, guess_mapping, read_raw, read_transactions, validate
from clvcore.records.errors import MappingError

ORDERS = 120


def orders(header, cells, *, delimiter=";"):
    """Return the bytes of orders: cells(place, chance) adds to customer, day and amount."""
    chance = random.Random(3)  # noqa: S311
    rows = []
    for place in range(ORDERS):
        day = f"2024-{1 + place % 12:02}-{1 + place % 28:02}"
        rows.append([f"K{place % 17}", day, f"{10 + place}.50", *cells(place, chance)])
    names = ["customer", "date", "amount", *header]
    return "\n".join(delimiter.join(map(str, row)) for row in [names, *rows]).encode()


def value(places):
    return sum(10.5 + place for place in places)


def codes(transactions):
    return {notice.code for notice in transactions.quality.warnings}


# of every language: the name of the column, words for no sale, a word for a sale
STATES = {
    "en": ("Payment Status", ("Failed", "Voided", "Draft"), "Paid"),
    "es": ("Estado del pedido", ("Cancelado", "Anulada", "Pendiente de pago"), "Pagado"),
    "pt": ("Situação", ("Cancelado", "Recusada", "Aguardando pagamento"), "Pago"),
    "de": ("Bestellstatus", ("Storniert", "Fehlgeschlagen", "Entwurf"), "Bezahlt"),
    "fr": ("Statut de la commande", ("Annulée", "Échouée", "En attente"), "Payée"),
    "it": ("Stato ordine", ("Annullato", "Fallito", "Bozza"), "Pagato"),
    "nl": ("Orderstatus", ("Geannuleerd", "Mislukt", "In afwachting"), "Betaald"),
    "pl": ("Status zamówienia", ("Anulowane", "Odrzucone", "Oczekuje na płatność"), "Opłacone"),
    "ru": ("Статус заказа", ("Отменён", "Ошибка", "Черновик"), "Оплачен"),
    "zh": ("订单状态", ("已取消", "支付失败", "待付款"), "已完成"),
    "ja": ("注文ステータス", ("キャンセル", "失敗", "保留"), "支払い済み"),
    "ko": ("주문상태", ("취소", "결제실패", "입금대기"), "결제완료"),
    "ar": ("حالة الطلب", ("ملغى", "فشل", "قيد الانتظار"), "مدفوع"),
    "tr": ("Sipariş Durumu", ("İptal edildi", "Başarısız", "Beklemede"), "Ödendi"),
}
BACK = {
    "en": "Refunded", "es": "Reembolsado", "pt": "Estornado", "de": "Erstattet",
    "fr": "Remboursée", "it": "Rimborsato", "nl": "Terugbetaald", "pl": "Zwrócone",
    "ru": "Возвращён", "zh": "已退款", "ja": "返金済み", "ko": "환불완료",
    "ar": "مسترد", "tr": "İade",
}  # fmt: skip


@pytest.mark.parametrize("language", STATES)
def test_a_status_leaves_out_what_is_no_sale(language):
    name, bad, good = STATES[language]
    words = (*bad, BACK[language])

    def cells(place, _):
        return (words[place // 8 % 4] if place % 8 == 0 else good,)

    read = read_transactions(orders((name,), cells))
    gone = range(0, ORDERS, 8)
    assert read.quality.rows_dropped == {"cancelled": len(gone)}
    assert read.quality.amount_dropped["cancelled"] == pytest.approx(value(gone))
    (notice,) = [n for n in read.quality.warnings if n.code == "STATUS_LEFT_OUT"]
    assert (notice.values["column"], notice.values["rows"]) == (name, len(gone))
    assert good in notice


@pytest.mark.parametrize(
    ("name", "mark", "blank"),
    [("Cancelled at", "2024-05-01", ""), ("Storniert am", "01.05.2024", ""), ("is_void", "1", "0"),
     ("Anulada", "sí", "no"), ("Captured", "false", "true"), ("是否取消", "是", "否"),
     ("cancel reason", "customer changed their mind", "")],
)  # fmt: skip
def test_a_mark_or_a_date_of_cancellation_is_read(name, mark, blank):
    read = read_transactions(orders((name,), lambda p, _: (mark if p % 10 == 0 else blank,)))
    assert read.quality.rows_dropped == {"cancelled": ORDERS // 10}
    assert "STATUS_LEFT_OUT" in codes(read)


@pytest.mark.parametrize(
    "name", ["Amount Refunded", "Erstattungsbetrag", "Importe reembolsado", "Сумма возврата",
             "退款金额", "환불금액", "Kwota zwrotu"],
)  # fmt: skip
def test_money_given_back_is_taken_off(name):
    def cells(place, _):
        amount = 10.5 + place
        return (f"{amount if place % 20 == 0 else amount / 2 if place % 10 == 0 else 0:.2f}",)

    read = read_transactions(orders((name,), cells))
    whole, half = range(0, ORDERS, 20), range(10, ORDERS, 20)
    everything = value(range(ORDERS))
    expected = everything - value(whole) - value(half) / 2
    assert read.quality.amount_used == pytest.approx(expected, abs=0.05)
    assert read.quality.rows_dropped == {"cancelled": len(whole)}
    assert "REFUNDS_TAKEN_OFF" in codes(read)


def test_refunds_are_read_by_their_own_marks_where_amounts_have_none():
    rows = [f"K{n % 9};2024-03-{1 + n % 28:02};{1000 + n};{'250,75' if n % 8 == 0 else '0'}"
            for n in range(80)]  # fmt: skip
    data = "\n".join(["Cliente;Fecha;Importe total;Importe reembolsado", *rows]).encode()
    read = read_transactions(data)
    assert read.quality.amount_used == pytest.approx(sum(1000 + n for n in range(80)) - 2507.5)


def test_refunds_that_cannot_be_read_are_said():
    data = orders(("Refunded",), lambda p, _: ("see mail" if p == 7 else "1.50" if p < 30 else "",))
    (said,) = [n for n in read_transactions(data).quality.warnings if n.code.endswith("UNREADABLE")]
    assert said.values == {"cells": 1, "column": "Refunded"}


def test_what_went_back_may_be_off_a_net_amount_already_and_that_is_said():
    data = orders(("refunded",), lambda p, _: ("5.00" if p % 9 == 0 else "0.00",))
    data = data.replace(b"customer;date;amount", b"customer;date;net amount")
    read = read_transactions(data)
    assert read.quality.amount_used == pytest.approx(value(range(ORDERS)))
    assert "REFUNDS_NOT_USED" in codes(read)


@pytest.mark.parametrize(
    ("name", "word"),
    [("Fulfillment Status", "pending"), ("Shipping state", "returned"), ("Customer Type", "test"),
     ("Versandstatus", "ausstehend"), ("email status", "failed"), ("物流状态", "已取消")],
)  # fmt: skip
def test_parcels_and_people_have_states_of_their_own(name, word):
    read = read_transactions(orders((name,), lambda p, _: (word if p % 5 == 0 else "done",)))
    assert read.quality.rows_used == ORDERS
    assert not codes(read)


def test_a_word_on_most_rows_is_doubted_not_obeyed():
    data = orders(("status",), lambda p, _: ("pending" if p % 4 else "sent",))
    read = read_transactions(data)
    assert read.quality.rows_used == ORDERS
    assert "STATUS_NOT_USED" in codes(read)
    obeyed = read_transactions(data, mapping={"status": "status"})
    assert obeyed.quality.rows_used == ORDERS // 4


def test_open_and_paid_invoices_are_sales():
    words = ("Paid", "Overdue", "Awaiting Payment", "Sent", "Completed", "Processing", "Open")
    read = read_transactions(orders(("Status",), lambda p, _: (words[p % 7],)))
    assert read.quality.rows_used == ORDERS
    assert not codes(read)


def test_refunded_in_part_without_a_sum_is_said():
    words = {0: "Partially refunded", 1: "Teilweise erstattet", 2: "部分退款"}
    read = read_transactions(orders(("Status",), lambda p, _: (words.get(p, "Paid"),)))
    assert read.quality.rows_used == ORDERS
    (notice,) = [n for n in read.quality.warnings if n.code == "STATUS_NOT_USED"] or [None]
    assert notice is None
    named = read_transactions(
        orders(("Status",), lambda p, _: (words.get(p, "Failed" if p == 9 else "Paid"),))
    )
    (notice,) = [n for n in named.quality.warnings if n.code == "PARTLY_REFUNDED"]
    assert notice.values["rows"] == 3


def test_a_row_below_zero_is_the_refund_and_stays():
    data = b"order;customer;date;amount;type\n" + b"".join(
        f"{n};K{n % 9};2024-03-{1 + n % 28:02};{20 + n};Sale\n".encode() for n in range(40)
    ) + b"3;K3;2024-04-02;-23;Refund\n"  # fmt: skip
    read = read_transactions(data)
    assert read.quality.amount_used == pytest.approx(sum(20 + n for n in range(40)) - 23)
    assert "STATUS_LEFT_OUT" not in codes(read)


def test_the_status_can_be_switched_off_and_a_mapping_without_one_is_told():
    data = orders(("Status",), lambda p, _: ("Failed" if p % 6 == 0 else "Paid",))
    off = read_transactions(data, mapping={"status": ""})
    assert off.quality.rows_used == ORDERS
    (notice,) = [n for n in off.quality.warnings if n.code == "STATUS_NOT_USED"]
    assert notice.values["rows"] == ORDERS // 6
    raw = read_raw(data)
    plain = Mapping(customer_id="customer", date="date", amount="amount")
    assert "STATUS_NOT_USED" in codes(validate(raw, plain))
    assert Mapping.from_dict(guess_mapping(raw).mapping.to_dict()).status == "Status"


def lines(total, *, item=True, state=False):
    """Return orders of one to three lines, with the total of each order on all of them."""
    chance = random.Random(5)  # noqa: S311
    out = [f"order,client,date,{total}" + (",item" if item else "") + (",status" if state else "")]
    money = voided = 0
    for order in range(80):
        amount = round(chance.uniform(10, 90), 2)
        word = "Voided" if order % 10 == 0 else "Paid"
        money += 0 if state and word == "Voided" else amount
        for line in range(1 + order % 3):
            voided += state and word == "Voided"
            row = f"{order},c{order % 19},2024-02-{1 + order % 28:02},{amount}"
            out.append(row + (f",p{line}" if item else "") + (f",{word}" if state else ""))
    return "\n".join(out).encode(), money


@pytest.mark.parametrize("total", ["Order Total", "Total", "Gesamtbetrag", "amount", "订单金额"])
@pytest.mark.parametrize("state", [False, True])
def test_a_total_on_all_lines_of_an_order_is_counted_once(total, state):
    data, money = lines(total, state=state)
    read = read_transactions(data)
    assert read.quality.amount_used == pytest.approx(money)
    assert read.quality.rows_used == (72 if state else 80)
    assert "ORDER_TOTAL_ONCE" in codes(read)


def test_a_mapping_that_counts_totals_once_a_line_is_told():
    data, _ = lines("Order Total")
    mapping = Mapping(customer_id="client", date="date", amount="Order Total", order_id="order")
    assert "ORDER_TOTAL_POSSIBLE" in codes(validate(read_raw(data), mapping))


def test_rows_that_are_alike_in_all_columns_are_left_to_the_notice_of_duplicates():
    data, _ = lines("amount", item=False)
    read = read_transactions(data)
    assert read.quality.rows_used == 159
    assert codes(read) == {"DUPLICATE_ROWS"}


def test_a_preset_reads_its_own_status_and_totals_need_orders():
    with pytest.raises(MappingError, match="preset"):
        Mapping(customer_id="a", date="b", amount="c", preset="stripe", status="d")
    with pytest.raises(MappingError, match="order_id"):
        Mapping(customer_id="a", date="b", amount="c", order_total=True)
