"""Every currency sign and code of the CLDR beside an amount, and digits of any script."""

import unicodedata

import pytest
from babel import Locale
from babel.localedata import locale_identifiers
from babel.numbers import list_currencies
from tables import text

from clvcore.ingest import read_transactions
from clvcore.ingest.amounts.amounts import read_amounts, readable_share
from clvcore.ingest.amounts.signs import is_shared, may_mean
from clvcore.ingest.ledger import REASONS
from clvcore.records.errors import DataError


def cldr_signs():
    pairs = set()
    for name in locale_identifiers():
        pairs |= {(sign, code) for code, sign in Locale.parse(name).currency_symbols.items()}
    nothing = {"", "\u200b", "¤", "XXX"}
    return sorted(p for p in pairs if p[0] not in nothing and p != ("ILS", "ILR"))


def read(*cells, decimal=None):
    return read_amounts(text(*cells), name="paid", decimal=decimal)


def test_every_sign_of_the_cldr_names_its_currency_before_and_behind_an_amount():
    unread = []
    for sign, code in cldr_signs():
        coats = [[f"{sign} 1,234.50", f"-{sign}20.00"], [f"{sign}1\u00a0234,50"]]
        if not (len(sign) == 1 and sign.isascii() and sign.isalpha()):  # 5K are five thousand
            coats.append([f"1,234.50 {sign}", f"({sign} 7.25)"])
        for cells in coats:
            reading = read(*cells)
            named = reading.currency == code or may_mean(sign, code)
            if reading.faults.any() or not named:
                unread.append((sign, code, cells))
    assert not unread


def test_every_code_of_the_cldr_names_itself():
    for code in set(list_currencies()) - {"XXX", "XTS"}:
        reading = read(f"{code} 5.00", f"6.25 {code}", f"{code.lower()} 7.00")
        assert (reading.amounts.tolist(), reading.currency) == ([5.0, 6.25, 7.0], code)


@pytest.mark.parametrize(
    ("cells", "amounts", "currency"),
    [
        (["RM 129.00", "RM32.47", "-RM 1.50"], [129.0, 32.47, -1.5], "MYR"),
        (["Rp 125.000,00", "Rp12.500,50"], [125000.0, 12500.5], "IDR"),
        (["R 129,00", "R1 250,00"], [129.0, 1250.0], "ZAR"),
        (["د.إ.\u200f ١٢٫٥٠", "د.إ. ٣٫٢٥"], [12.5, 3.25], "AED"),
        (["12,50 zł", "1 200,00 ZŁ"], [12.5, 1200.0], "PLN"),
        (["12,50 руб.", "7,25 ₽"], [12.5, 7.25], "RUB"),
        (["฿1,200.50", "฿99.00"], [1200.5, 99.0], "THB"),
        (["12 500 F\u202fCFA", "1 000,50 FCFA"], [12500.0, 1000.5], None),
        (["₨ 12,34,567.00", "Rs. 99.50"], [1234567.0, 99.5], None),
        (["CHF 1’250.50", "CHF 12.--"], [1250.5, 12.0], "CHF"),
        (["(RM 1,250.50)", "RM (3.25)", "3.25- RM"], [-1250.5, -3.25, -3.25], "MYR"),
    ],
)
def test_signs_on_either_side_with_accountants_and_local_groups(cells, amounts, currency):
    reading = read(*cells)
    assert (reading.amounts.tolist(), reading.currency) == (amounts, currency)


@pytest.mark.parametrize(
    ("sign", "may"),
    [("$", "MXN"), ("kr", "NOK"), ("¥", "CNY"), ("£", "EGP"), ("Rs.", "PKR"), ("Br", "BYN")],
)
def test_a_sign_of_several_currencies_is_decided_by_what_is_stated(sign, may):
    rows = [f"c{n},2024-01-{n + 1:02d},{sign} {n + 5}.50" for n in range(9)]
    data = "\n".join(["customer_id,date,amount", *rows]).encode()
    stated = read_transactions(data, currency=may)
    assert (stated.currency, stated.quality.rows_used) == (may, 9)
    assert not [notice for notice in stated.quality.warnings if notice.code == "CURRENCY_DIFFERS"]
    unstated = read_transactions(data).currency
    assert unstated == ("GBP" if sign == "£" else None)


def test_two_signs_that_cannot_be_one_currency_are_refused():
    with pytest.raises(DataError) as caught:
        read("RM 5.00", "Rp 6.00")
    assert caught.value.code == "MIXED_CURRENCIES"


@pytest.mark.parametrize("ids", [["C49", "C24"], ["KM1001", "KM1002"], ["R1001", "L7"],
                                 ["PO-1001", "PO-1002"], ["Le17", "Le18"]])  # fmt: skip
def test_ids_of_letters_and_figures_are_no_money(ids):
    assert readable_share(text(*ids)) == 0.0


@pytest.mark.parametrize("cell", ["5K", "2M", "5 kg", "129 pcs", "1.5 L"])
def test_what_is_no_currency_beside_a_figure_stays_unreadable(cell):
    assert [REASONS[fault] for fault in read(cell, "1.50").faults] == ["unreadable_amount", ""]


def digits(zero, number):
    return "".join(chr(ord(zero) + int(d)) if d.isdigit() else d for d in number)


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\u0966", "\u09e6", "\u0e50", "\uff10"])
def test_digits_of_every_script_are_digits(zero):
    assert unicodedata.digit(zero) == 0
    cells = [digits(zero, number) for number in ("1250.75", "-3.5", "20")]
    assert read(*cells).amounts.tolist() == [1250.75, -3.5, 20.0]


def test_the_arabic_marks_leave_no_question():
    assert read("١٬٢٣٤٫٥٠", "٢٫١٢٥").amounts.tolist() == [1234.5, 2.125]


def test_shared_signs_are_told_from_codes():
    assert [is_shared(sign) for sign in ("$", "kr", "Rs", "EUR")] == [True, True, True, False]
