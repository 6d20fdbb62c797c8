import random
from pathlib import Path

import pytest

from clvcore.ingest import Mapping, guess_mapping, read_raw, read_transactions
from clvcore.ingest.columns.headers import name_score
from clvcore.records.errors import MappingError


def shop(header, row, rows=40):
    draw = random.Random(1)  # noqa: S311
    body = "\n".join(row(draw, number) for number in range(rows))
    return f"{header}\n{body}\n".encode()


def day(draw):
    return f"2024-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"


SHOPS = {
    "ours": (
        "customer_id,date,amount,order_id,email,channel,country",
        lambda d, i: f"c{d.randint(1, 9)},{day(d)},{d.random() * 99:.2f},o{i},x{i}@y.de,"
        f"{d.choice(['web', 'shop'])},{d.choice(['DE', 'FR'])}",
        ("customer_id", "date", "amount", "order_id", None, ("channel", "country")),
    ),
    "german": (
        "Customer ID;Datum;Betrag",
        lambda d, _: f"K{d.randint(1, 9)};{d.randint(1, 28)}.{d.randint(1, 12)}.2024;9,50",
        ("Customer ID", "Datum", "Betrag", None, None, ()),
    ),
    "webshop": (
        "email,created_at,total",
        lambda d, _: f"a{d.randint(1, 9)}@x.com,{day(d)}T10:00:00Z,{d.randint(1, 99)}.50",
        ("email", "created_at", "total", None, None, ()),
    ),
    "retail": (
        "Invoice,Article,Text,Quantity,InvoiceDate,Price,Customer ID,Country",
        lambda d, i: f"{i // 2},P{i},thing {i},{d.randint(1, 9)},{day(d)} 10:00,2.55,"
        f"{d.randint(1, 9)}.0,{d.choice(['UK', 'DE'])}",
        ("Customer ID", "InvoiceDate", "Price", "Invoice", "Quantity", ("Country",)),
    ),
    "marketplace": (
        "order_id,customer_unique_id,order_status,purchase_timestamp,"
        "order_delivered_customer_date,payment_value",
        lambda d, i: f"o{i},c{d.randint(1, 9)},{d.choice(['sent', 'done'])},{day(d)} 10:00:00,"
        f"{day(d)} 10:00:00,{d.random() * 99:.2f}",
        ("customer_unique_id", "purchase_timestamp", "payment_value", "order_id", None,
         ("order_status",)),
    ),
    "spanish": (
        "ID cliente;Fecha de compra;Importe;N.º pedido;Canal",
        lambda d, i: f"c{d.randint(1, 9)};{d.randint(13, 28)}/03/2024;{d.randint(1, 99)},90;"
        f"p{i};{d.choice(['web', 'tienda'])}",
        ("ID cliente", "Fecha de compra", "Importe", "N.º pedido", None, ("Canal",)),
    ),
    "portuguese": (
        "id_cliente\tdata_pedido\tvalor_total\tpedido",
        lambda d, i: f"c{d.randint(1, 9)}\t{day(d)}\tR$ {d.randint(1, 99)},90\tp{i}",
        ("id_cliente", "data_pedido", "valor_total", "pedido", None, ()),
    ),
    "french": (
        "N° client;Date de commande;Montant TTC",
        lambda d, _: f"c{d.randint(1, 9)};{d.randint(13, 28)}/03/2024;{d.randint(1, 99)},90 €",
        ("N° client", "Date de commande", "Montant TTC", None, None, ()),
    ),
    "nameless": (
        "a,b,c",
        lambda d, _: f"c{d.randint(1, 9)},{day(d)},{d.random() * 99:.2f}",
        ("a", "b", "c", None, None, ()),
    ),
    "total beside pieces": (
        "customer,date,quantity,amount",
        lambda d, _: f"c{d.randint(1, 9)},{day(d)},{d.randint(1, 9)},{d.random() * 99:.2f}",
        ("customer", "date", "amount", None, None, ()),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOPS)
def test_the_columns_of_known_shops_are_recognized(name):
    header, row, expected = SHOPS[name]
    guess = guess_mapping(read_raw(shop(header, row)))
    found = guess.mapping
    assert (
        found.customer_id, found.date, found.amount, found.order_id, found.quantity,
        found.attributes,
    ) == expected  # fmt: skip
    assert set(guess.confidence) == {role for role, _ in found.roles()} - {"attributes"}
    assert all(0 < sure <= 1 for sure in guess.confidence.values())


# one column of each role, as a shop of the language might head it
HEADERS = {
    "en": "Customer Number,Date of purchase,Amount paid,Unit Price,Qty,Order No.",
    "es": "N.º de cliente,Fecha del pedido,Importe de la venta,Precio por unidad,Unidades,"
    "Número de pedido",
    "pt": "Código do cliente,Data da encomenda,Valor da venda,Preço unitário,Quantidade,"
    "Número da encomenda",
    "de": "Kunden-Nr.,Bestellt am,Gesamtbetrag,Preis pro Stück,Stückzahl,Bestell-Nr.",
    "fr": "N° de client,Date de la commande,Montant TTC,Prix unitaire,Qté,N° de commande",
    "it": "Codice cliente,Data dell'ordine,Importo totale,Prezzo unitario,Quantità,Numero ordine",
    "nl": "Klantnummer,Besteldatum,Totaalbedrag,Stuksprijs,Aantal,Bestelnummer",
    "pl": "Numer klienta,Data zamówienia,Wartość zamówienia,Cena jednostkowa,Ilość,Nr zamówienia",
    "ru": "Код клиента,Дата заказа,Сумма,Цена за единицу,Количество,Номер заказа",
    "zh": "客户编号,下单时间,实付金额,单价,数量,订单号",
    "ja": "顧客番号,注文日,合計金額,単価,数量,注文番号",
    "ko": "고객번호,주문일자,결제 금액,단가,수량,주문번호",
    "ar": "رقم العميل,تاريخ الطلب,المبلغ الإجمالي,سعر الوحدة,الكمية,رقم الطلب",
    "tr": "Müşteri No,Sipariş Tarihi,Toplam Tutar,Birim Fiyatı,Miktar,Sipariş No",
}
ROLES = ("customer_id", "date", "amount", "unit_price", "quantity", "order_id")


@pytest.mark.parametrize("language", HEADERS)
def test_every_role_is_known_by_name_in_its_language(language):
    names = HEADERS[language].split(",")
    for role, name in zip(ROLES, names, strict=True):
        assert max(ROLES, key=lambda role, name=name: name_score(role, name)) == role
        assert name_score(role, name) >= 0.5


@pytest.mark.parametrize("language", HEADERS)
def test_a_file_in_its_language_is_mapped_by_its_header(language):
    row = lambda d, i: f"c{d.randint(1, 9)},{day(d)},{2.5 * i},2.5,{i},o{i}"  # noqa: E731
    found = guess_mapping(read_raw(shop(HEADERS[language], row))).mapping
    customer, date, amount, _, _, order = HEADERS[language].split(",")
    assert (found.customer_id, found.date, found.amount, found.order_id, found.quantity) == (
        customer, date, amount, order, None,
    )  # fmt: skip
    assert found.preset is None


def test_naming_a_role_switches_the_preset_off():
    orders = read_raw(Path(__file__).parents[1] / "exports" / "shopify.csv")
    mapping = guess_mapping(orders, given={"amount": "Subtotal"}).mapping
    assert (mapping.preset, mapping.amount) == (None, "Subtotal")


def test_settings_are_kept_beside_a_preset():
    orders = read_raw(Path(__file__).parents[1] / "exports" / "shopify.csv")
    given = {"include_tax": False, "attributes": ["Vendor"], "date_order": "ymd"}
    mapping = guess_mapping(orders, given=given).mapping
    assert (mapping.preset, mapping.include_tax, mapping.attributes, mapping.date_order) == (
        "shopify", False, ("Vendor",), "ymd",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"include_tax": False}, "CHOICE_NEEDS_PRESET"),
        ({"preset": "shopify"}, "PRESET_DOES_NOT_FIT"),
        ({"email": "mail"}, "UNKNOWN_COLUMN"),
    ],
)
def test_a_choice_that_the_file_cannot_carry_is_refused(given, code):
    with pytest.raises(MappingError) as caught:
        guess_mapping(read_raw(shop(*SHOPS["ours"][:2])), given=given)
    assert caught.value.code == code


