"""Executives read, marketing explores, analysts take lists away: each in another language."""

from __future__ import annotations

import io
import re

import openpyxl
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
# the framework's own list of pages: headings stand between its items
FRAME = {"list", "listitem"}


def serious(page: Page) -> list[str]:
    """Return what keeps people out: axe's serious and critical findings."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {rule['nodes'][0]['html'][:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical") and rule["id"] not in FRAME
    ]


def test_an_executive_reads_the_newest_forecast_and_takes_the_report(steps, shop, new_context):
    person = shop["executive"]
    page = steps.open(new_context(), person.address + "/?lang=es", "Nombre de usuario")
    steps.sign_in(page, person)
    steps.signed_in(page, "Salir")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("3.981")
    expect(heading).to_contain_text("€")
    names = page.get_by_test_id("stSidebarNav").get_by_role("link").all_inner_texts()
    assert not {"Clientes", "Datos", "Previsión"} & {name.strip() for name in names}
    assert serious(page) == []

    report = steps.taken(page, "Informe", person.address).decode()
    assert '<html lang="es">' in report
    assert not re.search(r"(src|href)=[\"']?https?:", report)
    steps.go(page, "Segmentos", person.address + "/segments")
    expect(heading).to_be_visible()
    assert page.get_by_role("button", name="Exportar").count() == 0
    page.goto(person.address + "/customers")
    steps.settled(page)
    assert page.get_by_test_id("stDataFrame").count() == 0


def test_marketing_explores_from_the_groups_to_one_customer(steps, shop, new_context):
    person = shop["marketing"]
    page = steps.open(new_context(), person.address + "/?lang=pt", "Nome de usuário")
    steps.sign_in(page, person)
    steps.signed_in(page, "Sair")
    steps.go(page, "Segmentos", person.address + "/segments")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert serious(page) == []
    steps.go(page, "Clientes", person.address + "/customers")
    assert page.get_by_role("button", name="Exportar").count() == 0
    page.get_by_role("button", name="Alto", exact=True).click()
    steps.settled(page)
    expect(page).to_have_url(re.compile("value=high"))
    heading = page.get_by_role("heading", level=1)
    narrowed = heading.inner_text()
    # the address is the view: whoever is sent it sees the same
    page.goto(f"{page.url}&lang=pt")
    steps.settled(page)
    expect(heading).to_have_text(narrowed)
    assert serious(page) == []


def test_an_analyst_opens_what_he_takes_away(steps, shop, new_context):
    person = shop["analyst"]
    page = steps.open(new_context(), person.address + "/customers?value=high")
    steps.sign_in(page, person)
    steps.signed_in(page)
    page.get_by_role("button", name="Export").click()
    content = steps.taken(page, "Prepare the file", person.address)
    table = pd.read_csv(io.BytesIO(content), dtype={"customer_id": str})
    assert set(table["segment"]) == {"high"}

    page.get_by_role("combobox", name="Format").click()
    page.get_by_role("option", name="Excel (XLSX)").click()
    steps.settled(page)
    content = steps.taken(page, "Prepare the file", person.address)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["summary", "customers"]
    assert book["customers"].max_row == len(table) + 1
    assert len(book["summary"]._charts) == 2
    page.keyboard.press("Escape")
    others = ("Cohorts", "Trust", "Data", "Forecast", "Runs")
    for name, path in ((name, f"/{name.lower()}") for name in others):
        steps.go(page, name, person.address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert serious(page) == []
