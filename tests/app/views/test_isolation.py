"""What belongs to one tenant is nowhere in what another is given, and no log names a customer."""

from __future__ import annotations

import dataclasses
import logging
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import clvcore as clv
from app.accounts.keys import derived_key
from app.services import administration, cohorts, customers, datasets, exports, history, jobs, runs
from app.storage import audit
from app.storage.home import clv_home
from clvcore.records.errors import ClvError

canaries = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "canaries.py")))
VIEWS = (
    "overview",
    "segments",
    "cohorts",
    "trust",
    "customers",
    "data",
    "forecast",
    "runs",
    "admin",
)
WISH = exports.Wish(format="csv")


@pytest.fixture
def tenants(home, once, reads_here):
    """Two tenants in one home: the same orders, told apart by their marks and a unit of money."""

    def fill(_: Path) -> dict:
        ours = canaries.settle_tenant("local", "ROBIN", role="admin")
        rival = canaries.settle_tenant("rival", "CANARY", shift=1, role="admin")
        return {"ours": dataclasses.asdict(ours), "rival": dataclasses.asdict(rival)}

    folder, made = once("two tenants", fill)
    shutil.copytree(folder, home)
    return canaries.Tenant(**made["ours"]), canaries.Tenant(**made["rival"])


def test_a_service_gives_a_tenant_his_own_and_refuses_the_rest(tenants):
    ours, rival = tenants
    entry, theirs = runs.find("local", ours.run_id), runs.find("rival", rival.run_id)
    lists = [
        datasets.list_datasets("local"), runs.list_runs("local"), jobs.list_jobs("local"),
        audit.list_entries("local"), audit.in_use("local"), audit.last_sign_ins("local"),
        cohorts.groupings("local", entry), history.provenance("local", ours.run_id),
        runs.load("local", ours.run_id).customers.to_csv(),
        datasets.load("local", ours.dataset_id).to_pandas().to_csv(),
        customers.find_customers(runs.load("local", ours.run_id), "CANARY"),
    ]  # fmt: skip
    assert "ROBIN" in str(lists)
    assert "CANARY" not in str(lists)
    assert rival.run_id not in str(lists)
    asked = [
        lambda: datasets.find("local", rival.dataset_id),
        lambda: datasets.load("local", rival.dataset_id),
        lambda: datasets.check_saved("local", rival.dataset_id),
        lambda: datasets.delete("local", rival.dataset_id),
        lambda: runs.find("local", rival.run_id),
        lambda: runs.load("local", rival.run_id),
        lambda: runs.load_months("local", rival.run_id),
        lambda: runs.delete("local", rival.run_id),
        lambda: history.provenance("local", rival.run_id),
        lambda: history.compare_runs("local", ours.run_id, rival.run_id),
        lambda: history.delete_run(ours.identity, rival.run_id),
        lambda: customers.open_customer("local", theirs, rival.customer),
        lambda: customers.open_customer("local", entry, rival.customer),
        lambda: exports.export_customers(ours.identity, rival.run_id, (rival.customer,), WISH),
        lambda: jobs.submit("local", ours.username, rival.dataset_id, clv.ForecastConfig()),
    ]
    for ask in asked:
        with pytest.raises((ClvError, PermissionError)) as refused:
            ask()
        assert "CANARY file" not in str(refused.value)
    # and all of it is still there for its owner
    assert runs.load("rival", rival.run_id).customers.index.str.startswith("CANARY").all()
    assert datasets.find("rival", rival.dataset_id).name == "CANARY file.csv"


def test_an_administrator_knows_nobody_elses_people(tenants):
    ours, rival = tenants
    assert "canary" not in str(administration.people(ours.identity)).lower()
    for change in (
        lambda: administration.disable_person(ours.identity, rival.username),
        lambda: administration.reset_password(ours.identity, rival.username),
        lambda: administration.change_role(ours.identity, rival.username, "executive"),
    ):
        with pytest.raises((ClvError, PermissionError)):
            change()
    assert rival.identity.role != "executive"


def test_pages_of_two_tenants_in_turn_show_each_his_own(tenants, open_page):
    """One process, one set of caches: whoever comes second must not be shown the first."""
    ours, rival = tenants
    for view in VIEWS:
        # the last time from what was drawn before
        for own, other in ((ours, rival), (rival, ours), (ours, rival)):
            page = open_page(view, role=own.username)
            assert not page.exception
            shown = canaries.everything_on(page).lower()
            assert other.mark.lower().encode() not in shown, view
            assert other.run_id.encode() not in shown, view
            assert own.mark.lower().encode() in shown, view


def test_no_log_names_a_customer_or_a_secret(home, reads_here, caplog):
    """Everything is logged by everybody, and still no id, no address, no password, no key."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger().debug("something is logged")
        tenant = canaries.settle_tenant("local", "CANARY")
        run = runs.load("local", tenant.run_id)
        exports.export_customers(tenant.identity, tenant.run_id, tuple(run.customers.index), WISH)
        with pytest.raises(ClvError):
            customers.open_customer("local", runs.find("local", tenant.run_id), "CANARY-id-99")
    assert "something is logged" in caplog.text
    written = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    for secret in ("CANARY-id", "mail.example", canaries.PASSWORD, "CANARY-land"):
        assert secret not in written + caplog.text
    for purpose in ("sign-in cookie", "server cookie"):
        assert derived_key(clv_home(), purpose) not in written
