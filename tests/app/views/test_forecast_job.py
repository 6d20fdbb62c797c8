"""A forecast under way on the pages: watched, left, found again, stopped, cut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.accounts.users import add_user
from app.services import jobs
from app.services.jobs import forecasting, sweep, transitions
from app.storage.database import JobRow, writing
from app.storage.owners import alive
from app.widgets import forecast_run
from app.words.text import words_for
from app.workers import workers
from clvcore.records.config import ForecastConfig

TENANT = "local"
QUICK = ForecastConfig(horizon_months=6, model="naive")


@pytest.fixture
def owner(monkeypatch) -> Iterator[str]:
    """A server whose worker is this test: what is asked for waits until it does it."""
    monkeypatch.setattr(workers, "is_running", lambda: True)
    with alive() as name:
        yield name


def _ask(open_page):
    page = open_page("forecast")
    page.selectbox(key="set-model").set_value("naive")
    page.slider(key="set-months").set_value(6)
    return page.send()


def _begin(owner: str, *steps: str) -> str:
    job_id = transitions.claim(owner)
    assert job_id is not None
    for number, step in enumerate(steps):
        transitions.note_step(job_id, owner, step, number / 10)
    return job_id


def _stop_button(page):
    return next(button for button in page.button if button.key == "stop-forecast")


def test_a_forecast_is_watched_left_and_found_done(filled_home, open_page, owner):
    page = _ask(open_page)
    assert not page.exception
    assert page.titles == ["Waiting for a free place: yours is next."]
    job_id = _begin(owner, "read", "snapshot", "backtest")
    page.run()
    assert page.titles[0].startswith("Forecasting ")
    for name in forecast_run.step_names(words_for("en"), rows=1).values():
        assert name.split(" 1 ")[0] in page.said
    assert page.said.count("check_circle") >= 2
    assert page.said.count(":blue[:material/progress_activity:]") == 2  # the step, and the sidebar
    page.switch_page("views/segments.py").run()
    assert any("Forecasting our shop" in line.value.replace("\\", "")
               for line in page.sidebar.caption)  # fmt: skip
    with writing() as session:
        row = session.get(JobRow, job_id)
        row.steps = []
    forecasting.do_job(job_id, owner)
    page.run()
    assert page.session_state["run_id"] == filled_home.run_id  # what is shown stays
    page.switch_page("views/forecast.py").run()
    assert not page.exception
    assert page.session_state["run_id"] == job_id
    assert "6 months" in page.titles[0]


def test_what_ended_elsewhere_is_offered_in_the_sidebar(filled_home, open_page, owner):
    jobs.submit(TENANT, "analyst", filled_home.dataset_id, QUICK)
    job_id = _begin(owner)
    page = open_page("segments")
    assert any("Forecasting our shop" in line.value.replace("\\", "")
               for line in page.sidebar.caption)  # fmt: skip
    forecasting.do_job(job_id, owner)
    page.run()
    page.session_state["run_id"] = filled_home.run_id
    page.run()
    page.button(key=f"show-{job_id}").click().run()
    assert not page.exception
    assert page.session_state["run_id"] == job_id
    assert f"show-{job_id}" not in page.keys


def test_another_session_of_the_same_person_sees_the_forecast_and_others_do_not(
    filled_home, open_page, owner
):
    _ask(open_page)
    _begin(owner, "read")
    assert open_page("forecast").titles[0].startswith("Forecasting ")
    marketing = open_page("forecast", role="marketing")
    assert marketing.titles[0].startswith("Expect ")
    assert not [line for line in marketing.sidebar.caption if "Forecasting" in line.value]
    add_user("eve", "correct horse battery", role="analyst", tenant="other")
    assert "Forecasting" not in open_page("forecast", role="eve").said


def test_how_many_are_ahead_is_said(filled_home, open_page, owner):
    for months in (1, 2):
        config = ForecastConfig(horizon_months=months, model="naive")
        jobs.submit(TENANT, "marketing", filled_home.dataset_id, config)
    page = _ask(open_page)
    assert page.titles == ["Waiting: 2 forecasts are ahead of yours."]
    assert "Not started yet" in [bar.proto.text for bar in page.get("progress")]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_forecast_is_stopped_and_the_last_one_is_still_there(
    filled_home, open_page, owner, language
):
    jobs.submit(TENANT, "analyst", filled_home.dataset_id, QUICK)
    job_id = _begin(owner, "read")
    page = open_page("forecast", language=language)
    _stop_button(page).click().run()
    assert not page.exception
    assert jobs.find(TENANT, job_id).cancelling
    assert _stop_button(page).disabled
    forecasting.do_job(job_id, owner)
    page.run()
    assert not page.exception
    assert {"way-again", "way-last"} <= page.keys
    page.button(key="way-last").click().run()
    assert page.session_state["run_id"] == filled_home.run_id
    assert "way-again" not in page.keys


def test_only_who_asked_or_an_administrator_may_stop_it(filled_home, open_page, owner):
    jobs.submit(TENANT, "marketing", filled_home.dataset_id, QUICK)
    job_id = _begin(owner, "read")
    page = _ask(open_page)  # the same forecast: the analyst follows the colleague's
    assert "stop-forecast" not in page.keys
    assert "marketing asked for this forecast" in page.said
    admin = open_page("forecast", role="admin")
    admin.selectbox(key="set-model").set_value("naive")
    admin.slider(key="set-months").set_value(6)
    admin.send()
    _stop_button(admin).click().run()
    assert jobs.find(TENANT, job_id).cancelling


def test_a_forecast_cut_off_by_a_restart_says_so_and_runs_again(filled_home, open_page, owner):
    page = _ask(open_page)
    with alive() as lost:
        job_id = _begin(lost, "read")
    sweep.sweep()
    page.run()
    assert not page.exception
    assert "The server ended before this forecast did" in page.titles[0]
    page.button(key="way-again").click().run()
    assert not page.exception
    (again,) = jobs.list_jobs(TENANT, under_way=True)
    assert (again.id != job_id, again.config) == (True, jobs.find(TENANT, job_id).config)


def test_a_full_queue_is_said_with_ways_on(filled_home, open_page, owner):
    for months in range(1, jobs.MAX_WAITING_PER_TENANT + 1):
        config = ForecastConfig(horizon_months=months + 20, model="naive")
        jobs.submit(TENANT, "marketing", filled_home.dataset_id, config)
    page = _ask(open_page)
    assert not page.exception
    assert "Too many forecasts are waiting already" in page.titles[0]
    assert {"way-again", "way-last"} <= page.keys


def test_too_little_memory_offers_a_lighter_model(filled_home, open_page, owner):
    page = _ask(open_page)
    job_id = _begin(owner, "read")
    transitions.end(job_id, owner, jobs.FAILED, transitions.memory_error())
    page.run()
    assert "not enough memory" in page.titles[0]
    page.button(key="way-light").click().run()
    assert not page.exception
    (asked,) = jobs.list_jobs(TENANT, under_way=True)
    assert (asked.config["model"], asked.config["horizon_months"]) == ("probabilistic", 6)