def test_a_given_email_column_is_no_attribute():
    row = lambda d, _: f"c{d.randint(1, 9)},{day(d)},5.5,{d.choice('ab')}@x.de"  # noqa: E731
    orders = read_raw(shop("customer,date,amount,contact", row))
    assert guess_mapping(orders).mapping.email is None  # nothing personal is kept unasked
    mapping = guess_mapping(orders, given={"email": "contact"}).mapping
    assert (mapping.email, mapping.attributes) == ("contact", ())


def test_pieces_times_price_is_the_amount_and_is_said():
    header, row, _ = SHOPS["retail"]
    transactions = read_transactions(shop(header, row))
    pieces = read_raw(shop(header, row)).table["Quantity"].to_pylist()
    expected = [round(int(piece) * 2.55, 2) for piece in pieces]
    assert transactions.to_pandas()["amount"].tolist() == expected
    assert "AMOUNT_IS_PRODUCT" in {notice.code for notice in transactions.quality.warnings}


@pytest.mark.parametrize(
    ("header", "said"),
    [("customer,date,price,colour", False), ("customer,date,unit price,colour", True),
     ("customer,date,Einzelpreis,Farbe", True), ("customer,date,price,n", True)],
)  # fmt: skip
def test_a_price_of_one_piece_without_pieces_is_said(header, said):
    last = (lambda d: d.randint(1, 3)) if header.endswith("n") else (lambda d: d.choice("rgb"))
    raw = read_raw(shop(header, lambda d, _: f"c{d.randint(1, 9)},{day(d)},2.55,{last(d)}"))
    assert ("PRICE_WITHOUT_PIECES" in [n.code for n in guess_mapping(raw).notes]) == said


