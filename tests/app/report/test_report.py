"""The report: the run's own numbers on one page that asks for nothing and trusts no name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.accounts.users import add_user, disable_user, find_user
from app.cli.commands import command_line
from app.report.deliver import report_for, report_of_folder
from app.report.page import Source, report_html
from app.services import runs
from app.services.session import Identity, identity_of
from app.storage.database import AuditEntry, reading
from app.storage.home import tenant_folder
from app.words.run_in_view import RunInView
from app.words.text import LANGUAGES, words_for
from clvcore.records.errors import StoreError
from clvcore.records.trust import Trust
from clvcore.store import read_manifest, save_run
from clvcore.value.actions import action_plan

HOSTILE = "</title><script>alert(1)</script><img src=//evil.example/p.png onerror=x>"
OUTSIDE = re.compile(
    r"(?i)(?:https?:|//[a-z]|url\(|<script|<iframe|<object|<link\b|\bsrc=|@import)"
)
W = words_for("en")


class _Page(HTMLParser):
    """What is open and never closed, and the points of every drawing."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.points, self.rows = [], [], 0
        self.feed(text)

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        self.rows += tag == "tr"

    def handle_startendtag(self, _: str, attributes: list[tuple[str, str | None]]) -> None:
        self.points += [value for name, value in attributes if name == "points"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def source(filled_home) -> Source:
    run_id = filled_home.run_id
    shown = RunInView(runs.find("local", run_id), runs.load("local", run_id))
    return Source(shown=shown, manifest=read_manifest(tenant_folder("local", "runs") / run_id))


def _with(source: Source, **changes: object) -> Source:
    shown = RunInView(source.shown.entry, replace(source.shown.run, **changes))
    return replace(source, shown=shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_whole_and_asks_for_nothing(source, language):
    text = report_html(words_for(language), source)
    page = _Page(text)
    assert page.open == []
    assert not OUTSIDE.search(text)
    assert "default-src 'none'" in text
    assert f'<html lang="{language}">' in text
    assert not re.search(r"\b(nan|None|inf)\b", re.sub(r"<style>.*?</style>", "", text, flags=re.S))
    assert all(np.isfinite(float(v)) for p in page.points for v in p.replace(",", " ").split())


def test_its_numbers_are_those_of_the_run(source):
    run, text = source.shown.run, unescape(report_html(W, source))
    for _, row in run.totals[run.totals["scope"] != "cohort"].iterrows():
        assert W.money(row["clv"], "EUR") in text
        assert W.money_range(row["clv_lower"], row["clv_upper"], "EUR") in text
    plan = action_plan(run.customers, uplift=run.config.segmentation.uplift)
    for row in plan.itertuples():
        assert f"<td>{W.money(row.value_at_stake, 'EUR')}</td>" in text
    for _, row in run.trust.coverage[run.trust.coverage["scope"] == "all"].iterrows():
        assert f"<td>{W.percent(row['coverage'], 1)}</td>" in text
    assert W.count(run.customers["p_alive"].sum()) in text
    assert "cooling 50–79%" in text


def test_it_says_where_its_numbers_come_from(source):
    text = report_html(W, source)
    run = source.shown.run
    assert run.data_hash in text
    assert source.shown.entry.id in text
    assert f"clv {source.manifest['versions']['clv']}" in text
    assert "ranges: 19 times out of 20" in text
    assert "quarter of first purchase" in text


def test_whatever_a_user_typed_is_text(source):
    shown = source.shown
    cohorts = shown.run.cohorts.assign(cohort=HOSTILE + shown.run.cohorts["cohort"])
    entry = replace(shown.entry, dataset_name=HOSTILE)
    config = replace(shown.run.config, cohort_by=HOSTILE)
    run = replace(shown.run, cohorts=cohorts, config=config)
    text = report_html(W, replace(source, shown=RunInView(entry, run)))
    assert "<script" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;") > 5
    assert _Page(text).open == []


def test_what_was_never_measured_is_said_and_not_drawn(source):
    run = source.shown.run
    unknown = {"clv_lower": np.nan, "clv_upper": np.nan}
    bare = _with(
        source, common=None, trust=Trust(), totals=run.totals.assign(**unknown),
        cohorts=run.cohorts.iloc[:0],
        timeline=run.timeline.assign(lower=np.nan, upper=np.nan),
    )  # fmt: skip
    text = report_html(W, bare)
    assert "Its range is not measured yet." in text
    assert "Trust: not measured" in text
    assert "<polygon" not in text
    assert _Page(text).rows < _Page(report_html(W, source)).rows
    assert not re.search(r"\bnan\b", text)


def test_a_forecast_of_one_customer_and_one_month_still_makes_a_page(source):
    run = source.shown.run
    first = run.timeline[run.timeline["kind"] == "forecast"].head(1)
    alone = _with(
        source, customers=run.customers.head(1), distribution=run.distribution.head(1),
        timeline=pd.DataFrame(first),
    )  # fmt: skip
    text = report_html(W, alone)
    assert _Page(text).open == []
    assert "Your 1 customer should spend" in text


def _lines() -> list[AuditEntry]:
    with reading() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == "report")))


