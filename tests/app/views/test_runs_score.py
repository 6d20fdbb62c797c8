"""The Runs page scores newer orders with the forecast looked at, and shows how far it has moved."""

from __future__ import annotations

import pytest

from app.services import history, jobs, new_run, runs
from app.services.jobs import JobError
from app.widgets.drift_table import drift_frame
from app.words.text import LANGUAGES, words_for
from clvcore.records.config import ForecastConfig

QUICK = ForecastConfig(horizon_months=6, model="naive", as_of="2024-09-30")
LOOKED_AT = "runs_chosen"


@pytest.fixture
def fitted(filled_home):
    """A forecast of the orders as they were in September."""
    return new_run.start("local", "analyst", filled_home.dataset_id, QUICK)


@pytest.fixture
def fitted_page(open_page, fitted):
    page = open_page("runs")
    page.session_state[LOOKED_AT] = fitted.id
    return page.run()


def test_a_click_scores_and_shows_what_came_of_it(fitted_page, fitted):
    assert "Score newer orders with this forecast" in fitted_page.said
    fitted_page.button(key="score").click().run()
    assert not fitted_page.exception
    newest = runs.list_runs("local")[0]
    assert history.provenance("local", newest.id).fitted_run == fitted.id
    assert fitted_page.session_state["run_id"] == newest.id
    assert "since the forecast was fitted" in fitted_page.said
    assert "Scored with" in fitted_page.said
    assert "score" not in fitted_page.keys  # a scored one has learned nothing to score with
    assert len(fitted_page.dataframe) >= 2


def test_the_overview_says_how_old_what_it_knows_is(fitted_page, fitted, open_page):
    fitted_page.button(key="score").click().run()
    run_id = fitted_page.session_state["run_id"]
    page = open_page("overview")
    page.session_state["run_id"] = run_id
    assert f"learned up to {words_for('en').date(fitted.as_of)}" in page.run().said
    page.session_state["run_id"] = fitted.id
    assert "learned up to" not in page.run().said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_measures_are_told_in_every_language(fitted_page, language):
    fitted_page.button(key="score").click().run()
    run = runs.load("local", fitted_page.session_state["run_id"])
    w = words_for(language)
    frame = drift_frame(w, run)
    assert len(frame) == len(run.drift)
    assert frame["verdict"].tolist().count(w("Moved too far")) == int(run.drift["drifted"].sum())
    assert frame["verdict"].iloc[0] == w("Moved too far") or not run.drift["drifted"].any()
    assert w("Spent since, of what was expected") in set(frame["what"])
    assert all(w.notice(notice) for notice in run.warnings)


def test_a_refusal_is_said_where_it_was_asked_for(fitted_page, fitted, monkeypatch):
    def full(*_, **__):
        raise JobError("QUEUE_FULL", "Too many forecasts are waiting already ({waiting}). Try "
                       "again in a few minutes.", waiting=8)  # fmt: skip

    monkeypatch.setattr(jobs, "submit_score", full)
    fitted_page.button(key="score").click().run()
    assert "Too many forecasts are waiting already" in fitted_page.said
    assert fitted_page.session_state[LOOKED_AT] == fitted.id


def test_without_newer_orders_the_page_says_what_to_add(open_page, filled_home):
    page = open_page("runs")
    assert "score" not in page.keys
    assert "score-add" in page.keys
    assert "Add the shop’s whole file to date" in page.said


def test_a_role_that_lost_its_right_scores_nothing(fitted_page, fitted):
    from app.accounts.users import set_role

    before = len(runs.list_runs("local"))
    set_role("analyst", "executive")
    fitted_page.button(key="score").click().run()
    assert len(runs.list_runs("local")) == before
