"""What is timed of the dashboard: a page drawn again, and a plain script with the same figures.

A rerun is what every click costs: the saved run is in the memory of the process, everything a page
says of it is worked out again. The script has the run's tables at hand and nobody to ask who may.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

import clvcore as clv
from app.services import new_run
from clvcore.records.run import Run

TENANT, ROLE, FILE = "local", "analyst", "shop.csv"
TOP = 50


def fill(file: Path, home: Path) -> None:
    """Save and forecast the orders of a CSV file in a new home, as the dashboard does."""
    from app.accounts.users import add_user
    from app.services import datasets

    os.environ |= {"CLV_HOME": str(home), "CLV_WORKERS": "0"}
    add_user(ROLE, "correct horse battery", role=ROLE)
    intake = datasets.inspect_upload(TENANT, FILE, file.read_bytes())
    datasets.check(TENANT, intake.content_hash, intake.mapping, "EUR")
    saved = datasets.save(TENANT, intake.content_hash, FILE, intake.mapping, "EUR")
    new_run.start(TENANT, ROLE, saved.id, clv.ForecastConfig(horizon_months=12))


def load(home: Path) -> Run:
    """Return the one run of a home."""
    from app.services import runs

    os.environ["CLV_HOME"] = str(home)
    (entry,) = runs.list_runs(TENANT)
    return runs.load(TENANT, entry.id)


def page(view: str, home: Path) -> Callable[[], object]:
    """Return a rerun of a page that somebody has open."""
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.context import ContextProxy
    from streamlit.testing.v1 import AppTest

    import app
    from app.accounts import sessions

    # of the test driver, not of a page: it looks through all installed packages, and has no address
    scan = functools.cache(manifest_scanner.scan_component_manifests)
    manifest_scanner.scan_component_manifests = scan
    ContextProxy.ip_address = property(lambda _: None)
    best = load(home).customers["clv"].idxmax()
    shown = AppTest(str(Path(app.__file__).with_name("main.py")), default_timeout=600)
    shown.session_state["authentication_status"] = True
    shown.session_state["username"] = ROLE
    shown.session_state["session_token"] = sessions.begin(ROLE)
    shown.session_state["language"] = "en"
    if view == "customer":
        shown.query_params["id"] = best
    shown.switch_page(f"views/{view}.py").run()
    if shown.exception:
        raise RuntimeError(shown.exception[0].message)
    return shown.run


def script(view: str, home: Path) -> Callable[[], object]:
    """Return pandas and plotly for the same figures."""
    run = load(home)
    return lambda: SCRIPTS[view](run)


def _overview(run: Run) -> list[str]:
    months, clv_ = run.timeline, np.sort(run.customers["clv"].to_numpy())[::-1]
    share = np.cumsum(clv_) / clv_.sum()
    shown = np.linspace(0, len(share) - 1, 100).astype(int)
    stakes = run.customers.groupby(["action", "segment"])["clv"].agg(["sum", "count"])
    figures = [
        go.Figure(go.Scatter(x=months["month"], y=months["revenue"])),
        go.Figure(go.Scatter(x=shown, y=share[shown])),
        go.Figure(go.Bar(x=run.totals["key"], y=run.totals["clv"])),
        go.Figure(go.Bar(y=stakes["sum"])),
    ]
    return [figure.to_json() for figure in figures]


def _customers(run: Run) -> list[object]:
    top = run.customers.sort_values("clv", ascending=False)
    return [top["clv"].sum(), top["p_alive"].mean(), top.head(TOP).to_dict("records")]


def _customer(run: Run) -> list[str]:
    one = run.customers.loc[run.customers["clv"].idxmax()]
    rank = (run.customers["clv"] > one["clv"]).sum()
    return [go.Figure(go.Bar(y=[one["clv_lower"], one["clv"], one["clv_upper"]])).to_json(), rank]


def _segments(run: Run) -> list[str]:
    of = run.customers.groupby(["segment", "risk"])["clv"].agg(["sum", "count"]).reset_index()
    wide = of.pivot_table(index="segment", columns="risk", values="sum", observed=True)
    return [
        go.Figure(go.Heatmap(z=wide.to_numpy())).to_json(),
        go.Figure(go.Bar(y=of["count"])).to_json(),
    ]


def _cohorts(run: Run) -> list[str]:
    wide = run.cohorts.pivot_table(index="cohort", columns="month_index", values="retention")
    lines = [
        go.Scatter(x=one["month_index"], y=one["cumulative_value_per_customer"])
        for _, one in run.cohorts.groupby("cohort")
    ]
    return [go.Figure(go.Heatmap(z=wide.to_numpy())).to_json(), go.Figure(lines).to_json()]


def _trust(run: Run) -> list[str]:
    board: pd.DataFrame = run.leaderboard
    figures = [go.Figure(go.Bar(y=board[name])) for name in ("mae", "gini", "coverage_95")]
    return [figure.to_json() for figure in figures]


SCRIPTS: dict[str, Callable[[Run], list]] = {
    "overview": _overview,
    "customers": _customers,
    "customer": _customer,
    "segments": _segments,
    "cohorts": _cohorts,
    "trust": _trust,
}
WORDS = "pandas and plotly, same figures"
STAGE = {f"page {view}": view for view in SCRIPTS}
