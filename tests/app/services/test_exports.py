"""Lists leave only for those who may, with a line in the trail and safe against formulas."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import select

from app.accounts.users import add_user, disable_user, find_user
from app.services import datasets, new_run, runs
from app.services.exports import Wish, export_customers
from app.services.session import Identity, identity_of
from app.storage.database import AuditEntry, reading
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import ClvError, ConfigError, StoreError

PASSWORD = "correct horse battery"
COLUMNS = ["clv", "clv_lower", "clv_upper", "segment", "risk"]


def _wish(format_: str) -> Wish:
    return Wish(format=format_, columns=tuple(COLUMNS))


def _person(role: str) -> Identity:
    return identity_of(find_user(role))


def test_a_csv_holds_the_customers_asked_for_in_that_order(entry):
    ids = runs.load("local", entry.id).customers.index[[5, 2, 9]].tolist()
    file = export_customers(_person("analyst"), entry.id, ids, _wish("csv"))
    table = pd.read_csv(io.BytesIO(file.content), dtype={"customer_id": str})
    assert table["customer_id"].tolist() == ids
    assert table.columns.tolist() == ["customer_id", *COLUMNS]
    assert file.media_type == "text/csv"
    assert file.name == f"customers-our-shop-csv-{entry.as_of}.csv"


def test_a_workbook_holds_everybody_when_nobody_is_named(entry):
    file = export_customers(_person("admin"), entry.id, None, Wish(format="xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(file.content), read_only=True)
    assert book.sheetnames == ["summary", "customers"]
    rows = [row for row in book["customers"].iter_rows(values_only=True) if any(row)]
    assert len(rows) == entry.customers + 1
    assert file.name.endswith(".xlsx")


def test_an_export_leaves_a_line_in_the_trail_without_a_customer(entry):
    ids = runs.load("local", entry.id).customers.index[:3].tolist()
    export_customers(_person("analyst"), entry.id, ids, _wish("csv"))
    with reading() as session:
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert (line.username, line.subject, line.tenant) == ("analyst", entry.id, "local")
    assert line.detail == {"rows": 3, "columns": COLUMNS, "format": "csv"}
    assert not any(customer in str(line.detail) for customer in ids)


@pytest.mark.parametrize("role", ["executive", "marketing"])
def test_roles_without_the_right_get_no_bytes_and_no_line(entry, role):
    with pytest.raises(PermissionError):
        export_customers(_person(role), entry.id, None, _wish("csv"))
    with reading() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).all() == []


def test_a_button_drawn_before_the_account_was_closed_gives_nothing(entry):
    analyst = _person("analyst")
    disable_user("analyst")
    with pytest.raises(PermissionError):
        export_customers(analyst, entry.id, None, _wish("csv"))


def test_claiming_a_better_role_or_another_tenant_does_not_help(entry):
    add_user("eve", PASSWORD, role="marketing")
    claimed = Identity(username="eve", name="Eve", role="admin", tenant="local")
    with pytest.raises(PermissionError):
        export_customers(claimed, entry.id, None, _wish("csv"))
    add_user("otto", PASSWORD, role="analyst", tenant="other")
    stranger = Identity(username="otto", name="Otto", role="analyst", tenant="other")
    with pytest.raises(StoreError):
        export_customers(stranger, entry.id, None, _wish("csv"))
    with pytest.raises(PermissionError):
        export_customers(
            Identity(username="otto", name="Otto", role="analyst", tenant="local"),
            entry.id, None, _wish("csv"),
        )  # fmt: skip


def test_what_cannot_be_exported_is_refused_with_a_code(entry):
    analyst = _person("analyst")
    with pytest.raises(ConfigError) as refused:
        export_customers(analyst, entry.id, None, _wish("pdf"))
    assert refused.value.code == "EXPORT_FORMAT"
    with pytest.raises(ClvError):
        export_customers(analyst, "0" * 32, None, _wish("csv"))


def test_a_customer_named_like_a_formula_is_only_text(home, reads_here):
    rows = "".join(
        f"=1+1,2024-{month:02d}-05,10.00\nplain,2024-{month:02d}-07,5.00\n"
        for month in range(1, 13)
    )
    intake = datasets.inspect_upload("local", "x.csv", f"customer_id,date,amount\n{rows}".encode())
    dataset = datasets.save("local", intake.content_hash, "x", intake.mapping, None)
    entry = new_run.start(
        "local", "ana", dataset.id, ForecastConfig(horizon_months=3, model="naive")
    )
    add_user("analyst", PASSWORD, role="analyst")
    file = export_customers(
        _person("analyst"), entry.id, None, Wish(format="csv", columns=("clv",))
    )
    cells = [
        line.split(",")[0].strip('"') for line in file.content.decode("utf-8-sig").splitlines()
    ]
    assert "'=1+1" in cells
    assert not any(cell.startswith("=") for cell in cells)


def test_a_list_for_another_program_holds_those_with_an_address(home, reads_here):
    rows = "".join(
        f"{who},{who}@example.com,2024-{month:02d}-05,10.00\n"
        for month in range(1, 13)
        for who in ("ann", "bob")
    )
    header = "customer_id,e-mail,date,amount\n"
    intake = datasets.inspect_upload("local", "x.csv", (header + rows).encode())
    mapping = replace(intake.mapping, email="e-mail")
    dataset = datasets.save("local", intake.content_hash, "x", mapping, None)
    entry = new_run.start(
        "local", "ana", dataset.id, ForecastConfig(horizon_months=3, model="naive")
    )
    add_user("analyst", PASSWORD, role="analyst")
    file = export_customers(_person("analyst"), entry.id, None, Wish(format="mailchimp"))
    table = pd.read_csv(io.BytesIO(file.content))
    assert table["Email Address"].tolist() == ["ann@example.com", "bob@example.com"]
    assert file.name.startswith("mailchimp-x-")


def test_without_its_orders_a_run_has_no_addresses_and_says_so(entry):
    datasets.delete("local", entry.dataset_id)
    with pytest.raises(ClvError) as refused:
        export_customers(_person("analyst"), entry.id, None, Wish(format="klaviyo"))
    assert refused.value.code == "ORDERS_DELETED"
    # what needs no addresses still works
    export_customers(_person("analyst"), entry.id, None, _wish("parquet"))
