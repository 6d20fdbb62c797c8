"""The history of forecasts: where each came from, which one came before, and deleting one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.services import runs
from app.services.cached import cached
from app.services.manifests import manifest_of
from app.services.permission import still_may
from app.services.runs import RunEntry
from app.services.session import Identity
from app.storage import audit
from clvcore.records.config import ForecastConfig
from clvcore.records.run import Run
from clvcore.runs.comparison import Comparison, compare, differing_settings

PACKAGES = ("clv", "lifetimes", "xgboost", "lightgbm", "pandas")


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a forecast was made of, as its own manifest says.

    Parameters
    ----------
    data_hash
        SHA-256 of the orders' content.
    config
        The settings asked for.
    model
        The model that made the numbers.
    versions
        Of the packages that did; None where one was not recorded.
    fitted_run
        The forecast these orders were scored with; None where one was fitted to them.
    """

    data_hash: str
    config: ForecastConfig
    model: str
    versions: dict[str, str | None]
    created_at: dt.datetime | None
    dataset_name: str
    customers: int
    clv: float
    fitted_run: str | None


def provenance(tenant: str, run_id: str) -> Provenance:
    """Return where a forecast came from; its tables are not read.

    Raises
    ------
    ClvError
        If there is no such forecast, or its manifest is damaged.
    """
    entry = runs.find(tenant, run_id)
    about = manifest_of(tenant, entry.id)
    made = about.get("created_at")
    return Provenance(
        data_hash=about["data_hash"],
        config=ForecastConfig.from_dict(about["config"]),
        model=about["model"],
        versions={name: about["versions"].get(name) for name in PACKAGES},
        created_at=dt.datetime.fromisoformat(made) if made else None,
        dataset_name=about["extra"].get("dataset_name", entry.dataset_name),
        customers=about["metrics"]["customers"],
        clv=about["metrics"]["clv"],
        fitted_run=about["extra"].get("fitted_run"),
    )


def previous(entry: RunEntry, among: list[RunEntry]) -> RunEntry | None:
    """Return the forecast a change is told against; None if there is none.

    It is of orders of the same name, has the same settings (but the last day), and knew less: of
    those with an earlier last day the latest, of several of that day the newest.
    """
    config = ForecastConfig.from_dict(entry.config)
    earlier = [
        other
        for other in among
        if other.dataset_name == entry.dataset_name
        and other.currency == entry.currency
        and other.as_of < entry.as_of
        and not differing_settings(ForecastConfig.from_dict(other.config), config)
    ]
    return max(earlier, key=lambda other: (other.as_of, other.created_at), default=None)


def compare_runs(tenant: str, before: str, after: str) -> Comparison:
    """Compare two of the tenant's forecasts.

    Raises
    ------
    ClvError
        If one is gone or damaged, or they are in different currencies.
    """
    return _compared(runs.load(tenant, before), runs.load(tenant, after))


def delete_run(identity: Identity, run_id: str) -> None:
    """Delete a forecast for good, and note who did.

    Raises
    ------
    PermissionError
        If this person may not (any more).
    StoreError
        If the tenant has no such forecast.
    """
    account = still_may(identity, "runs")
    entry = runs.find(account.tenant, run_id)
    runs.delete(account.tenant, entry.id)
    audit.record(
        account.tenant, account.username, "run_deleted", entry.id,
        dataset=entry.dataset_name, as_of=entry.as_of.isoformat(),
    )  # fmt: skip


# keyed by the loaded runs themselves, which nobody writes to: a page asks at every rerun
@cached(2)
def _compared(before: Run, after: Run) -> Comparison:
    return compare(before, after)
