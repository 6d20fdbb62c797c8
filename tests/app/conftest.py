"""A home of its own for every test, and one shop that is read and forecast once for all of them."""

from __future__ import annotations

import functools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from filelock import FileLock
from streamlit.components.v2 import manifest_scanner

from app.accounts import passwords
from app.accounts.users import add_user
from app.services import datasets, new_run, parse_child, sandbox
from clvcore.records.config import ForecastConfig
from clvcore.sample import sample_orders

PASSWORD = "correct horse battery"
ROLES = ("executive", "marketing", "analyst", "admin")
SHOP = "our shop.csv"
QUICK = 4  # bcrypt at its least cost, since a test signs in often
Once = Callable[[str, Callable[[Path], dict]], tuple[Path, dict]]


@dataclass(frozen=True)
class Filled:
    """A home with one dataset and one forecast of it; ``steps`` were told while it was made."""

    folder: Path
    dataset_id: str
    run_id: str
    steps: tuple[tuple[str, float], ...]


@pytest.fixture(scope="session", autouse=True)
def _components_are_found_once() -> Iterator[None]:
    """Streamlit looks through all installed packages for every AppTest: most of its time."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty CLV_HOME."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CLV_HOME", str(folder))
    monkeypatch.setattr(passwords, "COST", QUICK)
    monkeypatch.setenv("CLV_WORKERS", "0")  # forecasts are made in the caller; jobs have own tests
    return folder


def _add_people() -> None:
    for role in ROLES:
        add_user(role, PASSWORD, role=role)


@pytest.fixture(autouse=True)
def _on_this_machine(monkeypatch) -> None:
    """An AppTest has no connection, and so no address; a browser here has none either."""
    here = property(lambda _: None)
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.ip_address", here)


@pytest.fixture
def empty_home(home) -> Path:
    """A home without orders; one person of each role, named like it."""
    _add_people()
    return home


@pytest.fixture(scope="session")
def orders_csv() -> bytes:
    """A simulated shop of 400 customers as CSV."""
    return sample_orders(400, seed=5).to_csv(index=False).encode()


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Once:
    """Fill a home once, whichever of the parallel workers comes first; the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def once_(name: str, fill: Callable[[Path], dict]) -> tuple[Path, dict]:
        folder, made = shared / name, shared / f"{name}.json"
        with FileLock(shared / f"{name}.lock"), pytest.MonkeyPatch.context() as patch:
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)  # what a failed try may have left
                patch.setenv("CLV_HOME", str(folder))
                patch.setattr(passwords, "COST", QUICK)
                made.write_text(json.dumps(fill(folder)))
        return folder, json.loads(made.read_text())

    return once_


@pytest.fixture(scope="session")
def dropped(once, orders_csv) -> Path:
    """A home into which the file was dropped and checked, in a real child."""

    def drop(folder: Path) -> dict:
        intake = datasets.inspect_upload("local", SHOP, orders_csv)
        datasets.check("local", intake.content_hash, intake.mapping, "EUR")
        for claim in folder.rglob(
            "claims/*"
        ):  # read already, and nobody's: whoever drops it is alone
            claim.unlink()
        return {}

    return once("dropped", drop)[0]


@pytest.fixture(scope="session")
def template(once, dropped, orders_csv) -> Filled:
    """The dropped file saved and forecast for a year, in a home with those people."""

    def fill(folder: Path) -> dict:
        shutil.copytree(dropped, folder)
        _add_people()
        intake = datasets.inspect_upload("local", SHOP, orders_csv)
        saved = datasets.save(
            "local",
            intake.content_hash,
            SHOP,
            intake.mapping,
            "EUR",
            claim=intake.claim.id,
        )
        steps: list[tuple[str, float]] = []
        entry = new_run.start(
            "local", "analyst", saved.id, ForecastConfig(horizon_months=12),
            lambda *step: steps.append(step),
        )  # fmt: skip
        return {"dataset_id": saved.id, "run_id": entry.id, "steps": steps}

    folder, made = once("filled", fill)
    return Filled(folder, made["dataset_id"], made["run_id"], tuple(map(tuple, made["steps"])))


@pytest.fixture
def filled_home(home, template) -> Filled:
    """A copy of that home for one test."""
    shutil.copytree(template.folder, home)
    return replace(template, folder=home)


@pytest.fixture
def reads_here(monkeypatch) -> None:
    """Read uploads in this process: the fence around the reader has tests of its own."""
    monkeypatch.setattr(parse_child, "_confine", lambda _: None)
    monkeypatch.setattr(sandbox, "_wait", parse_child.main)
