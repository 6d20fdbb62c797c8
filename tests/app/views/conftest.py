"""Homes with and without data, and a page that somebody is signed in to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app
from app.accounts import passwords
from app.accounts.users import add_user
from app.services import datasets, runs
from app.services.database import utc_now
from clvcore.config import ForecastConfig
from clvcore.ingest import read_transactions
from clvcore.sample import sample_orders

MAIN = Path(app.__file__).with_name("main.py")
PASSWORD = "correct horse battery"
ROLES = ("executive", "marketing", "analyst", "admin")
Open = Callable[..., AppTest]


@dataclass(frozen=True)
class Filled:
    """A home with one dataset and one forecast of it."""

    folder: Path
    dataset_id: str
    run_id: str


@pytest.fixture(scope="session")
def orders_csv() -> bytes:
    return sample_orders(400, seed=5).to_csv(index=False).encode()


def _people() -> None:
    for role in ROLES:
        add_user(role, PASSWORD, role=role)


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Iterator[Filled]:
    """Built once: a simulated shop of 400 customers, forecast for a year."""
    folder = tmp_path_factory.mktemp("filled") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLV_HOME", str(folder))
        patch.setattr(passwords, "COST", 4)
        patch.setattr(
            datasets,
            "sample_orders",
            lambda: sample_orders(400, seed=5),
        )
        _people()
        dataset = datasets.add_sample("local", "sample")
        entry = runs.start("local", "analyst", dataset.id, ForecastConfig(horizon_months=12))
        yield Filled(folder, dataset.id, entry.id)


@pytest.fixture
def empty_home(home) -> Path:
    _people()
    return home


@pytest.fixture
def filled_home(home, template) -> Filled:
    shutil.copytree(template.folder, home)
    return Filled(home, template.dataset_id, template.run_id)


@pytest.fixture
def open_page() -> Open:
    """Open a page as somebody, in a language, with a query if need be."""

    def open_(
        view: str, *, role: str = "analyst", language: str = "en", **query: object
    ) -> AppTest:
        page = AppTest.from_file(str(MAIN), default_timeout=60)
        page.session_state["authentication_status"] = True
        page.session_state["username"] = role
        page.session_state["signed_in_at"] = utc_now()
        page.session_state["language"] = language
        page.run()
        for name, value in query.items():
            page.query_params[name] = value
        page.switch_page(f"views/{view}.py").run()
        return page

    return open_


@pytest.fixture(scope="session")
def short_log():
    """Four months of orders: too little for a forecast."""
    orders = sample_orders(400, seed=5)
    dates = orders["order_date"].astype("str")
    kept = orders[(dates >= "2023-03-01") & (dates <= "2023-06-30")]
    return read_transactions(kept, currency="EUR")
