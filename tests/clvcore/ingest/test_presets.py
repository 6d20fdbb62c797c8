"""Small exports with the real headers and made-up rows, and the totals they come to by hand."""

from __future__ import annotations

import importlib
import pkgutil
import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from clvcore.ingest import guess_mapping, presets, read_raw, validate
from clvcore.ingest.presets import PRESETS, prepare, recognize
from clvcore.ingest.presets.sheet import find
from clvcore.records.errors import MappingError

EXPORTS = Path(__file__).parent / "exports"
FILES = {path.stem: path for path in sorted(EXPORTS.iterdir())}
C, R, N, K = "cancelled", "repeated_total", "not_a_sale", None
TAX, SHIPPING = {"include_tax": False}, {"include_shipping": False}

# what is spent on each purchase day, with the choices made
SPENT = [
    ("shopify", {}, {("ana@example.com", "2024-01-05"): 54, ("bo@example.com", "2024-01-06"): 75,
                     ("cy@example.com", "2024-03-01"): 18}),
    ("shopify", TAX, {("ana@example.com", "2024-01-05"): 45, ("bo@example.com", "2024-01-06"): 60,
                      ("cy@example.com", "2024-03-01"): 15}),
    ("shopify", SHIPPING, {("ana@example.com", "2024-01-05"): 49,
                           ("bo@example.com", "2024-01-06"): 75,
                           ("cy@example.com", "2024-03-01"): 15}),
    ("woocommerce", {}, {("007", "2024-03-04"): 55.35, ("bo@example.com", "2024-03-05"): 24.6,
                         ("7", "2024-04-07"): 12.3}),
    ("woocommerce", TAX, {("007", "2024-03-04"): 45, ("bo@example.com", "2024-03-05"): 20,
                          ("7", "2024-04-07"): 10}),
    ("woocommerce", SHIPPING, {("007", "2024-03-04"): 49.2, ("bo@example.com", "2024-03-05"): 24.6,
                               ("7", "2024-04-07"): 12.3}),
    ("woocommerce", TAX | SHIPPING, {("007", "2024-03-04"): 40, ("7", "2024-04-07"): 10,
                                     ("bo@example.com", "2024-03-05"): 20}),
    ("magento", {}, {("ana@example.com", "2024-01-05"): 54, ("bo@example.com", "2024-01-06"): 75,
                     ("cy@example.com", "2024-01-09"): 12.5}),
    ("magento", SHIPPING, {("ana@example.com", "2024-01-05"): 50,
                           ("bo@example.com", "2024-01-06"): 75,
                           ("cy@example.com", "2024-01-09"): 10}),
    ("stripe", {}, {("cus_007", "2024-01-05"): 54, ("cus_008", "2024-01-06"): 75,
                    ("dee@example.com", "2024-01-10"): 12}),
    ("paypal", {}, {("ana@example.com", "2024-01-05"): 54, ("bo@example.com", "2024-01-16"): 800}),
    ("paypal", TAX | SHIPPING, {("ana@example.com", "2024-01-05"): 40,
                                ("bo@example.com", "2024-01-16"): 800}),
    ("square", {}, {("C007", "2024-01-05"): 1022.16}),
    ("square", TAX, {("C007", "2024-01-05"): 1020}),
    ("square_items", {}, {("C007", "2024-01-05"): 32.4, ("C008", "2024-01-06"): 9.72}),
    ("amazon", {}, {("x7@marketplace.example", "2024-01-05"): 2390,
                    ("y8@marketplace.example", "2024-02-06"): 880.25}),
    ("amazon", TAX, {("x7@marketplace.example", "2024-01-05"): 2150,
                     ("y8@marketplace.example", "2024-02-06"): 800.25}),
    ("amazon", SHIPPING, {("x7@marketplace.example", "2024-01-05"): 1930,
                          ("y8@marketplace.example", "2024-02-06"): 880.25}),
    ("bigcommerce", {}, {("ana@example.com", "2024-01-05"): 60,
                         ("bo@example.com", "2024-01-06"): 90,
                         ("cy@example.com", "2024-02-09"): 12}),
    ("bigcommerce", TAX, {("ana@example.com", "2024-01-05"): 50,
                          ("bo@example.com", "2024-01-06"): 75,
                          ("cy@example.com", "2024-02-09"): 10}),
    ("bigcommerce", SHIPPING, {("ana@example.com", "2024-01-05"): 54,
                               ("bo@example.com", "2024-01-06"): 90,
                               ("cy@example.com", "2024-02-09"): 12}),
    ("bigcommerce", TAX | SHIPPING, {("ana@example.com", "2024-01-05"): 45,
                                     ("bo@example.com", "2024-01-06"): 75,
                                     ("cy@example.com", "2024-02-09"): 10}),
    ("olist_items", {}, {("007", "2017-10-02"): 77.42, ("7", "2018-07-24"): 141.46}),
    ("olist_items", SHIPPING, {("007", "2017-10-02"): 59.98, ("7", "2018-07-24"): 118.7}),
    ("olist_payments", {}, {("007", "2017-10-02"): 22.12, ("7", "2018-07-24"): 141.46}),
    ("uci_online_retail", {}, {("17850", "2010-12-01"): 35.64, ("12583", "2010-12-01"): 90}),
]  # fmt: skip

