"""The Runs page: the list, where a run came from, what changed, and deleting one."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.charts.change import change
from app.charts.drawing import Canvas
from app.charts.moves import moves
from app.charts.theme import LIGHT
from app.services import datasets, history, new_run, runs
from app.services.runs import RunEntry
from app.storage.database import User, writing
from app.widgets import run_history
from app.widgets.movers_table import movers_frame
from app.widgets.run_history import PREFILL
from app.words.text import LANGUAGES, words_for
from clvcore.records.config import ForecastConfig

W = words_for("en")


@dataclass(frozen=True)
class Kept:
    """Three forecasts of the same orders; the last two were asked for alike."""

    folder: Path
    dataset_id: str
    first: RunEntry
    second: RunEntry
    third: RunEntry


@pytest.fixture(scope="session")
def history_home(once, template) -> tuple[Path, dict]:
    """A home with a year's forecast, an earlier one for six months, and that one once more."""

    def fill(folder: Path) -> dict:
        shutil.copytree(template.folder, folder)
        config = ForecastConfig(horizon_months=6, model="naive")
        last = runs.find("local", template.run_id).as_of
        earlier = replace(config, as_of=last - dt.timedelta(days=90))
        asked = [("marketing", earlier), ("analyst", config)]
        made = [new_run.start("local", who, template.dataset_id, how).id for who, how in asked]
        return {"runs": [template.run_id, *made]}

    return once("history", fill)


@pytest.fixture
def kept(home, history_home, template) -> Kept:
    """A copy of that home for one test."""
    shutil.copytree(history_home[0], home)
    entries = [runs.find("local", run_id) for run_id in history_home[1]["runs"]]
    return Kept(home, template.dataset_id, *entries)


def test_one_forecast_says_where_it_came_from_and_that_there_is_nothing_to_compare(
    filled_home, open_page
):
    page = open_page("runs")
    made = history.provenance("local", filled_home.run_id)
    assert page.titles == ["1 forecast is kept."]
    assert made.data_hash in page.said
    for said in (made.dataset_name, *(f"{n} {v}" for n, v in made.versions.items()), "19 in 20"):
        assert said in page.said
    assert "Nothing to compare yet" in page.said
    assert page.button(key="reopen").disabled


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_forecast_before_is_compared_by_itself(kept, open_page, language):
    page = open_page("runs", language=language)
    assert not page.exception
    found = history.compare_runs("local", kept.second.id, kept.third.id)
    w = words_for(language)
    assert w.money(found.after.clv, "EUR") in page.titles[0]
    assert w.money(abs(found.change), "EUR") in page.titles[0]
    assert w.date(kept.second.as_of) in page.titles[0]
    drawn = page.said + str([json.loads(proto.spec) for proto in page.charts])
    for value in (found.before.clv, found.stayed.change, found.joined.change):
        assert w.money(abs(value), "EUR") in drawn.replace("\\xa0", "\xa0")
    assert len(page.charts) == 2
    assert all(proto.alt for proto in page.charts)


def test_runs_with_other_settings_are_compared_on_request_and_the_settings_named(kept, open_page):
    page = open_page("runs", role="marketing")
    page.selectbox(key="runs_choice").set_value(kept.first.id).run()
    assert "3 forecasts are kept" in page.titles[0]
    page.selectbox(key="runs_compare").set_value(kept.second.id).run()
    assert not page.exception
    assert "differ in 2 settings" in page.said
    assert "Look ahead, months: 6 then, 12 now" in page.said
    assert "Model: Simple average then, Automatic now" in page.said


def test_a_forecast_is_shown_again_on_all_pages(kept, open_page):
    page = open_page("runs")
    assert page.session_state["run_id"] == kept.third.id
    page.selectbox(key="runs_choice").set_value(kept.first.id).run()
    page.button(key="reopen").click().run()
    assert page.session_state["run_id"] == kept.first.id
    assert page.button(key="reopen").disabled


def test_running_again_hands_the_settings_and_the_newest_orders_of_the_name_over(kept, open_page):
    page = open_page("runs")
    page.button(key="rerun").click().run()
    assert not page.exception
    assert page.session_state[PREFILL] == (
        kept.dataset_id, ForecastConfig(horizon_months=6, model="naive"),
    )  # fmt: skip
    assert page.session_state["dataset_id"] == kept.dataset_id


def test_without_its_orders_a_forecast_cannot_be_run_again(filled_home, open_page):
    datasets.delete("local", filled_home.dataset_id)
    page = open_page("runs")
    assert not page.exception
    assert page.button(key="rerun").disabled


def test_deleting_asks_first_and_then_shows_what_is_left(kept, open_page):
    page = open_page("runs")
    assert "It is gone for everybody" in page.said
    page.button(key="delete-run").click().run()
    assert not page.exception
    assert runs.list_runs("local") == [kept.second, kept.first]
    assert page.session_state["run_id"] == kept.second.id


def test_a_page_older_than_the_role_deletes_nothing(filled_home, open_page):
    page = open_page("runs")
    with writing() as session:
        session.get(User, "analyst").role = "executive"
    page.button(key="delete-run").click().run()
    assert not page.exception
    assert "No access" in page.said
    assert len(runs.list_runs("local")) == 1


def test_a_damaged_run_is_still_listed_and_says_so(kept, open_page):
    folder = kept.folder / "tenants" / "local" / "runs" / kept.third.id
    (folder / "manifest.json").write_text("{}")
    page = open_page("runs")
    assert not page.exception
    assert "These two cannot be compared" in page.said
    assert page.said.count("is not what was saved") == 2


def _script_of_a_tick():
    import streamlit as st

    from app.widgets.run_history import choose_row

    choose_row(st.session_state["ids"])


@pytest.mark.parametrize(("rows", "chosen"), [([1], "b"), ([], "before"), ([7], "before")])
def test_ticking_a_row_looks_at_its_forecast(rows, chosen):
    page = AppTest.from_function(_script_of_a_tick)
    page.session_state["runs-table"] = {"selection": {"rows": rows}}
    page.session_state["ids"] = ["a", "b"]
    page.session_state[run_history.CHOSEN] = "before"
    assert page.run().session_state[run_history.CHOSEN] == chosen


def test_the_charts_and_the_table_tell_the_comparison(kept):
    found = history.compare_runs("local", kept.second.id, kept.third.id)
    canvas = Canvas(W, LIGHT, "EUR")
    waterfall, grid = change(found, canvas=canvas), moves(found.moves, canvas=canvas)
    assert waterfall.table["Customers"].tolist() == [
        W.count(n) for n in (found.before.customers, found.stayed.customers,
                             found.joined.customers, found.left.customers, found.after.customers)
    ]  # fmt: skip
    bars = waterfall.figure.data[0]
    assert bars.base[2] + bars.x[2] == pytest.approx(found.after.clv - found.left.change)
    up = found.moves[found.moves["segment_before"] == "low"].iloc[:2]["customers"].sum()
    assert grid.title.startswith(f"{up + found.moves['customers'].iloc[3]} moved up")
    frame = movers_frame(W, found.customers)
    assert set(frame["part"]) == {"Still here", "New here"}
    assert frame["segment"].str.contains(" → ").sum() == found.moved