def test_a_guess_by_values_is_less_sure_than_one_by_name():
    named, nameless = (
        guess_mapping(read_raw(shop(*SHOPS[name][:2]))).confidence for name in ("ours", "nameless")
    )
    assert all(nameless[role] < named[role] for role in nameless)


def test_a_role_nobody_can_find_is_an_error_that_lists_the_columns():
    with pytest.raises(MappingError, match="Columns found: id, Betrag") as caught:
        read_transactions(shop("id,Betrag", lambda d, _: f"{d.randint(1, 9)},5.5"))
    assert caught.value.code == "ROLE_NOT_FOUND"
    assert "recognized as date" in str(caught.value)


def test_a_second_column_of_the_same_name_is_pointed_out():
    row = lambda d, _: f"c{d.randint(1, 9)},5.5,6.5,{day(d)}"  # noqa: E731
    guess = guess_mapping(read_raw(shop("Customer,Amount,Amount,Date", row)))
    assert [notice.code for notice in guess.notes] == ["COLUMN_NAMED_TWICE"]


def test_given_roles_and_settings_are_kept_and_the_rest_is_guessed():
    row = lambda d, i: f"c{d.randint(1, 9)},{d.randint(1, 12)}/1/2024,5.5,{i}"  # noqa: E731
    orders = shop("customer,date,total,net", row)
    given = {"amount": "net", "date_order": "mdy", "attributes": []}
    mapping = guess_mapping(read_raw(orders), given=given).mapping
    assert mapping == Mapping(customer_id="customer", date="date", amount="net", date_order="mdy")
    assert read_transactions(orders, mapping=given).first_day.day == 1


@pytest.mark.parametrize("given", [{"amount": "sum"}, {"attributes": ["sum"]}])
def test_a_given_column_that_is_not_there_is_named_with_those_that_are(given):
    with pytest.raises(MappingError, match=r"'sum'.*customer_id, date, amount"):
        read_transactions(shop(*SHOPS["ours"][:2]), mapping=given)
