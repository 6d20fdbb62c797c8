"""What rows are meant to say: totals among them, blank cells that mean "as above", lone refunds."""

from __future__ import annotations

import random

import pytest

from clvcore.ingest import read_transactions
from clvcore.ingest.subtotals import is_label

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def shop(rows, header="Date,Customer,Amount"):
    return "\n".join([header, *rows]).encode()


def by_month(label, *, customers=20, count=120):
    """Return rows by month, each month's total behind it under the label, and their money."""
    chance = random.Random(11)  # noqa: S311
    rows, money, total = [], 0.0, 0.0
    for place in range(count):
        month = place * 12 // count
        amount = round(chance.uniform(5, 80), 2)
        money, total = money + amount, total + amount
        rows.append(f"2024-{month + 1:02}-{1 + place % 28:02},C{place % customers},{amount}")
        if (place + 1) * 12 // count > month:
            rows.append(f"2024-{month + 1:02}-28,{label(month)},{total:.2f}")
            total = 0.0
    return rows, money


def notice(read, code):
    found = [warning for warning in read.quality.warnings if warning.code == code]
    assert len(found) == 1, [warning.code for warning in read.quality.warnings]
    return found[0]


@pytest.mark.parametrize(
    "label",
    [lambda m: f"Total {MONTHS[m]}", lambda m: f"{MONTHS[m]} Total", lambda _: "Subtotal",
     lambda m: f"Suma {m + 1}/2024", lambda m: f"Gesamt Monat {m + 1}", lambda _: "Summe:",
     lambda m: f"Итого за {m + 1} месяц", lambda _: "Всего", lambda m: f"{m + 1}月小计",
     lambda _: "合计", lambda _: "소계", lambda _: "المجموع", lambda _: "Ara Toplam",
     lambda m: f"Totale mese {m + 1}", lambda _: "Sous-total", lambda _: "Razem",
     lambda _: "Subtotaal"],
)  # fmt: skip
def test_totals_among_the_rows_are_left_out_and_counted(label):
    rows, money = by_month(label)
    read = read_transactions(shop(rows))
    assert read.quality.rows_dropped == {"subtotal": 12}
    assert read.quality.amount_used == pytest.approx(money)
    assert read.quality.customers_used == 20
    assert notice(read, "SUBTOTAL_ROWS").values["amount"] == pytest.approx(money)
    assert list(read.quality.rejected["reason"]) == ["subtotal"] * 12


