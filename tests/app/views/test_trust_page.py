"""The Trust page: the verdict in words first, its measurements, and what to do without any."""

from __future__ import annotations

import dataclasses
import re
import shutil

import pandas as pd
import pytest

from app.services import runs
from app.storage.home import tenant_folder
from app.widgets.trust_groups import groups_finding
from app.words.text import LANGUAGES, words_for
from app.words.trust import badge_words, left_out, rule, verdict_names
from clvcore.records.errors import Notice
from clvcore.records.trust import Trust
from clvcore.store import load_run, save_run

SHORTER = Notice(
    "NOT_MEASURED_AT_HORIZON", "Only {window} of {horizon} days.", window=149, horizon=365
)
TOO_FEW = Notice("NOT_MEASURED", "The orders are too few or too short.")


@pytest.fixture
def with_run(filled_home):
    """Write the run of the home anew, as the engine could have made it."""

    def write(trust: Trust, **changes: object):
        folder = tenant_folder("local", "runs") / filled_home.run_id
        run = dataclasses.replace(load_run(folder), trust=trust, **changes)
        shutil.rmtree(folder)
        save_run(run, folder)
        runs._load.cache_clear()
        return run

    yield write
    runs._load.cache_clear()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_measured_forecast_opens_with_its_verdict(with_run, open_page, make_trust, language):
    with_run(make_trust())
    page, w = open_page("trust", language=language), words_for(language)
    assert not page.exception
    assert page.titles == [
        w("You can rely on this forecast: we promised {promised} times in 100, and held {held}.",
          promised=95, held=94)
    ]  # fmt: skip
    for words in (verdict_names(w)["good"], rule(w), left_out(w), w.percent(0.941, 1)):
        assert words in page.said
    assert not re.search(r"\bnan\b", page.said.casefold())
    for chart in ("coverage", "past-totals", "calibration", "pit"):
        (proto,) = [proto for proto in page.charts if f"chart-{chart}-" in proto.id]
        assert proto.alt


def test_the_page_says_what_the_figures_leave_out(with_run, open_page, make_trust):
    with_run(make_trust())
    assert (
        "The forecast that ships has also learned from the last window; these figures leave it out."
        in open_page("trust").said
    )


@pytest.mark.parametrize("role", ["executive", "marketing", "analyst", "admin"])
def test_everybody_sees_the_page_and_its_entry(with_run, open_page, make_trust, role):
    with_run(make_trust())
    page = open_page("trust", role=role)
    assert not page.exception
    assert "No access" not in page.said
    assert "You can rely on this forecast" in page.titles[0]


@pytest.mark.parametrize(
    ("verdict", "held", "actual", "title"),
    [
        ("fair", {0.5: 0.5, 0.8: 0.75, 0.9: 0.87, 0.95: 0.93}, (6.2e6, 6.2e6),
         "Use this forecast with some care: we promised 80 times in 100, and held 75."),
        ("fair", {0.5: 0.5, 0.8: 0.85, 0.9: 0.91, 0.95: 0.95}, (6.2e6, 6.2e6),
         "Use this forecast with some care: its ranges are a little wider than needed, 80 times in "
         "100 promised and 85 held."),
        ("fair", {0.5: 0.5, 0.8: 0.8, 0.9: 0.9, 0.95: 0.95}, (6.2e6, 9.9e6),
         "Use this forecast with some care: 1 of 2 past totals missed its range."),
        ("weak", {0.5: 0.5, 0.8: 0.6, 0.9: 0.8, 0.95: 0.9}, (6.2e6, 6.2e6),
         "Use this forecast for ranking, not for budgets: we promised 80 times in 100, and held "
         "60."),
        ("weak", {0.5: 0.5, 0.8: 0.95, 0.9: 0.97, 0.95: 0.99}, (6.2e6, 6.2e6),
         "Take its ranges as an upper limit: they are much wider than needed, 80 times in 100 "
         "promised and 95 held."),
        ("weak", {0.5: 0.5, 0.8: 0.6, 0.9: 0.8, 0.95: 0.9}, (1.0, 9.9e6),
         "Use this forecast for ranking, not for budgets: 2 of 2 past totals missed their range."),
    ],
)  # fmt: skip
def test_a_reserved_verdict_says_what_keeps_it_from_good(
    with_run, open_page, make_trust, verdict, held, actual, title
):
    with_run(make_trust(verdict, held=held, actual=actual))
    page = open_page("trust")
    assert not page.exception
    assert page.titles == [title]


