"""Every page as people meet it: empty, loaded, denied, in three languages."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from app.charts.drawing import Canvas
from app.services import datasets, new_run, runs
from app.widgets import drawn_once
from app.words.text import LANGUAGES, words_for
from clvcore.ingest import read_transactions
from clvcore.records.config import ForecastConfig

canaries = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "canaries.py")))
VIEWS = ("overview", "segments", "cohorts", "trust", "customers", "data", "forecast", "runs")
WITHOUT_CHARTS = ("customers", "runs")
FOR_EVERYBODY = ("overview", "segments", "cohorts", "trust")
HOSTILE = "<img src=x onerror=alert(1)> **b** :material/key: $x$ ![a](http://evil.example/p.png)"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_page_without_data_says_what_to_do(empty_home, open_page, view, language):
    page = open_page(view, language=language)
    assert not page.exception
    assert len(page.titles) == 1
    w = words_for(language)
    add = w("Add your orders and see what your customers are worth.")
    assert page.titles[0] in (
        add, w("No forecast yet. Add your orders and see what your customers are worth."),
    )  # fmt: skip
    assert {"use-sample", "to-data"} & page.keys


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_loaded_page_opens_with_its_finding(filled_home, open_page, view, language):
    page = open_page(view, language=language)
    assert not page.exception
    assert len(page.titles) == 1
    assert any(digit in page.titles[0] for digit in "0123456789")
    assert not re.search(r"\bnan\b", page.said.casefold())
    assert not page.error


@pytest.mark.parametrize("view", [*VIEWS, "customer"])
def test_a_page_told_again_is_the_one_that_was_drawn(filled_home, open_page, monkeypatch, view):
    run = runs.load("local", filled_home.run_id)
    query = {"id": str(run.customers.index[3])} if view == "customer" else {}
    drawn_once._drawn.clear()
    drawn = canaries.everything_on(open_page(view, **query))
    with monkeypatch.context() as patched:  # a figure that is built again would be missed
        patched.setattr(Canvas, "figure", None)
        assert canaries.everything_on(open_page(view, **query)) == drawn


@pytest.mark.parametrize("view", VIEWS)
def test_every_chart_table_and_control_has_words_for_those_who_cannot_see_it(
    filled_home, open_page, view
):
    page = open_page(view)
    drawn = page.charts
    assert view in WITHOUT_CHARTS or drawn
    assert all(proto.alt for proto in drawn)
    assert all(frame.proto.alt for frame in page.get("arrow_data_frame"))
    groups = [page.selectbox, page.multiselect, page.slider, page.text_input, page.button,
              page.number_input, page.select_slider]  # fmt: skip
    assert all(control.label.strip() for group in groups for control in group)


@pytest.mark.parametrize("view", VIEWS)
def test_an_executive_sees_what_is_for_everybody_and_nothing_else(filled_home, open_page, view):
    page = open_page(view, role="executive")
    assert not page.exception
    assert (view not in FOR_EVERYBODY) == ("No access" in page.said)


def test_the_same_numbers_stand_on_every_page(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    total = words_for("en").money(run.customers["clv"].sum(), "EUR")
    assert total in open_page("overview").titles[0]
    assert total in open_page("forecast").titles[0]
    assert total in open_page("customers").titles[0]
    value = run.customers.groupby("segment")["clv"].sum()
    shown = open_page("segments").said
    for segment in ("high", "medium", "low"):
        assert words_for("en").money(value[segment], "EUR") in shown


def test_totals_carry_their_range_in_words_and_drawn(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    totals = run.totals.set_index(["scope", "key"])
    whole = totals.loc[[("all", "all")]]
    for view, shown in (
        ("overview", whole), ("forecast", whole), ("customers", whole),
        ("segments", totals.loc[["segment"]]),
    ):  # fmt: skip
        page = open_page(view)
        assert "aria-hidden" in page.said
        for low, high in zip(shown["clv_lower"], shown["clv_upper"], strict=True):
            assert words_for("en").money_range(low, high, "EUR") in page.said


def test_totals_of_a_run_that_was_never_measured_say_so_and_draw_none(
    filled_home, open_page, rewrite
):
    run = runs.load("local", filled_home.run_id)
    rewrite(common=None, totals=run.totals.assign(clv_lower=np.nan, clv_upper=np.nan))
    for view in ("forecast", "customers", "segments"):
        page = open_page(view)
        assert "Range not measured yet" in page.said
        assert "aria-hidden" not in page.said


def test_what_users_typed_is_shown_as_text_everywhere(empty_home, open_page):
    orders = pd.DataFrame(
        {
            "customer_id": [HOSTILE, "=1+1", "b", "c"] * 40,
            "date": pd.date_range("2023-01-01", periods=160, freq="3D"),
            "amount": [10.0 + i % 9 for i in range(160)],
            "land": [HOSTILE] * 160,
        }
    )
    mapping = {"customer_id": "customer_id", "date": "date", "amount": "amount",
               "attributes": ("land",)}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "sample_orders", lambda: orders)
        patch.setattr(
            datasets,
            "read_transactions",
            lambda frame, currency: read_transactions(frame, mapping=mapping, currency=currency),
        )
        dataset = datasets.add_sample("local", "sample")
    config = ForecastConfig(cohort_by="land", model="naive")
    new_run.start("local", "analyst", dataset.id, config)
    for view in VIEWS:
        page = open_page(view)
        assert not page.exception
        html = " ".join(element.proto.body for element in page.get("html"))
        assert "<img" not in html
        shown = [*page.title, *page.markdown, *page.caption]
        assert not any("![a](" in element.value for element in shown)
        assert all("<img" not in proto.spec for proto in page.charts)