def test_a_grand_total_and_the_totals_of_customers_are_left_out():
    rows = [f"2024-03-{1 + n:02},Client {n // 3},{n + 0.5}" for n in range(27)]
    for client in range(9):
        total = sum(n + 0.5 for n in range(27) if n // 3 == client)
        rows.insert(4 * client + 3, f"2024-03-30,Client {client} Total,{total}")
    rows.append(f"2024-03-31,Grand Total,{sum(n + 0.5 for n in range(27))}")
    read = read_transactions(shop(rows))
    assert read.quality.rows_dropped == {"subtotal": 10}
    assert read.quality.customers_used == 9


def test_a_total_may_stand_in_another_column():
    rows = [f"2024-05-{1 + n % 28:02},C{n % 7},{n + 1.25},Lamp {n % 3}" for n in range(60)]
    rows.append(f"2024-05-31,C1,{sum(n + 1.25 for n in range(60))},TOTAL")
    read = read_transactions(shop(rows, "Date,Customer,Amount,Product"))
    assert read.quality.rows_dropped == {"subtotal": 1}


@pytest.mark.parametrize(
    "name", ["Total Wine & More", "TotalEnergies", "Suma Wholefoods", "Gesamtschule Köln",
             "Sumner", "Somerset", "Somme Bakery", "Totally Wired", "Razem Sp. z o.o."],
)  # fmt: skip
def test_shops_whose_names_sound_like_totals_are_customers(name):
    rows = [f"2024-05-{1 + n % 28:02},{name if n % 6 == 0 else f'C{n % 9}'},{n + 1}.25"
            for n in range(60)]  # fmt: skip
    read = read_transactions(shop(rows))
    assert read.quality.rows_used == 60
    assert not read.quality.warnings


def test_a_customer_called_suma_stays_and_is_doubted():
    rows = [f"2024-05-{1 + n % 28:02},{'Suma' if n % 9 == 4 else f'C{n % 9}'},{n + 1}.25"
            for n in range(60)]  # fmt: skip
    read = read_transactions(shop(rows))
    assert read.quality.rows_used == 60
    assert notice(read, "SUBTOTALS_POSSIBLE").values["rows"] == 7


def test_labels_are_told_from_names():
    assert all(map(is_label, ("Grand total", "Total for Client 3", "TOTAL:")))
    assert not any(map(is_label, ("Lamp", "", None)))


def lines(cells, header):
    """Return orders of one to three lines; all but the first line of each leave cells blank."""
    out, money = [header], 0.0
    for order in range(40):
        for line in range(1 + order % 3):
            amount = order + line + 0.75
            money += amount
            out.append(cells(order, line, amount))
    return "\n".join(out).encode(), money


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Order,Customer,Date,Product,Amount",
         lambda o, n, a: f"{'' if n else f'S{o}'},{'' if n else f'P{o % 9}'},"
                         f"{'' if n else f'2024-03-{1 + o % 28:02}'},Desk {n},{a}"),
        ("Kunde,Datum,Artikel,Betrag",
         lambda o, n, a: f"{'' if n else f'P{o % 9}'},"
                         f"{'' if n else f'2024-03-{1 + o % 28:02}'},Tisch {n},{a}"),
        ("Order,Customer,Date,Product,Amount",
         lambda o, n, a: f"S{o},{'' if n else f'P{o % 9}'},"
                         f"{'' if n else f'2024-03-{1 + o % 28:02}'},Desk {n},{a}"),
        ("Order,Customer,Date,Product,Amount",
         lambda o, n, a: f"S{o},{'' if n else f'P{o % 9}'},2024-03-{1 + o % 28:02},Desk {n},{a}"),
        ("客户,日期,商品,金额",
         lambda o, n, a: f"{'  ' if n else f'P{o % 9}'},"
                         f"{'' if n else f'2024-03-{1 + o % 28:02}'},桌 {n},{a}"),
    ],
)  # fmt: skip
def test_lines_that_go_on_with_an_order_get_its_customer_and_day(header, cells):
    data, money = lines(cells, header)
    read = read_transactions(data)
    assert read.quality.rows_dropped == {}
    assert read.quality.amount_used == pytest.approx(money)
    assert read.quality.customers_used == 9
    per_customer = read.to_pandas().groupby("customer_id")["amount"].sum()
    assert per_customer["P0"] == pytest.approx(
        sum(o + n + 0.75 for o in range(0, 40, 9) for n in range(1 + o % 3))
    )
    assert notice(read, "CELLS_FILLED_DOWN").values["rows"] == 39


def test_guests_footers_and_totals_are_not_filled():
    rows = [f"S{n},{'' if n % 5 == 0 else f'P{n % 9}'},2024-03-{1 + n % 28:02},Desk,{n + 1}.5"
            for n in range(60)]  # fmt: skip
    rows += [",,,Total,1830.00", ",,,,1830.00", ",,,exported by Ann,0"]
    read = read_transactions(shop(rows, "Order,Customer,Date,Product,Amount"))
    assert read.quality.rows_dropped == {"missing_customer_id": 15}
    assert notice(read, "MANY_ROWS_LOST").values["column"] == "Customer"


def test_an_order_number_that_comes_again_elsewhere_fills_nothing():
    rows = [f"{n % 10},{'' if n == 35 else f'P{n % 7}'},2024-03-{1 + n % 28:02},Desk,{n + 1}.5"
            for n in range(60)]  # fmt: skip
    read = read_transactions(shop(rows, "Ticket,Customer,Date,Product,Amount"))
    assert read.quality.rows_dropped == {"missing_customer_id": 1}


def refunded(number):
    """Return orders and refunds nine days later, with the order number ``number`` gives."""
    rows = []
    for order in range(60):
        rows.append(f"{order},C{order % 13},2024-01-{1 + order % 19:02},{order + 10}.00")
        if order % 6 == 0:
            rows.append(
                f"{number(order)},C{order % 13},2024-03-{1 + order % 28:02},-{order + 10}.00"
            )
    return shop(rows, "order id,customer,date,amount")


