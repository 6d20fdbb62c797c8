"""``clv users`` and the whole command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.accounts.users import ensure_first_admin, find_user, password_is_right
from app.cli.commands import command_line

PASSWORD = "correct horse battery"
CLV = Path(sys.executable).with_name("clv")


@pytest.fixture
def clv(home):
    def run(*words: str, stdin: str = ""):
        return CliRunner().invoke(command_line(), words, input=stdin)

    return run


def _add(clv, name="ana", role="analyst", *more):
    words = ("users", "add", name, "--role", role, "--password-stdin", *more)
    return clv(*words, stdin=PASSWORD + "\n")


def test_all_commands_stand_side_by_side(clv):
    shown = clv("--help")
    assert shown.exit_code == 0
    for command in (
        "forecast", "check", "report", "sample", "serve", "users", "tenants", "backup", "restore",
        "forget",
    ):  # fmt: skip
        assert command in shown.stdout


def test_a_user_added_from_standard_input_can_sign_in(clv):
    added = _add(clv, "ana", "analyst", "--full-name", "Ana Silva")
    assert (added.exit_code, added.stdout) == (0, "Added ana (analyst).\n")
    assert password_is_right("ana", PASSWORD)
    assert find_user("ana").name == "Ana Silva"


def test_a_typed_password_is_asked_for_twice_and_not_echoed(clv):
    added = clv("users", "add", "ana", "--role", "analyst", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert added.exit_code == 0
    assert PASSWORD not in added.output
    assert password_is_right("ana", PASSWORD)


def test_json_is_one_document_and_never_holds_a_hash(clv):
    added = json.loads(_add(clv, "ana", "analyst", "--json").stdout)
    assert (added["username"], added["role"], added["disabled"]) == ("ana", "analyst", False)
    listed = clv("users", "list", "--json")
    assert json.loads(listed.stdout) == {"users": [added]}
    assert "$2b$" not in listed.stdout
    disabled = json.loads(_disable(clv, "--json").stdout)
    assert disabled == {**added, "disabled": True}


def _disable(clv, *more):
    return clv("users", "disable", "ana", *more)


def test_disabling_and_a_new_password(clv):
    _add(clv)
    assert _disable(clv).exit_code == 0
    assert "disabled" in clv("users", "list").stdout
    assert not password_is_right("ana", PASSWORD)
    renewed = clv("users", "password", "ana", "--password-stdin", stdin="another good one\n")
    assert renewed.exit_code == 0
    assert password_is_right("ana", "another good one")


@pytest.mark.parametrize(
    ("words", "stdin", "code", "reason"),
    [
        (("users", "disable", "ghost"), "", 1, "no user 'ghost'"),
        (("users", "add", "bo", "--role", "analyst", "--password-stdin"), "short\n", 1, "12 to 64"),
        (("users", "add", "b o", "--role", "admin", "--password-stdin"), "x" * 12, 1, "user name"),
        (("users", "add", "bo", "--role", "boss", "--password-stdin"), PASSWORD, 2, "executive"),
        (("users", "add", "bo"), "", 2, "--role"),
        (("users", "rename"), "", 2, "rename"),
        (("serve", "--port", "70000"), "", 2, "--port"),
    ],
)
def test_a_refusal_says_why_on_stderr_with_its_exit_code(clv, words, stdin, code, reason):
    ended = clv(*words, stdin=stdin)
    assert ended.exit_code == code
    assert reason in ended.stderr
    assert "Traceback" not in ended.output
    assert ended.stdout == ""


def test_a_refusal_with_json_is_a_document_too(clv):
    ended = clv("users", "disable", "ghost", "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["error"] == "USER_UNKNOWN"


HEAVY = {
    "alembic", "autograd", "duckdb", "fastapi", "lifetimes", "lightgbm", "numpy", "openpyxl",
    "pandas", "plotly", "pyarrow", "scipy", "sklearn", "sqlalchemy", "streamlit", "xgboost",
}  # fmt: skip
MODELS = {"autograd", "lifetimes", "lightgbm", "openpyxl", "sklearn", "xgboost"}


def loaded(code: str) -> set[str]:
    """Return the packages that are there once this code has run, in a process of its own."""
    return {name.split(".")[0] for name in modules(code)}


def modules(code: str) -> set[str]:
    """Return the modules that are there once this code has run, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint('LOADED', *sys.modules)"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return set(ended.stdout.split("LOADED")[-1].split())


