"""The Administration page: people, one-time passwords, the matrix, and the trail."""

from __future__ import annotations

import datetime as dt

import pytest

from app.accounts.roles import CAPABILITIES, ROLES, allowed
from app.accounts.throttle import name_digest
from app.accounts.users import add_user, find_user, list_users, password_is_right
from app.storage import audit
from app.storage.audit import Line
from app.storage.database import User, utc_now, writing
from app.widgets import people_panels
from app.widgets.roles_table import roles_frame
from app.widgets.trail_panel import trail_frame
from app.words.text import LANGUAGES, words_for

W = words_for("en")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def _shown_password(page) -> str | None:
    return page.code[0].value if page.code else None


def _table(page, first: str):
    """Return the table that has this column."""
    return next(frame.value for frame in page.dataframe if first in frame.value.columns)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_with_who_may_sign_in(empty_home, open_page, language):
    page = open_page("admin", role="admin", language=language)
    assert not page.exception
    assert "4" in page.titles[0]
    people = _table(page, "username")
    assert people["username"].tolist() == ["admin", "analyst", "executive", "marketing"]
    assert all(frame.proto.alt for frame in page.get("arrow_data_frame"))


def _add(page, username: str):
    page.text_input(key="add-username").set_value(username)
    page.text_input(key="add-name").set_value("Bo <b>Lee</b>")
    page.selectbox(key="add-role").set_value("analyst")
    return page.send()


def test_somebody_is_added_and_the_password_is_shown_this_once(empty_home, open_page):
    page = _add(open_page("admin", role="admin"), "bo")
    assert not page.exception
    password = _shown_password(page)
    assert password_is_right("bo", password)
    assert find_user("bo").role == "analyst"
    assert page.text_input(key="add-username").value == ""
    assert _shown_password(page.run()) is None
    assert people_panels.TOLD_ONCE not in page.session_state


def test_a_name_that_is_taken_is_refused_in_words(empty_home, open_page):
    page = _add(open_page("admin", role="admin"), "analyst")
    assert not page.exception
    assert "already a user analyst" in page.warning[0].value.replace("\\", "")
    assert len(list_users()) == 4
    assert page.text_input(key="add-username").value == "analyst"


def _choose(page, username: str):
    page.selectbox(key="change-username").set_value(username).run()
    return page


def test_roles_passwords_and_accounts_are_changed(empty_home, open_page):
    page = _choose(open_page("admin", role="admin"), "marketing")
    page.selectbox(key="change-role-marketing-marketing").set_value("executive").run()
    page.button(key="change-role").click().run()
    assert find_user("marketing").role == "executive"
    page.button(key="reset-password").click().run()
    assert password_is_right("marketing", _shown_password(page))
    page.button(key="disable").click().run()
    assert find_user("marketing").disabled
    assert page.button(key="reset-password").disabled
    assert "3 people" in page.titles[0]
    page.button(key="enable").click().run()
    assert not page.exception
    assert not find_user("marketing").disabled


def test_ones_own_account_is_not_offered_and_other_tenants_are_not_there(empty_home, open_page):
    add_user("eve", "correct horse battery", role="admin", tenant="other")
    page = open_page("admin", role="admin")
    assert page.selectbox(key="change-username").options == [
        "analyst", "executive", "marketing",
    ]  # fmt: skip
    assert "eve" not in _table(page, "username")["username"].tolist()


def test_alone_there_is_nobody_to_change(home, open_page):
    add_user("admin", "correct horse battery", role="admin")
    page = open_page("admin", role="admin")
    assert not page.exception
    assert "There is nobody but you yet." in page.said
    assert "change-role" not in page.keys


@pytest.mark.parametrize("key", ["reset-password", "disable"])
def test_a_page_older_than_the_role_changes_nobody(empty_home, open_page, key):
    before = find_user("analyst")
    page = _choose(open_page("admin", role="admin"), "analyst")
    add_user("root", "correct horse battery", role="admin")
    with writing() as session:
        session.get(User, "admin").role = "marketing"
    page.button(key=key).click().run()
    assert not page.exception
    assert "No access" in page.said
    assert find_user("analyst") == before
    assert _shown_password(page) is None


def test_the_trail_is_filtered_and_cleared(empty_home, open_page):
    audit.record("local", "analyst", "export", "r1", rows=3, format="csv")
    audit.record("local", "admin", "sign_in", "admin")
    page = open_page("admin", role="admin")
    assert len(_table(page, "action")) == 2
    page.selectbox(key="trail-action").set_value("export").run()
    shown = _table(page, "action")
    assert shown[["by", "action", "detail"]].to_numpy().tolist() == [
        ["analyst", "Exported a list", "3 rows · CSV"],
    ]  # fmt: skip
    page.date_input(key="trail-to").set_value(dt.date(2020, 1, 1)).run()
    assert "Nothing matches these filters." in page.said
    page.button(key="trail-clear").click().run()
    assert not page.exception
    assert len(_table(page, "action")) == 2


def test_every_kind_of_line_reads_as_a_sentence_would(home):
    lines = [
        Line(at=NOON, username=by, action=action, subject=subject, detail=detail)
        for by, action, subject, detail in (
            ("", "sign_in_failed", name_digest("ana"), {}),
            ("", "sign_in_failed", name_digest("p4ssword"), {}),
            ("ana", "forecast", "r1", {"dataset": "d"}),
            ("ana", "run_deleted", "r2", {"dataset": "Shop", "as_of": "2026-02-01"}),
            ("ana", "orders_added", "d", {"name": "Shop", "rows": 1}),
            ("root", "role_changed", "ana", {"before": "analyst", "after": "admin"}),
            ("root", "brand_new", "x", {}),
        )
    ]
    shown = trail_frame(W, lines, {"r1": "Shop · 1 Jan 2026"}, {name_digest("ana"): "ana"})
    told = shown[["by", "action", "about", "detail"]].astype(object)
    assert told.where(told.notna(), None).to_numpy().tolist() == [
        ["ana", "Failed sign-in", None, None],
        ["unknown name", "Failed sign-in", None, None],
        ["ana", "Made a forecast", "Shop · 1 Jan 2026", None],
        ["ana", "Deleted a forecast", "Shop · 1 Feb 2026", None],
        ["ana", "Added orders", "Shop", "1 row"],
        ["root", "Changed a role", "ana", "analyst → administrator"],
        ["root", "Brand new", "x", None],
    ]


def test_the_matrix_shown_is_the_matrix_asked():
    shown = roles_frame(W).set_index("May")
    assert shown.shape == (len(CAPABILITIES), len(ROLES))
    ticks = (shown == "✓").to_numpy().tolist()
    assert ticks == [[allowed(role, name) for role in ROLES] for name in CAPABILITIES]


def test_the_trail_tells_what_the_program_deleted_without_naming_anybody():
    about = {"at": utc_now(), "username": audit.PROGRAM, "detail": {"orders": 2, "forecasts": 3}}
    lines = [
        Line(action=audit.FORGOTTEN, subject="f" * 64, **about),
        Line(action=audit.SWEPT, subject="", **about),
    ]
    shown = trail_frame(W, lines, {}, {})
    assert list(shown["action"]) == ["Forgot a customer", "Deleted what was too old"]
    assert shown["about"].isna().all()
    assert set(shown["detail"]) == {"Orders: 2 · Forecasts: 3"}
    assert set(shown["by"]) == {"(clv)"}
