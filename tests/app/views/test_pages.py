"""Every page as people meet it: empty, loaded, refused, denied, in three languages."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.services import datasets, runs
from app.text import LANGUAGES, words_for
from app.widgets import forecast_run
from clvcore.config import ForecastConfig
from clvcore.ingest import read_transactions
from clvcore.store import save_transactions

VIEWS = ("segments", "cohorts", "customers", "data", "forecast")
FOR_EVERYBODY = ("segments", "cohorts")
HOSTILE = "<img src=x onerror=alert(1)> **b** :material/key: $x$ ![a](http://evil.example/p.png)"


def said(page: AppTest) -> str:
    """Everything the page says, escapes taken off, in one string."""
    html = " ".join(element.proto.body for element in page.get("html"))
    shown = [*page.title, *page.markdown, *page.caption, *page.metric]
    text = " ".join(str(element.value) for element in shown)
    return (html + " " + text).replace("\\", "")


def titles(page: AppTest) -> list[str]:
    return [title.value.replace("\\", "") for title in page.title]


def charts(page: AppTest) -> list:
    return [element.proto for element in page.get("plotly_chart")]


def keys(page: AppTest) -> set[str]:
    return {button.key for button in page.button}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_page_without_data_says_what_to_do(empty_home, open_page, view, language):
    page = open_page(view, language=language)
    assert not page.exception
    assert len(titles(page)) == 1
    w = words_for(language)
    add = w("Add your orders and see what your customers are worth.")
    assert titles(page)[0] in (
        add, w("No forecast yet. Add your orders and see what your customers are worth."),
    )  # fmt: skip
    assert {"use-sample", "to-data"} & keys(page)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_loaded_page_opens_with_its_finding(filled_home, open_page, view, language):
    page = open_page(view, language=language)
    assert not page.exception
    assert len(titles(page)) == 1
    assert any(digit in titles(page)[0] for digit in "0123456789")
    assert not re.search(r"\bnan\b", said(page).casefold())
    assert not page.error


@pytest.mark.parametrize("view", VIEWS)
def test_every_chart_and_table_has_words_for_those_who_cannot_see_it(filled_home, open_page, view):
    page = open_page(view)
    drawn = charts(page)
    assert view == "customers" or drawn
    assert all(proto.alt for proto in drawn)
    assert all(frame.proto.alt for frame in page.get("arrow_data_frame"))


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_has_a_name(filled_home, open_page, view):
    page = open_page(view)
    groups = [page.selectbox, page.multiselect, page.slider, page.text_input, page.button,
              page.number_input, page.select_slider]  # fmt: skip
    assert all(control.label.strip() for group in groups for control in group)


@pytest.mark.parametrize("view", VIEWS)
def test_an_executive_sees_segments_and_cohorts_and_nothing_else(filled_home, open_page, view):
    page = open_page(view, role="executive")
    assert not page.exception
    assert (view not in FOR_EVERYBODY) == ("No access" in said(page))


def test_the_same_numbers_stand_on_every_page(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    total = words_for("en").money(run.customers["clv"].sum(), "EUR")
    assert total in titles(open_page("forecast"))[0]
    assert total in titles(open_page("customers"))[0]
    value = run.customers.groupby("segment")["clv"].sum()
    shown = said(open_page("segments"))
    for segment in ("high", "medium", "low"):
        assert words_for("en").money(value[segment], "EUR") in shown


def test_totals_say_that_their_range_is_not_measured_and_draw_none(filled_home, open_page):
    for view in ("forecast", "customers", "segments"):
        page = open_page(view)
        assert "Range not measured yet" in said(page)
        assert "aria-hidden" not in said(page)


def test_every_doubt_of_the_run_is_listed(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    shown = said(open_page("forecast"))
    assert run.warnings
    for warning in run.warnings:
        assert words_for("en").notice(warning) in shown


def test_cut_offs_are_printed_where_groups_are_shown(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    shown = said(open_page("segments"))
    w = words_for("en")
    assert f"from {w.money(run.cutoffs['high_from'], 'EUR')}" in shown
    assert "cooling 50–79%" in shown
    assert "uplift (10%, a setting)" in shown


def test_the_action_table_holds_every_group(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    groups = run.customers.groupby(["segment", "risk"]).ngroups
    page = open_page("segments")
    tables = [frame.value for frame in page.dataframe]
    plan = next(table for table in tables if "cap" in table.columns)
    assert len(plan) == groups
    assert plan["customers"].sum() == len(run.customers)
    assert plan["at_stake"].is_monotonic_decreasing


# Cohorts -----------------------------------------------------------------------------------


def test_the_cohorts_page_compares_the_oldest_fair_cohort_with_the_newest(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    w = words_for("en")
    page = open_page("cohorts")
    fair = [
        name for name, cohort in run.cohorts.groupby("cohort") if cohort["customers"].iloc[0] >= 30
    ][1:]
    year = run.cohorts[run.cohorts["month_index"] == 11].set_index("cohort")
    column = "cumulative_value_per_customer"
    before, after = (year.loc[name, column] for name in (fair[0], fair[-1]))
    (title,) = titles(page)
    assert w.money(before, "EUR") in title
    assert w.money(after, "EUR") in title
    assert ("worth less" in title) == (after / before <= 0.9)
    assert ("worth more" in title) == (after / before >= 1.1)
    assert "The customers of the first cohort, 2023 Q1, may have been buying before" in said(page)


def test_the_cohorts_page_changes_its_measure_and_hides_the_forecast(filled_home, open_page):
    page = open_page("cohorts")
    assert "Dashed: forecast" in said(page)
    page.toggle(key="cohort-fill").set_value(False).run()
    assert not page.exception
    assert "forecast" not in charts(page)[0].spec
    assert "Dashed: forecast" not in said(page)
    page.button_group(key="cohort-measure").set_value("retention").run()
    assert not page.exception
    assert "Share of customers with a purchase in each month" in said(page)


def test_cohorts_that_are_nobodys_whole_past_leave_nothing_to_hide(filled_home, open_page):
    entry = runs.start("local", "analyst", filled_home.dataset_id, ForecastConfig(cohort_by=None))
    page = open_page("cohorts")
    assert not page.exception
    assert page.session_state["run_id"] == entry.id
    assert "customers are worth" in titles(page)[0]
    assert not page.toggle
    assert "Not grouped" in said(page)


def test_a_forecast_without_cohorts_says_how_to_get_them(filled_home, open_page):
    config = ForecastConfig(horizon_days=1, cohort_by="channel")
    runs.start("local", "analyst", filled_home.dataset_id, config)
    page = open_page("cohorts")
    assert not page.exception
    assert titles(page) == ["This forecast holds no cohorts yet."]
    page.button(key="to-forecast")
    assert not open_page("cohorts", role="executive").exception


# Data --------------------------------------------------------------------------------------


def test_one_click_opens_a_sample(empty_home, open_page):
    page = open_page("data")
    page.button(key="use-cdnow").click().run()
    assert not page.exception
    assert titles(page) == ["All 6,919 rows are ready."]
    assert "2,357" in said(page)
    assert [d.name for d in datasets.list_datasets("local")] == ["CDNOW"]


def test_more_orders_can_be_added_and_are_then_shown(filled_home, open_page):
    page = open_page("data")
    page.button(key="add-orders").click().run()
    assert page.button(key="stop-adding")
    page.button(key="use-cdnow").click().run()
    assert not page.exception
    assert titles(page) == ["All 6,919 rows are ready."]


def test_a_dropped_file_is_guessed_checked_and_saved(empty_home, open_page, orders_csv):
    page = open_page("data")
    page.file_uploader[0].upload("our shop.csv", orders_csv, "text/csv").run()
    assert not page.exception
    assert page.selectbox(key="mapper-customer_id").value == "customer_id"
    assert page.selectbox(key="mapper-date").value == "order_date"
    assert "are accounted for, to the cent" in titles(page)[0]
    assert datasets.list_datasets("local") == []
    page.selectbox(key="mapper-currency").select("EUR").run()
    page.button(key="use-data").click().run()
    assert not page.exception
    (saved,) = datasets.list_datasets("local")
    assert (saved.name, saved.currency) == ("our shop.csv", "EUR")
    assert page.session_state["dataset_id"] == saved.id


def test_a_wrong_mapping_is_explained_and_can_be_corrected(empty_home, open_page, orders_csv):
    page = open_page("data")
    page.file_uploader[0].upload("shop.csv", orders_csv, "text/csv").run()
    page.selectbox(key="mapper-date").select("channel").run()
    assert not page.exception
    assert page.button(key="use-data").disabled
    assert titles(page) == ["We cannot use this file yet: tell us which column is which."]
    page.multiselect(key="mapper-attributes").set_value([]).run()
    page.selectbox(key="mapper-date").select("order_date").run()
    assert not page.button(key="use-data").disabled


def test_two_roles_for_one_column_are_refused_in_words(empty_home, open_page, orders_csv):
    page = open_page("data", language="es")
    page.file_uploader[0].upload("shop.csv", orders_csv, "text/csv").run()
    page.selectbox(key="mapper-amount").select("order_date").run()
    assert not page.exception
    assert page.button(key="use-data").disabled
    assert "Da a cada función su propia columna" in said(page)


@pytest.mark.parametrize(
    "content",
    [b"", b"customer_id,date,amount\n", b"\x89PNG\r\n\x1a\n" + bytes(100), b"PK\x03\x04 broken"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unreadable_file_is_refused_without_losing_the_page(
    empty_home, open_page, content, language
):
    page = open_page("data", language=language)
    page.file_uploader[0].upload("orders.csv", content, "text/csv").run()
    assert not page.exception
    w = words_for(language)
    assert titles(page) == [w("This file could not be read. Nothing has been changed.")]
    assert page.button(key="use-sample")


def test_rejected_rows_can_be_taken_away(filled_home, open_page):
    page = open_page("data")
    assert any(
        element.proto.label.startswith("Download") for element in page.get("download_button")
    )
    quality = datasets.check_saved("local", filled_home.dataset_id).quality
    assert len(quality.rejected)


def test_a_dataset_can_be_deleted(filled_home, open_page):
    page = open_page("data")
    page.button(key="delete-data").click().run()
    assert not page.exception
    assert datasets.list_datasets("local") == []
    assert page.button(key="use-sample")


# Forecast ----------------------------------------------------------------------------------


def _send(page: AppTest) -> AppTest:
    form = next(b for b in page.button if b.key and b.key.startswith("FormSubmitter"))
    form.click().run()
    return page


def test_the_form_runs_a_forecast_with_its_settings(filled_home, open_page):
    page = open_page("forecast")
    page.slider(key="set-months").set_value(3)
    page.selectbox(key="set-model").set_value("mbg_nbd")
    page.select_slider(key="set-level").set_value(0.8)
    page.number_input(key="set-margin").set_value(40)
    page.number_input(key="set-discount").set_value(10)
    _send(page)
    assert not page.exception
    assert page.session_state["run_id"] != filled_home.run_id
    run = runs.load("local", page.session_state["run_id"])
    assert run.model == "mbg_nbd"
    assert run.config == ForecastConfig(
        horizon_months=3, model="mbg_nbd", confidence_level=0.8, gross_margin=0.4,
        annual_discount_rate=0.1,
    )  # fmt: skip
    assert "3 months" in titles(page)[0]
    assert "Margin 40% applied. Discounted at 10% a year." in said(page)


def _add(home, transactions, name="short.csv") -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "cdnow_sample", lambda: transactions)
        patch.setattr(datasets, "save_transactions", save_transactions)
        return datasets.add_sample("local", "cdnow").id


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_short_a_history_is_refused_with_three_ways_on(
    empty_home, open_page, short_log, language
):
    _add(empty_home, short_log)
    page = _send(open_page("forecast", language=language))
    assert not page.exception
    assert "182" in titles(page)[0]
    assert {"way-orders", "way-data", "way-short"} <= keys(page)
    assert runs.list_runs("local") == []
    page.button(key="way-short").click().run()
    assert not page.exception
    (entry,) = runs.list_runs("local")
    assert entry.config["allow_short_history"] is True


def _one_time_buyers() -> pd.DataFrame:
    days = pd.date_range("2023-01-01", periods=60, freq="7D")
    return pd.DataFrame(
        {"customer_id": [f"C{i}" for i in range(60)], "date": days, "amount": 20.0 + (days.day % 7)}
    )


def test_a_model_that_cannot_be_fitted_offers_automatic(empty_home, open_page):
    _add(empty_home, read_transactions(_one_time_buyers()))
    page = open_page("forecast")
    page.selectbox(key="set-model").set_value("bg_nbd")
    _send(page)
    assert not page.exception
    assert "way-auto" in keys(page)
    page.button(key="way-auto").click().run()
    assert not page.exception
    assert len(runs.list_runs("local")) == 1
    assert "Keep in mind" in said(page)


def test_progress_names_every_step_of_the_engine():
    from clvcore import forecast
    from clvcore.sample import cdnow_sample

    steps = []
    forecast(cdnow_sample(), ForecastConfig(horizon_months=1), lambda step, _: steps.append(step))
    assert tuple(dict.fromkeys(steps)) == (*forecast_run.STEPS, "done")


# Customers ---------------------------------------------------------------------------------


def _listed(page: AppTest) -> pd.DataFrame:
    return next(f.value for f in page.dataframe if "at_stake" in f.value.columns)


def test_filters_narrow_the_list_and_its_figures(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    page = open_page("customers")
    assert len(_listed(page)) == len(run.customers)
    page.pills(key="value").set_value(["high"]).run()
    page.pills(key="risk").set_value(["cooling", "at_risk"]).run()
    kept = run.customers[
        (run.customers["segment"] == "high") & run.customers["risk"].isin(["cooling", "at_risk"])
    ]
    assert set(_listed(page)["customer"]) == set(kept.index)
    assert "high-value customer" in titles(page)[0]
    assert words_for("en").money(kept["clv"].sum(), "EUR") in said(page)


def test_filters_live_in_the_address(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    wanted = str(run.customers.index[7])
    page = open_page("customers", find=wanted)
    assert list(_listed(page)["customer"]) == [wanted]


def test_a_shared_address_means_the_same_in_every_language(filled_home, open_page):
    page = open_page("customers")
    page.pills(key="value").set_value(["high"]).run()
    page.pills(key="risk").set_value(["cooling", "at_risk"]).run()
    address = {name: page.query_params[name] for name in ("value", "risk")}
    assert address == {"value": "high", "risk": ["cooling", "at_risk"]}
    there = open_page("customers", language="pt", **address)
    assert set(_listed(there)["customer"]) == set(_listed(page)["customer"])


def test_an_address_with_unknown_filters_shows_everybody(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    page = open_page("customers", value=["huge"], risk=["<b>"], cohort="1066")
    assert not page.exception
    assert len(_listed(page)) == len(run.customers)


def test_nobody_found_offers_to_clear_the_filters(filled_home, open_page):
    page = open_page("customers", find="no such customer")
    assert titles(page) == ["Nobody matches these filters."]
    page.button(key="clear-filters").click().run()
    assert not page.exception
    assert len(_listed(page)) > 1


def test_the_list_starts_with_most_at_stake(filled_home, open_page):
    assert _listed(open_page("customers"))["at_stake"].is_monotonic_decreasing


@pytest.mark.parametrize(("role", "may"), [("marketing", False), ("analyst", True)])
def test_only_those_who_may_export_see_the_menu(filled_home, open_page, role, may):
    page = open_page("customers", role=role)
    labels = [element.proto.label for element in page.get("download_button")]
    assert (labels == ["CSV", "Excel (XLSX)"]) is may


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
    config = ForecastConfig(cohort_by="land")
    runs.start("local", "analyst", dataset.id, config)
    for view in VIEWS:
        page = open_page(view)
        assert not page.exception
        html = " ".join(element.proto.body for element in page.get("html"))
        assert "<img" not in html
        shown = [*page.title, *page.markdown, *page.caption]
        assert not any("![a](" in element.value for element in shown)
        assert all("<img" not in proto.spec for proto in charts(page))


def test_the_forecast_page_opens_on_the_orders_of_the_forecast_shown(filled_home, open_page):
    datasets.add_sample("local", "cdnow")
    page = open_page("forecast")
    assert page.session_state["dataset_id"] == filled_home.dataset_id
    assert "Expect" in titles(page)[0]


def test_choosing_other_orders_on_the_forecast_page_asks_for_their_forecast(filled_home, open_page):
    other = datasets.add_sample("local", "cdnow")
    page = open_page("forecast")
    page.selectbox(key="forecast_dataset").set_value(other.id).run()
    assert not page.exception
    assert titles(page) == ["2,357 customers are ready for a forecast."]
    page.switch_page("views/data.py").run()
    assert titles(page) == ["All 6,919 rows are ready."]