def test_asking_for_help_loads_nothing_heavy(home):
    help_ = (
        "from app.cli.commands import command_line\n"
        "command_line()(['--help'], standalone_mode=False)"
    )
    assert not loaded(help_) & HEAVY
    assert not home.exists()


def test_importing_the_engine_loads_nothing_heavy():
    assert not loaded("import clvcore") & HEAVY


def test_reading_orders_loads_no_models():
    assert not loaded("from clvcore import read_transactions") & (MODELS | {"duckdb"})


READY = """
import app.server.start, app.server.guard, app.server.asgi
app.server.guard.check_before_start()
app.server.start.first_password()
"""
SIGN_IN = f"""{READY}
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(app.server.asgi.app.script_path, default_timeout=300).run()
assert page.text_input and not page.exception
"""


def test_the_server_is_ready_before_it_has_loaded_what_only_pages_and_calls_need(home):
    ensure_first_admin()  # a home that was used before
    later = HEAVY - {"plotly", "streamlit"} | {"limits", "pebble", "pydantic"}
    assert not loaded(READY) & later


def test_the_sign_in_page_loads_neither_the_engine_nor_the_interface(home):
    ensure_first_admin()
    later = MODELS | {"alembic", "duckdb", "fastapi", "limits", "pebble", "pydantic"}
    assert not loaded(SIGN_IN) & later
    assert not modules(SIGN_IN) & {"clvcore.ingest", "clvcore.records.run", "clvcore.store"}


def test_the_pages_that_show_a_forecast_load_no_models(home):
    """Whoever signs in first after a start waits for what is loaded here."""
    settled = "from app.server import warm_up\nfor name in warm_up.PAGES: __import__(name)\n"
    views = "import app.widgets.sidebar, app.widgets.first_run, app.widgets.overview_panels\n"
    shown = "import app.widgets.overview_actions, app.widgets.overview_change"
    assert not modules(settled + views + shown) & (
        MODELS | {"clvcore.backtest.rolling", "clvcore.models"}
    )


def test_the_installed_command_runs(home):
    ended = subprocess.run(
        [CLV, "users", "list"], capture_output=True, text=True, timeout=300, check=True
    )
    assert "clv serve" in ended.stdout


def test_a_backup_is_made_restored_and_refused_where_something_is(clv, tmp_path, monkeypatch):
    _add(clv)
    file = tmp_path / "all.tar.zst"
    saved = clv("backup", str(file))
    assert (saved.exit_code, saved.stdout.splitlines()[0]) == (
        0, f"Saved 0 sets of orders and 0 forecasts in {file}.",
    )  # fmt: skip
    refused = clv("restore", str(file), "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["error"] == "HOME_NOT_EMPTY"
    monkeypatch.setenv("CLV_HOME", str(tmp_path / "new"))
    restored = json.loads(clv("restore", str(file), "--json").stdout)
    assert (restored["orders"], restored["with_key"]) == (0, False)
    assert password_is_right("ana", PASSWORD)
    assert clv("restore", str(tmp_path / "none.tar.gz")).exit_code == 1


def test_forgetting_says_where_somebody_was_and_checks_the_tenant(clv):
    assert json.loads(clv("forget", "C1", "--json").stdout) == {"orders": 0, "forecasts": 0}
    assert "0 sets of orders" in clv("forget", "C1").stdout
    assert clv("forget", "C1", "--tenant", "../x").exit_code == 2