@pytest.mark.parametrize("role", ["executive", "analyst"])
def test_who_may_gets_it_with_a_line_in_the_trail(filled_home, role):
    person = identity_of(find_user(role))
    file = report_for(person, filled_home.run_id, "es")
    assert file.content.startswith(b"<!DOCTYPE html>")
    assert file.name.startswith("report-our-shop-csv-")
    (line,) = _lines()
    assert (line.username, line.subject, line.detail) == (
        role, filled_home.run_id, {"language": "es"},
    )  # fmt: skip


def test_a_closed_account_a_stranger_and_a_lost_role_get_nothing(filled_home, monkeypatch):
    analyst = identity_of(find_user("analyst"))
    disable_user("analyst")
    with pytest.raises(PermissionError):
        report_for(analyst, filled_home.run_id, "en")
    add_user("otto", "correct horse battery", role="analyst", tenant="other")
    with pytest.raises(StoreError):
        report_for(identity_of(find_user("otto")), filled_home.run_id, "en")
    claimed = Identity(username="otto", name="Otto", role="analyst", tenant="local")
    with pytest.raises(PermissionError):
        report_for(claimed, filled_home.run_id, "en")
    monkeypatch.setattr("app.services.permission.allowed", lambda role, _: role != "admin")
    with pytest.raises(PermissionError):
        report_for(identity_of(find_user("admin")), filled_home.run_id, "en")
    assert _lines() == []


def test_the_command_writes_it_from_a_folder_or_by_id_and_never_over_a_file(filled_home, tmp_path):
    def clv(*words: object):
        return CliRunner().invoke(command_line(), ["report", *map(str, words)])

    folder, out = tenant_folder("local", "runs") / filled_home.run_id, tmp_path / "report.html"
    assert clv(folder, "--out", out, "--language", "pt").exit_code == 0
    assert '<html lang="pt">' in out.read_text()
    assert "our shop.csv" in out.read_text()
    again = clv(folder, "--out", out)
    assert (again.exit_code, "already there" in again.stderr) == (1, True)
    by_id = clv(filled_home.run_id, "--out", tmp_path / "b.html", "--json")
    assert json.loads(by_id.stdout)["bytes"] == (tmp_path / "b.html").stat().st_size
    nothing = clv("nothing", "--out", tmp_path / "c.html")
    assert (nothing.exit_code, "neither the folder" in nothing.stderr) == (1, True)
    assert not (tmp_path / "c.html").exists()
    assert clv(folder, "--out", tmp_path / "c.html", "--language", "fr").exit_code == 2


def test_a_folder_is_named_after_itself_where_nobody_named_its_orders(filled_home, tmp_path):
    run = runs.load("local", filled_home.run_id)
    save_run(run, tmp_path / "spring")
    text = report_of_folder(tmp_path / "spring", "en").decode()
    assert "<dt>Orders</dt><dd>spring</dd>" in text
    assert "<dt>Made on</dt>" not in text