@pytest.mark.parametrize("number", [lambda o: f"CN{o}", lambda _: "", lambda o: 5000 + o])
def test_refunds_nobody_can_link_are_said_with_their_money(number):
    read = read_transactions(refunded(number))
    said = notice(read, "REFUNDS_NOT_LINKED")
    money = sum(order + 10 for order in range(0, 60, 6))
    assert said.values == {"rows": 10, "amount": pytest.approx(money)}
    assert read.quality.amount_used == pytest.approx(sum(o + 10 for o in range(60)))


def test_linked_refunds_are_taken_off_without_a_word():
    read = read_transactions(refunded(lambda order: order))
    assert "REFUNDS_NOT_LINKED" not in [w.code for w in read.quality.warnings]


@pytest.mark.parametrize(
    ("half", "whole", "customers"),
    [(lambda n: f"{1000 + n}.0", lambda n: f"{1000 + n}", 20),
     (lambda n: f"{n + 1}.00", lambda n: f"{n + 1}", 20),
     (lambda n: f"{7 * n + 123456}.0", lambda n: f"{7 * n + 123456}", 20)],
)  # fmt: skip
def test_ids_with_and_without_a_point_are_one_customer(half, whole, customers):
    rows = [f"2024-05-{1 + n % 28:02},{(half if n < 30 else whole)(n % 20)},{n + 1}.25"
            for n in range(60)]  # fmt: skip
    read = read_transactions(shop(rows))
    assert read.quality.customers_used == customers
    assert not any("." in i for i in read.to_pandas()["customer_id"])
    assert notice(read, "IDS_WITH_POINT").values["same"] == 20
    assert len(read.quality.warnings) == 1


def test_ids_that_all_have_a_point_or_are_versions_stay_as_they_are():
    points = [f"2024-05-{1 + n % 28:02},{n % 20}.0,{n + 1}.25" for n in range(60)]
    versions = [f"2024-05-{1 + n % 28:02},v{n % 20}.0,{n + 1}.25" for n in range(60)]
    for rows in (points, versions):
        read = read_transactions(shop(rows))
        assert read.quality.customers_used == 20
        assert not read.quality.warnings


GUESTS = (
    "guest@shop.example", "noemail@shop.example", "no-reply@x.example", "WALK-IN", "Cash customer",
    "Laufkunde", "Cliente de contado", "Público en general", "Consumidor final",
    "Client de passage", "Cliente occasionale", "Contante klant", "Klient detaliczny",
    "Розничный покупатель", "散客", "ゲスト", "비회원", "عميل نقدي", "Misafir", "0", "99999",
    "noname", "Gość", "não identificado",
)  # fmt: skip


@pytest.mark.parametrize("guest", GUESTS)
def test_ids_of_nobody_are_said_with_their_share(guest):
    rows = [f"2024-{1 + n % 12:02}-{1 + n % 28:02},{guest if n % 5 == 0 else f'K{n % 31}'},10.00"
            for n in range(200)]  # fmt: skip
    said = notice(read_transactions(shop(rows)), "GUEST_IDS")
    assert (said.values["rows"], said.values["percent"], said.values["amount"]) == (40, 20, 400)


@pytest.mark.parametrize("till", ["orders@our-shop.example", "K-7", "Kasse 1"])
def test_one_id_with_a_fifth_of_all_orders_is_said_whatever_its_name(till):
    rows = [f"2024-{1 + n % 12:02}-{1 + n // 12 % 28:02},{till if n % 5 == 0 else f'C{n % 97}'},9.5"
            for n in range(400)]  # fmt: skip
    said = notice(read_transactions(shop(rows)), "ONE_BUSY_CUSTOMER")
    assert said.values["customer"] == till
    assert said.values["percent"] == pytest.approx(20)


def test_a_large_buyer_of_a_wholesaler_is_no_till():
    chance = random.Random(2)  # noqa: S311
    rows = []
    for customer in range(60):
        for _ in range(max(1, int(120 / (customer + 1) ** 0.8))):
            rows.append(f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02},W{customer},"
                        f"{chance.uniform(50, 900):.2f}")  # fmt: skip
    read = read_transactions(shop(rows))
    assert "ONE_BUSY_CUSTOMER" not in [w.code for w in read.quality.warnings]