DROPPED = {
    "shopify": [K, R, K, C, C, C, R, K, K],
    "woocommerce": [K, R, K, C, C, K],
    "magento": [K, K, C, C, K],
    "stripe": [K, K, C, C, C, K],
    "paypal": [K, K, K, N, N, C, N, K, K, N, R, N],
    "square": [K, K, K, K, K, C],
    "square_items": [K, K, K, K],
    "amazon": [K, K, R, K, C],
    "bigcommerce": [K, K, C, C, K, C],
    "olist_items": [K, K, R, K, C],
    "olist_payments": [K, K, K, R, K, C],
    "uci_online_retail": [K, K, K, K, K],
}


def prepared(name, choices=None, raw=None):
    raw = raw or read_raw(FILES[name])
    mapping = replace(guess_mapping(raw).mapping, **(choices or {}))
    return raw, mapping, prepare(raw, mapping)


def accepted(name, choices=None, raw=None):
    """The lines that count, as an order log that needs no preset any more."""
    _, mapping, done = prepared(name, choices, raw)
    used = pc.is_null(done.dropped)
    plain = replace(
        done.raw, table=done.raw.table.filter(used), lines=done.raw.lines.filter(used), ragged=None
    )
    bare = replace(mapping, preset=None, include_tax=None, include_shipping=None)
    return validate(plain, bare)


def spent(transactions):
    lines = transactions.lines.filter(transactions.lines["kept"]).to_pandas()
    sums = lines.groupby([lines["customer_id"], lines["purchase_date"].astype(str)])["amount"].sum()
    return sums.to_dict()


def test_every_preset_has_a_sample_and_an_address():
    assert set(FILES) == set(DROPPED) == {preset.name for preset in PRESETS}
    homes = [
        importlib.import_module(f"{presets.__name__}.{module.name}")
        for module in pkgutil.iter_modules(presets.__path__)
    ]
    for preset in PRESETS:
        said = [home.__doc__ for home in homes if preset in vars(home).values()]
        assert preset.source.startswith("https://")
        assert any(preset.source in words for words in said), preset.name


@pytest.mark.parametrize("name", FILES)
def test_an_export_is_recognized_as_itself_and_as_no_other(name):
    columns = read_raw(FILES[name]).columns
    assert [preset.name for preset in PRESETS if not preset.missing(columns)] == [name]


@pytest.mark.parametrize("name", FILES)
def test_the_order_the_case_and_further_columns_do_not_matter(name):
    table = read_raw(FILES[name]).table
    names = list(table.column_names)
    random.Random(3).shuffle(names)  # noqa: S311
    cased = [column.upper() if "_" in column or " " in column else column for column in names]
    shuffled = table.select(names).rename_columns(cased)
    raw = read_raw(shuffled.append_column("Warehouse", pa.array(["A"] * table.num_rows)))
    mapping = guess_mapping(raw).mapping
    assert mapping.preset == name
    first = next((given, sums) for which, given, sums in SPENT if which == name)
    assert spent(accepted(name, raw=raw)) == pytest.approx(first[1])


@pytest.mark.parametrize("name", FILES)
def test_a_header_that_lacks_one_column_is_not_recognized(name):
    columns = read_raw(FILES[name]).columns
    for header in recognize(columns).headers:
        lacking = tuple(column for column in columns if find(header, (column,)) is None)
        assert len(lacking) < len(columns)
        assert recognize(lacking) is None


@pytest.mark.parametrize(("name", "choices", "expected"), SPENT)
def test_days_come_to_what_a_clerk_would_count(name, choices, expected):
    assert spent(accepted(name, choices)) == pytest.approx(expected)


@pytest.mark.parametrize("name", FILES)
def test_no_line_disappears_and_each_that_does_not_count_says_why(name):
    raw, _, done = prepared(name)
    assert done.dropped.to_pylist() == DROPPED[name]
    assert done.raw.table.num_rows == raw.table.num_rows
    assert done.raw.columns == raw.columns
    assert done.raw.lines.equals(raw.lines)


@pytest.mark.parametrize("name", FILES)
def test_a_line_that_does_not_count_keeps_its_amount_for_the_books(name):
    raw, mapping, done = prepared(name)
    left_out = pc.is_valid(done.dropped)
    before, after = (t[mapping.amount].filter(left_out) for t in (raw.table, done.raw.table))
    assert after.to_pylist() == before.to_pylist()


@pytest.mark.parametrize("name", FILES)
def test_the_mapping_needs_no_question_and_names_the_preset(name):
    guess = guess_mapping(read_raw(FILES[name]))
    assert guess.mapping.preset == name
    assert set(guess.confidence.values()) == {1.0}
    (note,) = guess.notes
    assert note.code == "PRESET_RECOGNIZED"
    assert recognize(read_raw(FILES[name]).columns).title in note


