"""The Segments page: value groups with their cut-offs, and a plan for each."""

from __future__ import annotations

from app.services import runs
from app.words.text import words_for


def test_cut_offs_are_printed_where_groups_are_shown(filled_home, open_page):
    run = runs.load("local", filled_home.run_id)
    shown = open_page("segments").said
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
