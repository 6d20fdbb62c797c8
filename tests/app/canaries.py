"""Two tenants whose customers, cohorts and files carry marks that must never meet."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from streamlit.testing.v1 import AppTest

from app.accounts.users import add_user, find_user
from app.services import datasets, new_run
from app.services.session import Identity, identity_of
from clvcore.ingest import Mapping
from clvcore.records.config import ForecastConfig

PASSWORD = "a canary in a coal mine"


@dataclass(frozen=True)
class Tenant:
    """A tenant, one of his people, and what he has."""

    name: str
    mark: str
    username: str
    dataset_id: str
    run_id: str

    @property
    def identity(self) -> Identity:
        account = find_user(self.username)
        assert account is not None
        return identity_of(account)

    @property
    def customer(self) -> str:
        return f"{self.mark}-id-03"


def orders(mark: str, *, shift: int) -> bytes:
    """Return the same orders for everybody, but for the marks and the amounts."""
    days = pd.date_range("2023-01-01", periods=240, freq="3D")
    frame = pd.DataFrame(
        {
            "customer_id": [f"{mark}-id-{number * 7 % 40:02d}" for number in range(240)],
            "date": days.strftime("%Y-%m-%d"),
            "amount": [10.0 + shift + number % 9 for number in range(240)],
            "email": [f"{mark}-{number * 7 % 40}@mail.example" for number in range(240)],
            "land": [f"{mark}-land-{number % 3}" for number in range(240)],
        }
    )
    return frame.to_csv(index=False).encode()


def settle_tenant(name: str, mark: str, *, shift: int = 0, role: str = "analyst") -> Tenant:
    """Make a tenant with one person, one file and one forecast of it."""
    username = f"{mark}-user".lower()
    add_user(username, PASSWORD, role=role, name=f"{mark} Person", tenant=name)
    content = orders(mark, shift=shift)
    intake = datasets.inspect_upload(name, f"{mark} file.csv", content)
    mapping = Mapping(
        customer_id="customer_id", date="date", amount="amount", email="email",
        attributes=("land",),
    )  # fmt: skip
    saved = datasets.save(name, intake.content_hash, f"{mark} file.csv", mapping, "EUR")
    config = ForecastConfig(model="naive", cohort_by="land")
    entry = new_run.start(name, username, saved.id, config)
    return Tenant(name, mark, username, saved.id, entry.id)


def everything_on(page: AppTest) -> bytes:
    """Return all that was sent to the browser: words, frames, figures, addresses."""
    said, waiting = [], [page._tree]
    while waiting:
        node = waiting.pop()
        waiting += list(getattr(node, "children", {}).values())
        proto = getattr(node, "proto", None)
        if proto is not None:
            said.append(proto.SerializeToString())
    return b"\n".join(said)
