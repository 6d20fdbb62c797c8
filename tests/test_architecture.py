"""The house rules, read off the syntax trees."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

import clvcore

ROOT = Path(__file__).parents[1]
SOURCES = sorted(p for package in ("clvcore", "app") for p in (ROOT / package).rglob("*.py"))
# from the ground up: a room imports only from rooms on floors below its own
FLOORS = {
    "clvcore": (
        ("records",),
        ("arrays", "engines", "models", "value", "export"),
        ("features", "uncertainty"),
        ("ingest", "members"),
        ("store", "sample", "backtest", "customer"),
        ("runs",),
        ("cli",),
    ),
    "app": (
        ("words", "storage"),
        ("workers", "accounts", "charts"),
        ("services", "shield"),
        ("report", "api"),
        ("widgets",),
        ("views", "server"),
        ("cli", "main"),
    ),
}
VAGUE = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py"}
LIFETIMES_FILES = {"bg_nbd.py", "mbg_nbd.py", "pareto_nbd.py", "gamma_gamma.py"}
FACES = {"streamlit", "plotly", "fastapi", "starlette", "uvicorn", "sqlalchemy"}


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@functools.cache
def imports(path: Path) -> set[str]:
    """Every module a file imports when it runs, at any depth."""
    found: set[str] = set()
    typing_only = guarded(path)
    for node in ast.walk(tree(path)):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def top_levels(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def guarded(path: Path) -> set[int]:
    """The nodes of imports that only name a type, and are never carried out."""
    return {
        id(node)
        for test in ast.walk(tree(path))
        if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.dump(test.test)
        for node in ast.walk(test)
    }


def room(path: Path, package: str) -> str:
    return path.relative_to(ROOT / package).parts[0].removesuffix(".py")


def files(*folders: str) -> list[Path]:
    wanted = [ROOT / folder for folder in folders]
    return [p for p in SOURCES if any(folder in p.parents for folder in wanted)]


def upward(package: str) -> list[str]:
    """Every import of a room that is not on a floor below."""
    floor = {room: height for height, rooms in enumerate(FLOORS[package]) for room in rooms}
    wrong = []
    for path in files(package):
        here = room(path, package)
        if here == "__init__":
            continue
        if here not in floor:
            wrong.append(f"{here} stands on no floor")
            continue
        used = {name.split(".")[1] for name in imports(path) if name.startswith(f"{package}.")}
        wrong += [
            f"{path.relative_to(ROOT)} imports {there}"
            for there in sorted(used & set(floor) - {here})
            if floor[there] >= floor[here]
        ]
    return wrong


@pytest.mark.parametrize("package", list(FLOORS))
def test_imports_move_down(package):
    assert not upward(package)


def test_the_engine_knows_no_faces():
    for path in files("clvcore"):
        assert not top_levels(path) & (FACES | {"app"}), path


def test_only_four_model_files_import_lifetimes():
    using = {p.name for p in SOURCES if "lifetimes" in top_levels(p)}
    assert using == LIFETIMES_FILES


def test_only_boosted_imports_the_boosters():
    assert {p.name for p in SOURCES if top_levels(p) & {"xgboost", "lightgbm"}} <= {"boosted.py"}


def test_only_engines_talk_to_a_database_engine():
    using = {p for p in SOURCES if top_levels(p) & {"duckdb", "pyspark"}}
    assert using
    assert using <= set(files("clvcore/engines"))


def test_views_never_import_models():
    for path in files("app/views"):
        assert not any(name.startswith("clvcore.models") for name in imports(path)), path


def test_a_page_changes_things_only_by_services_that_ask_who_may():
    """The plain ones take anybody's word; pages go by those that look the account up again."""
    unasked = {
        "app.services.datasets.save", "app.services.datasets.add_sample",
        "app.services.datasets.delete", "app.services.runs.delete", "app.accounts.users.add_user",
        "app.accounts.users.set_password", "app.accounts.users.set_role",
        "app.accounts.users.disable_user", "app.accounts.users.enable_user",
        "app.accounts.tenants.add_tenant", "app.accounts.tenants.rotate",
        "app.accounts.tenants.set_disabled",
    }  # fmt: skip
    named = {name.rsplit(".", 2)[-2] + "." + name.rsplit(".", 1)[-1] for name in unasked}
    for path in files("app/views", "app/widgets"):
        assert not imports(path) & unasked, path
        called = {
            f"{node.func.value.id}.{node.func.attr}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        }
        assert not called & named, path


def test_words_charts_and_report_never_import_streamlit():
    for path in files("app/words", "app/charts", "app/report"):
        assert "streamlit" not in top_levels(path), path


def test_no_files_import_one_another():
    """No circle, found by taking away whatever imports nothing that is left."""
    names = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
        for p in SOURCES
    }
    left = {name: (imports(path) & set(names)) - {name} for name, path in names.items()}
    for used in left.values():  # ``from package import module`` names the package as well
        used -= {
            one
            for one in used
            if names[one].name == "__init__.py"
            and any(other.startswith(f"{one}.") for other in used)
        }
    while free := [name for name, used in left.items() if not used & set(left)]:
        for name in free:
            del left[name]
    assert not left


def test_nothing_unpickles():
    for path in SOURCES:
        assert not top_levels(path) & {"pickle", "joblib", "dill", "shelve", "cloudpickle"}, path


def test_the_engine_never_reads_the_clock():
    clocks = {
        "date.today", "datetime.today", "datetime.now", "datetime.utcnow", "Timestamp.now",
        "time.time", "time.monotonic", "time.perf_counter",
    }  # fmt: skip
    for path in files("clvcore"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                named = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                assert f"{named}.{node.func.attr}" not in clocks, (
                    f"{path}:{node.lineno} reads the clock"
                )


def test_no_file_is_called_by_what_it_is_not():
    assert not [p for p in SOURCES if p.name in VAGUE]


def test_a_file_stays_under_400_lines():
    assert not [path for path in SOURCES if len(path.read_text().splitlines()) > 400]


def test_a_function_fits_a_screen():
    long = []
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                has_docstring = ast.get_docstring(node) is not None
                start = node.body[0].end_lineno if has_docstring else node.lineno
                if node.end_lineno - start > 55:
                    long.append(f"{path.name}:{node.name}")
    assert not long


def test_the_public_names_are_sorted_and_exist():
    assert clvcore.__all__ == sorted(clvcore.__all__)
    assert all(hasattr(clvcore, name) for name in clvcore.__all__)
    assert all(getattr(clvcore, name).__doc__ for name in clvcore.__all__)


def test_the_rules_catch_planted_violations(tmp_path):
    planted = tmp_path / "planted.py"
    planted.write_text("import streamlit\nfrom clvcore.runs.forecast import forecast\n")
    assert "streamlit" in top_levels(planted)
    assert "clvcore.runs.forecast.forecast" in imports(planted)
