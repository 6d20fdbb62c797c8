"""Names are readable in the encodings that spreadsheets of each country still write."""

import pytest
from shop import shop, text, total
from tables import codes

from clvcore.ingest import read_raw, read_transactions
from clvcore.ingest.container.charsets import likely_encoding

ORDERS = shop(40, 6)
SHOPS = {
    "cp1250": [
        ("Numer zamówienia", "Łukasz Żółć", "Małgorzata Święty", "Józef Dąbrowski"),
        ("Číslo zákazníka", "Jiří Dvořák", "Šimon Čapek", "Růžena Nováková"),
        ("Vevő neve", "Győző Nagy", "Szűcs Béla", "Kőszegi Örs"),
        ("Číslo objednávky", "Ľudovít Štúr", "Žofia Kráľová", "Ján Kováč"),
        ("Naručitelj", "Đorđe Šarić", "Željka Čović", "Ana Ćosić"),
    ],
    "iso8859_2": [("Numer zamówienia", "Łukasz Żółć", "Małgorzata Święty", "Stanisław Źrebiec")],
    "cp1251": [
        ("Номер заказа", "Анна Иванова", "Пётр Смирнов", "ООО «Ромашка»"),
        ("Замовник", "Ігор Шевченко", "Олена Їжакевич", "Євген Коваль"),
        ("Клиент", "Георги Димитров", "Стоян Въчев", "Мария Ангелова"),
    ],
    "koi8_r": [("Номер заказа", "Анна Иванова", "Пётр Смирнов", "Ольга Щербакова")],
    "cp866": [("Номер заказа", "Анна Иванова", "Пётр Смирнов", "Ольга Щербакова")],
    "cp1252": [
        ("Kundennummer für", "Jürgen Müller", "Groß & Söhne", "Käthe Weiß"),
        ("Año", "José Muñoz", "María Peña", "Íñigo Núñez"),
        ("Nº do pedido", "João Conceição", "Inês Simões", "Antônio Magalhães"),
        ("N° de commande", "François Lefèvre", "Gisèle Noël", "L’Œuvre d’Art"),
        ("Quantità", "Niccolò Rossi", "Perù S.r.l.", "Caffè “Già”"),
        ("Beløb", "Søren Kjær", "Bjørn Ågård", "Jørgen Mørk"),
    ],
    "cp1254": [("Müşteri adı", "Çağrı Şahin", "Işık Öztürk", "İbrahim Güneş")],
    "cp1253": [("Πελάτης", "Γιώργος Παπαδόπουλος", "Ελένη Νικολάου", "Άννα Ρήγα")],
    "cp1256": [("العميل", "أحمد علي", "فاطمة الزهراء", "محمد حسن")],
    "gbk": [("客户姓名", "张伟", "王小明", "上海贸易有限公司"), ("买家", "李娜", "刘洋", "陈静")],
    "big5": [
        ("客戶姓名", "陳大文", "林小姐", "台北貿易有限公司"),
        ("會員", "黃美玲", "張家豪", "吳先生"),
    ],
    "cp932": [
        ("顧客名", "田中太郎", "サトウ ハナコ", "すずき商店"),
        ("注文者", "渡辺久美子", "株式会社山本", "ﾀﾅｶ"),
    ],
    "euc_jp": [("顧客名", "田中太郎", "サトウ ハナコ", "すずき商店")],
    "euc_kr": [
        ("고객명", "김철수", "이영희", "서울상사"),
        ("구매자", "박지성", "최은경", "정민호"),
    ],
}  # fmt: skip
CASES = [(codec, words) for codec, shops in SHOPS.items() for words in shops]


def written(words, rows, *, header=True):
    head, *names = words
    first = (head if header else "customer", "date", "amount")
    body = [(names[n % 3], day, amount) for n, (_, day, amount) in enumerate(ORDERS[:rows])]
    return text([first, *body], ";")


@pytest.mark.parametrize("rows", [3, 40], ids=["short", "long"])
@pytest.mark.parametrize("header", [True, False], ids=["own header", "English header"])
@pytest.mark.parametrize(("codec", "words"), CASES, ids=[f"{c} {w[0]}" for c, w in CASES])
def test_names_are_readable(codec, words, header, rows):
    plain = written(words, rows, header=header)
    raw = read_raw(plain.encode(codec))
    assert raw.table.equals(read_raw(plain.encode()).table)
    assert codes(raw.notices) == ["ENCODING_GUESSED"]
    given = {"customer_id": raw.columns[0], "date": "date", "amount": "amount"}
    used = read_transactions(plain.encode(codec), mapping=given).quality.amount_used
    assert used == pytest.approx(total(ORDERS[:rows]))


@pytest.mark.parametrize("codec", ["cp1250", "cp1251", "cp1252", "gbk", "big5", "cp932", "euc_kr"])
def test_the_header_alone_tells_in_most_cases(codec):
    (head, *_), *_ = SHOPS[codec]
    data = f"{head};date;amount\nA;2024-01-05;3\nB;2024-01-06;4\n".encode(codec)
    assert read_raw(data).columns[0] == head


def test_names_far_down_in_a_long_file_tell_it():
    rows = [(who, day, amount) for who, day, amount in ORDERS * 3_000]
    rows += [("Łukasz Żółć", "2024-12-24", 3.0), ("Małgorzata Święty", "2024-12-24", 4.0)]
    raw = read_raw(text([("customer", "date", "amount"), *rows]).encode("cp1250"))
    assert raw.table["customer"].to_pylist()[-2:] == ["Łukasz Żółć", "Małgorzata Święty"]


@pytest.mark.parametrize(("codec", "name"), [("cp1252", "José Peña"), ("cp1251", "Пётр Смирнов")])
def test_a_few_lines_of_another_encoding_do_not_spoil_the_others(codec, name):
    lines = written(SHOPS["cp1250"][0], 40).encode().splitlines()
    lines.append(f"{name};2024-12-20;5".encode(codec))
    raw = read_raw(b"\n".join(lines))
    assert raw.columns[0] == "Numer zamówienia"
    names = raw.table[raw.columns[0]].to_pylist()
    assert names[:1] + names[-1:] == ["Łukasz Żółć", name]
    (notice,) = raw.notices
    assert (notice.code, notice.values["lines"]) == ("ENCODING_MIXED", 1)


def test_noise_is_in_no_encoding():
    assert likely_encoding(bytes(range(128, 256)) * 4) is None


@pytest.mark.parametrize("amount", ["6’810.40", "€6810.40", "6\xa0810,40", "£6810.40", "6810.40 €"])
def test_signs_alone_are_western(amount):
    rows = [("customer", "date", "amount"), *((who, day, amount) for who, day, _ in ORDERS)]
    raw = read_raw(text(rows, ";").encode("cp1252"))
    assert raw.encoding in ("cp1252", "latin-1")
    assert set(raw.table["amount"].to_pylist()) == {amount}
