"""Columns are weighed by what their values do, not by name alone."""

from __future__ import annotations

import random

import pytest

from clvcore.ingest import guess_mapping, read_raw, read_transactions
from clvcore.ingest.columns.headers import name_score
from clvcore.ingest.columns.orderwise import is_order_total
from clvcore.records.errors import MappingError

ROWS = 300


def shop(header, row, *, rows=ROWS, delimiter=","):
    chance = random.Random(7)  # noqa: S311
    body = [row(chance, number) for number in range(rows)]
    return read_raw("\n".join([header, *(delimiter.join(map(str, r)) for r in body), ""]).encode())


def day(chance):
    return f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def money(chance):
    return f"{chance.uniform(5, 90):.2f}"


@pytest.mark.parametrize(
    ("sparse", "full"),
    [("ship_date", "ts"), ("Datum Versand", "Zeitpunkt"), ("invoice date", "moment"),
     ("order date", "created_on"), ("交易日期", "创建于")],
)  # fmt: skip
def test_a_nearly_empty_date_never_beats_a_full_one(sparse, full):
    raw = shop(
        f"customer,{sparse},{full},amount",
        lambda c, i: (f"k{c.randint(1, 40)}", day(c) if i % 10 == 0 else "", day(c), money(c)),
    )
    mapping = guess_mapping(raw).mapping
    assert mapping.date == full
    assert len(read_transactions(raw.table, mapping=mapping).lines) == ROWS


def test_a_lone_date_may_have_gaps_and_a_birthday_never_steps_in():
    row = lambda c, i: (f"k{c.randint(1, 40)}", day(c) if i % 5 else "", day(c), money(c))  # noqa: E731
    assert guess_mapping(shop("customer,date,note,amount", row)).mapping.date == "date"
    sparse = lambda c, i: (f"k{c.randint(1, 9)}", day(c) if i % 9 == 0 else "", day(c), money(c))  # noqa: E731
    with pytest.raises(MappingError) as refused:
        guess_mapping(shop("customer,ship date,birth date,amount", sparse))
    assert refused.value.values["role"] == "date"


@pytest.mark.parametrize("name", ["ORDER_DT", "TRANSACTION_DT", "Invoice TS", "receipt_day"])
def test_a_day_of_an_order_is_no_order(name):
    raw = shop(f"cust_id,{name},amount", lambda c, _: (c.randint(1, 40), day(c), money(c)))
    mapping = guess_mapping(raw).mapping
    assert (mapping.date, mapping.order_id) == (name, None)


def test_numbers_of_orders_stay_orders_though_they_could_be_days():
    raw = shop(
        "customer,order number,date,amount",
        lambda c, i: (f"k{c.randint(1, 40)}", 45_000 + i, day(c), money(c)),
    )
    assert guess_mapping(raw).mapping.order_id == "order number"


@pytest.mark.parametrize(
    ("pieces", "price"),
    [("AMOUNT", "SALES_PRICE"), ("amount", "line price"), ("Value", "gross price")],
)
def test_pieces_called_an_amount_are_not_money(pieces, price):
    raw = shop(
        f"customer,day,{pieces},{price}",
        lambda c, _: (
            f"k{c.randint(1, 40)}",
            day(c),
            c.choice((1, 1, 1, 2, 3)),
            c.randint(20, 400),
        ),
    )
    assert guess_mapping(raw).mapping.amount == price


def test_whole_amounts_without_another_column_of_money_are_money():
    raw = shop(
        "customer,day,amount,items",
        lambda c, _: (f"k{c.randint(1, 40)}", day(c), c.randint(1, 9), c.randint(1, 3)),
    )
    assert guess_mapping(raw).mapping.amount == "amount"


@pytest.mark.parametrize(
    ("product", "buyer"),
    [("name", "buyer_address"), ("Name", "Rechnungsempfänger"), ("nombre", "comprador final")],
)
def test_a_name_of_a_product_is_no_customer(product, buyer):
    raw = shop(
        f"order id,{product},{buyer},date,amount",
        lambda c, i: (
            i // 3,
            f"Lamp {c.randint(1, 9)}",
            f"0x{i // 3 % 30:04x}",
            "2024-03-15",
            money(c),
        ),
    )
    assert guess_mapping(raw).mapping.customer_id == buyer


def test_the_customer_is_the_same_on_all_lines_of_an_order():
    raw = shop(
        "order,client,user,date,amount",  # both are names of customers: the values decide
        lambda c, i: (i // 3, f"Desk {c.randint(1, 9)}", f"u{i // 3 % 30}", "2024-03-15", money(c)),
    )
    assert guess_mapping(raw).mapping.customer_id == "user"


def test_blank_and_constant_columns_have_no_role():
    raw = shop(
        "seller,customer,client name,invoice id,date,amount",
        lambda c, _: ("we", f"k{c.randint(1, 40)}", "--", "", day(c), money(c)),
    )
    mapping = guess_mapping(raw).mapping
    assert (mapping.customer_id, mapping.order_id) == ("customer", None)
    nobody = shop(
        "customer,client,date,amount",
        lambda c, _: ("all", f"k{c.randint(1, 40)}", day(c), money(c)),
    )
    assert guess_mapping(nobody).mapping.customer_id == "client"


@pytest.mark.parametrize(
    ("role", "name", "other"),
    [("date", "发货日期", "订单日期"), ("date", "배송일", "주문일"),
     ("amount", "消費税", "合計金額"), ("order_id", "订单金额", "订单号"),
     ("amount", "Сумма НДС", "Сумма заказа"), ("customer_id", "客户类型", "客户编号"),
     ("order_id", "Sipariş Tutarı", "Sipariş No"), ("order_id", "حالة الطلب", "رقم الطلب"),
     ("date", "Leverdatum", "Besteldatum"), ("date", "Data dostawy", "Data zakupu")],
)  # fmt: skip
def test_a_word_that_says_otherwise_counts_in_every_script(role, name, other):
    assert name_score(role, name) < 0.25 < name_score(role, other)


@pytest.mark.parametrize(
    "header", ["客户编号,订单日期,金额", "Код клиента,Дата,Сумма", "고객번호,날짜,금액"]
)
def test_names_in_other_scripts_are_not_taken_for_one_another(header):
    raw = shop(header, lambda c, _: (f"k{c.randint(1, 40)}", day(c), money(c)))
    assert not guess_mapping(raw).notes


@pytest.mark.parametrize("name", ["Order Total", "Total", "Rechnungsbetrag", "订单金额", "amount"])
def test_a_total_that_repeats_on_all_lines_of_its_order_is_seen(name):
    totals = [f"{random.Random(n).uniform(10, 90):.2f}" for n in range(ROWS)]  # noqa: S311
    raw = shop(f"order,item,{name}", lambda c, i: (i // 3, f"p{c.randint(1, 99)}", totals[i // 3]))
    assert is_order_total(raw, "order", name)


def test_equal_lines_and_few_prices_are_no_totals():
    lines = shop("order,item,amount", lambda c, i: (i // 3, f"p{i}", money(c)))
    assert not is_order_total(lines, "order", "amount")
    tickets = shop("order,seat,price", lambda _, i: (i // 3, f"s{i}", (15, 25, 45)[i // 3 % 3]))
    assert not is_order_total(tickets, "order", "price")
    twice = shop("order,amount", lambda _, i: (i // 2, f"{i // 2 + 5}.50"))
    assert not is_order_total(twice, "order", "amount")
