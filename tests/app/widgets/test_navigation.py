"""The frame: how runs are named, and which one the pages show."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app
from app.accounts import sessions
from app.accounts.users import add_user
from app.services import new_run, runs
from app.services.runs import RunEntry
from app.widgets.navigation import mark
from app.widgets.sidebar import run_labels
from app.words.text import words_for
from clvcore.records.config import ForecastConfig

MAIN = Path(app.__file__).with_name("main.py")
DAY = dt.date(2011, 6, 9)
ENTRY = RunEntry(
    id="a", dataset_id="d", dataset_name="Shop", created_by="ana", as_of=DAY, horizon_end=DAY,
    created_at=dt.datetime(2026, 1, 2, 18, 42, tzinfo=dt.UTC), horizon_months=12,
    horizon_days=None, customers=1, clv=1.0, currency="EUR", config={},
)  # fmt: skip


def test_a_run_is_named_by_its_day_and_horizon():
    assert run_labels(words_for("en"), [ENTRY]) == {"a": "9 Jun 2011 · 12 months"}
    thirty = replace(ENTRY, horizon_months=None, horizon_days=30)
    assert run_labels(words_for("en"), [thirty]) == {"a": "9 Jun 2011 · 30 days"}


def test_with_more_than_one_set_of_orders_each_run_names_its_own():
    other_orders = replace(ENTRY, id="b", dataset_id="e", dataset_name="CDNOW")
    assert run_labels(words_for("en"), [ENTRY, other_orders]) == {
        "a": "9 Jun 2011 · 12 months · Shop", "b": "9 Jun 2011 · 12 months · CDNOW",
    }  # fmt: skip


def test_two_runs_never_carry_the_same_name():
    an_hour_later = replace(ENTRY, id="c", created_at=ENTRY.created_at + dt.timedelta(hours=1))
    labels = run_labels(words_for("en"), [ENTRY, an_hour_later, replace(ENTRY, id="d",
                                          horizon_months=6)])  # fmt: skip
    assert labels["a"] == "9 Jun 2011 · 12 months · 2 Jan 2026 18:42"
    assert labels["c"] == "9 Jun 2011 · 12 months · 2 Jan 2026 19:42"
    assert labels["d"] == "9 Jun 2011 · 6 months"


@pytest.mark.parametrize("letters", [True, False])
def test_the_mark_is_one_closed_drawing(letters):
    drawn = mark(letters=letters)
    assert drawn.startswith("<svg")
    assert drawn.endswith("</svg>")
    assert "{" not in drawn


def _page(username: str) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=300)
    page.session_state["authentication_status"] = True
    page.session_state["username"] = username
    page.session_state["session_token"] = sessions.begin(username)
    return page


@pytest.fixture
def page(empty_home):
    return _page("analyst")


@pytest.fixture
def filled_page(filled_home):
    return _page("analyst")


def test_without_a_forecast_there_is_nothing_to_choose(page):
    page.run()
    assert not page.exception
    assert [box.key for box in page.selectbox] == ["language_sidebar"]
    assert page.session_state["run_id"] is None


def test_the_newest_forecast_is_shown_until_another_is_chosen(filled_home, filled_page):
    page, first = filled_page, filled_home.run_id
    config = ForecastConfig(horizon_months=3, model="naive")
    second = new_run.start("local", "ana", filled_home.dataset_id, config).id
    page.run()
    assert page.session_state["run_id"] == second
    page.selectbox(key="run_selector").set_value(first).run()
    assert not page.exception
    assert page.session_state["run_id"] == first
    page.run()
    assert page.session_state["run_id"] == first
    runs.delete("local", first)
    page.run()
    assert page.session_state["run_id"] == second


def test_the_whole_name_of_the_orders_shown_stands_by_the_selector(filled_page):
    page = filled_page.run()
    assert not page.exception
    said = [caption.value for caption in page.sidebar.caption]
    assert ":material/database:\u2002our shop\\.csv" in said


def test_the_first_page_answers_at_its_own_name_as_well(filled_page):
    page = filled_page.run()
    at_the_root = [title.value for title in page.title]
    page.switch_page("views/overview.py").run()
    assert not page.exception
    assert [title.value for title in page.title] == at_the_root


def test_a_run_of_another_tenant_is_never_shown(filled_home):
    add_user("eve", "correct horse battery", role="analyst", tenant="other")
    page = _page("eve")
    page.session_state["run_id"] = filled_home.run_id
    page.run()
    assert not page.exception
    assert page.session_state["run_id"] is None