def test_ids_stay_as_they_are_written():
    assert set(accepted("woocommerce").lines["customer_id"].to_pylist()) >= {"007", "7"}
    assert "007" in accepted("olist_items").lines["customer_id"].to_pylist()
    assert accepted("magento").lines["order_id"].to_pylist()[0] == "000000101"


def test_a_refund_in_part_is_said():
    _, _, done = prepared("shopify")
    (notice,) = done.raw.notices
    assert (notice.code, notice.values) == ("REFUNDS_TAKEN_OFF", {"orders": 1, "money": 25.0})


def test_a_paypal_refund_belongs_to_the_sale_and_the_customer_it_refers_to():
    _, mapping, done = prepared("paypal")
    row = done.raw.table.slice(2, 1)
    assert row[mapping.order_id].to_pylist() == ["0T2"]
    assert row[mapping.customer_id].to_pylist() == ["bo@example.com"]


def test_currencies_of_lines_that_do_not_count_are_of_no_interest():
    _, _, done = prepared("paypal")
    assert set(done.raw.table["Currency"].drop_null().to_pylist()) == {"EUR"}


def test_the_email_column_is_mapped_where_there_is_one():
    emails = {name: prepared(name)[1].email for name in FILES}
    assert {name: email for name, email in emails.items() if email} == {
        "shopify": "Email", "woocommerce": "customer_email", "magento": "Customer Email",
        "stripe": "Customer Email", "paypal": "From Email Address", "amazon": "buyer-email",
        "bigcommerce": "Customer Email",
    }  # fmt: skip


def test_attributes_are_columns_with_a_few_labels():
    assert prepared("shopify")[1].attributes == ("Source", "Billing Country", "Shipping Country")
    assert prepared("stripe")[1].attributes == ("Card Brand",)  # every card issue country is blank


def test_where_the_rows_leave_the_date_open_the_platform_decides():
    assert prepared("woocommerce")[1].date_order == "mdy"
    written = FILES["woocommerce"].read_text().replace("04/07/2024", "17/04/2024")
    with_day_first = read_raw(written.replace("03/04", "13/04").encode())
    assert guess_mapping(with_day_first).mapping.date_order is None


def test_where_the_rows_leave_numbers_open_a_point_is_a_point():
    written = FILES["olist_payments"].read_text()
    for amount in ("18.12", "2.00", "141.46", "179.12"):
        written = written.replace(f",{amount}\n", ",1.250\n")
    raw = read_raw(written.encode())
    assert guess_mapping(raw).mapping.decimal == "."
    assert spent(accepted("olist_payments", raw=raw))["7", "2018-07-24"] == 1.25


def test_decimal_commas_are_read_and_written():
    written = FILES["shopify"].read_text().replace(",", ";").replace(".00", ",00")
    raw = read_raw(written.encode())
    _, mapping, done = prepared("shopify", TAX, raw)
    assert done.raw.table[mapping.amount].to_pylist()[2] == "60"
    assert spent(accepted("shopify", TAX, raw)) == pytest.approx(SPENT[1][2])


def test_typed_columns_are_prepared_like_text():
    table = read_raw(FILES["olist_items"]).table
    for name in ("price", "freight_value"):
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].cast(pa.float64()))
    assert spent(accepted("olist_items", raw=read_raw(table))) == pytest.approx(
        {("007", "2017-10-02"): 77.42, ("7", "2018-07-24"): 141.46}
    )


def test_an_amount_nobody_can_read_is_left_for_the_ledger():
    written = FILES["shopify"].read_text().replace(",54.00,", ",lots,")
    _, mapping, done = prepared("shopify", TAX, read_raw(written.encode()))
    assert done.raw.table[mapping.amount].to_pylist()[0] == "lots"
    assert done.dropped.to_pylist()[0] is None


def test_a_table_without_a_preset_is_left_alone():
    raw = read_raw(b"customer,date,amount\nA,2024-01-05,3\n")
    done = prepare(raw, guess_mapping(raw).mapping)
    assert done.raw is raw
    assert done.dropped.null_count == 1


def test_a_currency_that_is_kept_as_an_attribute_stays_whole():
    raw = read_raw(FILES["paypal"])
    given = {"attributes": ["Currency", "Country"]}
    done = prepare(raw, guess_mapping(raw, given=given).mapping)
    assert done.raw.table["Currency"].equals(raw.table["Currency"])


def test_the_customer_may_be_told_by_another_column():
    _, _, done = prepared("paypal", {"customer_id": "Name"})
    assert done.raw.table["Name"].to_pylist() == ["Someone"] * 12
    assert done.dropped.to_pylist() == DROPPED["paypal"]


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("magento", TAX, "NOT_STATED_APART"),
        ("stripe", SHIPPING, "NOT_STATED_APART"),
        ("shopify", {"amount": "Subtotal"}, "PRESET_CONTRADICTED"),
        ("shopify", {"preset": "stripe"}, "PRESET_DOES_NOT_FIT"),
        ("shopify", {"preset": "ebay"}, "UNKNOWN_PRESET"),
    ],
)
def test_what_a_preset_cannot_do_is_refused(name, changes, code):
    with pytest.raises(MappingError) as caught:
        prepared(name, changes)
    assert caught.value.code == code