def test_the_finding_speaks_of_the_level_the_run_was_asked_for(with_run, open_page, make_trust):
    run = with_run(make_trust())
    with_run(make_trust(), config=dataclasses.replace(run.config, confidence_level=0.8))
    assert "we promised 80 times in 100, and held 79" in open_page("trust").titles[0]
    with_run(make_trust(), config=dataclasses.replace(run.config, confidence_level=0.6))
    assert "we promised 95 times in 100, and held 94" in open_page("trust").titles[0]


def test_the_cards_and_the_table_show_the_measured_figures(with_run, open_page, make_trust):
    with_run(make_trust())
    page = open_page("trust")
    values = [metric.value.replace("\\", "") for metric in page.metric]
    assert values[0] == ":green[:material/verified: Good]"
    # 12.4 M expected against 13.49 M, and the top tenth of the calibration
    assert values[1:3] == ["94.1%", "8.1%"]
    assert "Expected too little" in page.said
    assert "By value group: 6 of 6 inside. By cohort: 2 of 2 inside." in page.said
    groups = next(table.value for table in page.table if "Bought nothing" in table.value.columns)
    assert list(groups["Group"]) == [
        "Everybody", "Bought on 1 day", "Bought on 2 to 4 days", "Bought on 5 days or more",
        "High value", "Medium value", "Low value", "From 9 Dec 2009", "From 9 Dec 2010",
    ]  # fmt: skip
    assert list(groups.columns[3:]) == ["Held at 95%", "Held at 90%", "Held at 80%", "Held at 50%"]
    assert all(table.proto.alt for table in page.table)
    assert "At 95% the promise holds in every group, within 5 points" in page.said


def _group(trust: Trust, key: str, share: float) -> Trust:
    at = trust.coverage["key"] == key
    near = {"coverage": share, "wilson_lower": share - 0.01, "wilson_upper": share + 0.01}
    columns = {name: trust.coverage[name].mask(at, value) for name, value in near.items()}
    return dataclasses.replace(trust, coverage=trust.coverage.assign(**columns))


def test_a_group_that_is_let_down_is_named_and_marked(with_run, open_page, make_trust):
    with_run(_group(make_trust(), "many", 0.7))
    page = open_page("trust")
    assert (
        "Weakest: “Bought on 5 days or more”, held 70.0% of the time where 95% was promised"
        in page.said
    )
    table = next(t.proto for t in page.table if "Bought nothing" in t.value.columns)
    shown = table.arrow_data.styler.display_values.decode("latin-1")
    assert "70.0%" in shown
    styles = table.arrow_data.styler.styles
    assert styles.count("#C2500A") == 1


def test_a_group_that_is_held_too_often_is_not_called_weak(make_trust):
    w, frame = words_for("en"), _group(make_trust(), "many", 0.95).coverage
    assert groups_finding(w, frame, 0.8) == "At 80% no group falls short of the promise"
    assert groups_finding(w, frame.iloc[:0], 0.8) == "Promised and held, by group"


def test_the_reasons_and_the_doubts_are_listed(with_run, open_page, make_trust):
    reasons = (Notice("A", "The first reason is {n}.", n=1), Notice("B", "The second reason."))
    run = with_run(make_trust(reasons=reasons))
    said = open_page("trust").said
    assert "The first reason is 1." in said
    assert "The second reason." in said
    for warning in run.warnings:
        assert words_for("en").notice(warning) in said
    assert "makes the total uncertain by up to 16%" in said


