"""Lists for other programs: their headers, usable addresses, hashes as their pages ask."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

import clvcore as clv
from clvcore.export import AUDIENCES, addresses, audience_csv, customers_parquet, customers_xlsx
from clvcore.sample import sample_orders


@pytest.fixture(scope="module")
def run():
    orders = clv.read_transactions(sample_orders(80, seed=3), currency="EUR")
    return clv.forecast(orders, clv.ForecastConfig(horizon_months=3, model="mbg_nbd"))


@pytest.fixture(scope="module")
def known(run):
    ids = run.customers.index[:50]
    return pd.Series([f"person{i}@example.com" for i in range(50)], index=ids)


def read(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content))


@pytest.mark.parametrize("name", AUDIENCES)
def test_every_list_has_its_headers_a_page_and_only_people_with_an_address(run, known, name):
    content, count = audience_csv(name, run.customers, known)
    table = read(content)
    assert count == len(table) == 50
    assert list(table.columns) == list(AUDIENCES[name].columns)
    assert AUDIENCES[name].page.startswith("https://")


@pytest.mark.parametrize(
    ("name", "column"), [("google_customer_match", "Email"), ("meta_value_based", "email")]
)
def test_advertising_lists_hold_digests_and_no_address(run, known, name, column):
    content, _ = audience_csv(name, run.customers, known)
    wanted = {hashlib.sha256(address.encode()).hexdigest() for address in known}
    assert set(read(content)[column]) == wanted
    assert b"@" not in content


def test_a_value_based_list_holds_the_value_and_never_less_than_nothing(run, known):
    below = run.customers.assign(clv=-5.0)
    content, _ = audience_csv("meta_value_based", below, known)
    assert (read(content)["value"] == 0).all()
    content, _ = audience_csv("meta_value_based", run.customers, known)
    values = run.customers.loc[known.index, "clv"].round(2)
    assert sorted(read(content)["value"]) == pytest.approx(sorted(values))


def test_two_customers_of_one_address_are_one_contact_the_more_valuable(run):
    pair = run.customers.sort_values("clv").index[[0, -1]]
    content, count = audience_csv(
        "hubspot", run.customers, pd.Series("a@example.com", index=pair)
    )  # fmt: skip
    assert count == 1
    assert read(content)["CLV"].item() == pytest.approx(run.customers["clv"].max(), abs=0.01)


def test_without_any_address_the_list_is_refused(run):
    with pytest.raises(clv.DataError, match="e-mail"):
        audience_csv("klaviyo", run.customers, pd.Series(dtype="str"))
    with pytest.raises(clv.ConfigError, match="hubspot"):
        audience_csv("fax", run.customers, pd.Series(dtype="str"))


def orders_with(emails) -> clv.Transactions:
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c", "d"],
            "date": pd.to_datetime(["2024-01-01", "2024-02-01"] + ["2024-01-05"] * 3),
            "amount": 10.0,
            "mail": emails,
        }
    )
    mapping = clv.Mapping(customer_id="customer_id", date="date", amount="amount", email="mail")
    return clv.read_transactions(frame, mapping=mapping)


def test_the_latest_address_counts_trimmed_and_lower_and_formulas_do_not():
    orders = orders_with(["old@x.org", " New@X.org ", "=cmd@x.org", None, "no address"])
    assert addresses(orders).to_dict() == {"a": "new@x.org"}


def test_ids_that_are_addresses_serve_where_no_column_does():
    frame = pd.DataFrame(
        {
            "customer_id": ["Ann@x.org", "bob"],
            "date": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "amount": [1.0, 2.0],
        }
    )
    mapping = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
    assert addresses(clv.read_transactions(frame, mapping=mapping)).to_dict() == {
        "Ann@x.org": "ann@x.org"
    }


def test_parquet_keeps_every_type(run):
    columns = ["clv", "frequency", "segment", "last_purchase"]
    back = pd.read_parquet(io.BytesIO(customers_parquet(run.customers, columns=columns)))
    assert list(back.columns) == ["customer_id", *columns]
    assert back["clv"].to_numpy() == pytest.approx(run.customers["clv"].to_numpy())
    assert back["last_purchase"].dtype.kind == "M"


def test_the_summary_sheet_holds_the_totals_and_two_charts_of_its_own(run):
    content = customers_xlsx(run.customers, currency="EUR", run=run)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["summary", "customers"]
    sheet = book["summary"]
    cells = {row[0].value: row for row in sheet.iter_rows()}
    whole = run.totals[run.totals["scope"] == "all"].iloc[0]
    found = [cell.value for cell in cells["everybody"][1:5]]
    wanted = whole[["customers", "clv", "clv_lower", "clv_upper"]].to_list()
    assert found == pytest.approx(wanted)
    assert len(sheet._charts) == 2
    months = [row[0].value for row in sheet.iter_rows(min_row=22) if row[0].value]
    assert len(months) == len(run.timeline)
    expected = np.nansum([row[2].value or 0 for row in sheet.iter_rows(min_row=22)])
    ahead = run.timeline.loc[run.timeline["kind"] == "forecast", "revenue"].sum()
    assert expected == pytest.approx(ahead)