# Not measured ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_short_a_past_says_what_is_missing_and_what_to_do(with_run, open_page, language):
    with_run(Trust(), warnings=(TOO_FEW,))
    page, w = open_page("trust", language=language), words_for(language)
    assert not page.exception
    assert page.titles == [w("Nobody knows yet how far to trust this forecast.")]
    assert w.notice(TOO_FEW) in page.said
    assert {"way-orders", "way-rank"} <= page.keys
    assert not page.metric
    assert not [proto for proto in page.charts if "chart-coverage-" in proto.id]


def test_shorter_windows_are_shown_for_what_they_are(with_run, open_page, make_trust):
    trust = make_trust("not_measured", is_full_length=False, window_days=149)
    with_run(trust, warnings=(SHORTER,))
    page = open_page("trust")
    assert not page.exception
    assert page.titles == [
        "Nobody knows yet how far to trust this forecast over 12 months: the past could only be "
        "checked over 149 days."
    ]
    assert page.metric[0].value.replace("\\", "") == ":gray[:material/help: Not measured]"
    assert "over the 149 days" in page.said
    assert "You can rely" not in page.said


def test_the_ways_on_name_what_the_orders_can_carry(with_run, open_page):
    run = with_run(Trust(), warnings=(SHORTER,))
    late = run.customers.assign(first_purchase=pd.Timestamp(run.as_of) - pd.Timedelta(days=400))
    with_run(Trust(), warnings=(SHORTER,), customers=late)
    page = open_page("trust")
    assert not page.exception
    # a check of a whole horizon needs 0.6 of it, and 150 days, before its date
    assert "To check 12 months, orders must reach back 584 days; yours reach back 400." in page.said
    assert "With these orders up to 8 months can be checked." in page.said
    assert {"way-orders", "way-shorter", "way-rank"} <= page.keys


def test_who_may_not_add_orders_is_told_whom_to_ask(with_run, open_page):
    with_run(Trust(), warnings=(SHORTER,))
    page = open_page("trust", role="executive")
    assert not page.exception
    assert {"way-orders", "way-shorter"} & page.keys == set()
    assert "way-rank" in page.keys
    assert any("Ask a colleague" in box.value for box in page.info)


def test_a_run_from_before_trust_asks_to_be_made_again(with_run, open_page):
    with_run(Trust(), warnings=())
    page = open_page("trust")
    assert not page.exception
    assert "It was made by a version that did not measure ranges yet." in page.said
    assert "way-again" in page.keys


def test_a_model_that_could_not_be_checked_is_named(with_run, open_page):
    with_run(Trust(), warnings=(), model="pareto_nbd")
    page = open_page("trust")
    assert not page.exception
    assert "The shipped model, Pareto/NBD, could not be checked on past dates." in page.said
    assert "Choose Automatic" in page.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_forecast_the_page_says_how_to_get_one(empty_home, open_page, language):
    page, w = open_page("trust", language=language), words_for(language)
    assert not page.exception
    assert page.titles == [
        w("No forecast yet. Add your orders and see what your customers are worth.")
    ]
    assert "to-data" in page.keys
    assert not page.get("skeleton")


def test_the_bare_shapes_are_gone_once_the_forecast_is_read(with_run, open_page, make_trust):
    with_run(make_trust())
    page = open_page("trust")
    assert not page.get("skeleton")
    assert page.session_state["trust_loaded"] == page.session_state["run_id"]
    assert "Reading the forecast" not in page.said


# The badge ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["good", "fair", "weak", "not_measured"])
def test_every_page_carries_the_verdict_of_the_forecast_shown(
    with_run, open_page, make_trust, verdict
):
    with_run(make_trust(verdict))
    words = badge_words(words_for("en"), verdict)
    for view in ("segments", "forecast", "trust"):
        assert any(words in mark.value for mark in open_page(view).sidebar.markdown), view


def test_a_run_that_cannot_be_read_has_no_badge(with_run, open_page, make_trust, filled_home):
    with_run(make_trust())
    (tenant_folder("local", "runs") / filled_home.run_id / "manifest.json").write_text("{}")
    page = open_page("segments")
    assert not page.exception
    assert not any("Trust:" in mark.value for mark in page.sidebar.markdown)
