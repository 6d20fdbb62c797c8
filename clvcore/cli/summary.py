"""A finished run as a page to read and as one JSON document."""

from __future__ import annotations

import datetime as dt
from typing import Any

from clvcore.cli.drifted import show_drift
from clvcore.cli.page import Page
from clvcore.cli.past import show_leaderboard, show_weights
from clvcore.cli.tables import rows_of
from clvcore.cli.trust import trust_document, trust_line
from clvcore.cli.words import money, percent, show_ledger
from clvcore.records.columns import HIGH, SEGMENTS
from clvcore.records.run import Run
from clvcore.value.actions import WORDS, action_plan

TOP, BEST = 10, 5
_RISK_WORDS = {"active": "active", "cooling": "cooling", "at_risk": "at risk", "lost": "lost"}


def show_run(run: Run, saved_as: str | None) -> None:
    """Print the finding, the ledger, the groups, the best customers, the models and the doubts."""
    page = Page()
    page.sentence(finding(run))
    show_ledger(page, run.quality, run.currency)
    _show_segments(page, run)
    _show_actions(page, run)
    _show_top(page, run)
    show_drift(page, run)
    show_weights(page, run.weights)
    show_leaderboard(page, run.leaderboard, run.currency, shipped=run.model, most=BEST)
    page.sentence("")
    page.sentence(trust_line(run.trust))
    page.list("Doubts", (*run.quality.warnings, *run.warnings))
    page.sentence("")
    if saved_as is None:
        page.sentence("Nothing was saved; name a folder with --out to keep this forecast.")
    else:
        page.sentence(f"Saved in {saved_as}.")


def finding(run: Run) -> str:
    """Say in two sentences what the run found."""
    clv = run.customers["clv"]
    verb = "spend" if run.config.gross_margin == 1 else "bring"
    margin = "" if run.config.gross_margin == 1 else " of margin"
    first_day = run.as_of + dt.timedelta(days=1)
    text = (
        f"{len(clv):,} customers are expected to {verb} {money(clv.sum(), run.currency)}{margin} "
        f"from {first_day} to {run.horizon_end} (model {run.model})."
    )
    high = clv[run.customers["segment"] == HIGH]
    if len(high) and clv.sum() > 0:
        share = percent(high.sum() / clv.sum())
        text += f" The {len(high):,} in the high group hold {share} of it."
    return text


def run_document(run: Run, saved_as: str | None) -> dict[str, Any]:
    """Return everything a run holds as JSON types, customers included."""
    return {
        "model": run.model,
        "as_of": run.as_of,
        "horizon_end": run.horizon_end,
        "currency": run.currency,
        "config": run.config.to_dict(),
        "data_hash": run.data_hash,
        "totals": rows_of(run.totals),
        "cutoffs": run.cutoffs,
        "actions": rows_of(action_plan(run.customers, uplift=run.config.segmentation.uplift)),
        "quality": run.quality.to_dict(),
        "warnings": [{"code": notice.code, "message": str(notice)} for notice in run.warnings],
        "parameters": run.parameters,
        "log_likelihood": run.log_likelihood,
        "weights": rows_of(run.weights),
        "leaderboard": rows_of(run.leaderboard.reset_index()),
        "drift": rows_of(run.drift),
        "trust": trust_document(run.trust),
        "timeline": rows_of(run.timeline),
        "cohorts": rows_of(run.cohorts),
        "customers": rows_of(run.customers.reset_index()),
        "saved_as": saved_as,
    }


def _show_segments(page: Page, run: Run) -> None:
    clv = run.customers["clv"]
    total = clv.sum()
    rows = []
    for segment in SEGMENTS:
        members = clv[run.customers["segment"] == segment]
        if members.empty:
            continue
        begins = run.cutoffs.get(f"{segment}_from")
        rows.append(
            (
                segment,
                f"{len(members):,}",
                money(members.sum(), run.currency),
                percent(members.sum() / total) if total > 0 else "-",
                money(begins, run.currency) if begins is not None else "-",
            )
        )
    columns = ("group", "customers", "expected value", "share", "begins at")
    page.table("Value groups", columns, rows, text={"group"})


def _show_actions(page: Page, run: Run) -> None:
    plan = action_plan(run.customers, uplift=run.config.segmentation.uplift)
    rows = [
        (
            f"{row['segment']}, {_RISK_WORDS[row['risk']]}",
            WORDS[row["action"]],
            f"{row['customers']:,}",
            money(row["value_at_stake"], run.currency, decimals=0),
            money(row["spending_cap"], run.currency, decimals=0),
        )
        for row in plan.to_dict("records")
    ]
    columns = ("group", "next step", "customers", "at stake", "spend at most")
    uplift = percent(run.config.segmentation.uplift)
    heading = f"Next steps, assuming an action wins back {uplift} of what is at stake"
    page.table(heading, columns, rows, text={"group", "next step"})


def _show_top(page: Page, run: Run) -> None:
    best = run.customers.sort_values("clv", ascending=False, kind="stable").head(TOP)
    level = percent(run.config.confidence_level)
    rows = [
        (
            str(customer),
            money(row["clv"], run.currency),
            f"{money(row['clv_lower'], None, decimals=0)} to "
            f"{money(row['clv_upper'], None, decimals=0)}",
            percent(row["p_alive"]),
            str(row["last_purchase"])[:10],
        )
        for customer, row in best.iterrows()
    ]
    columns = ("customer", "expected value", f"{level} range", "still a customer", "last purchase")
    page.table(f"The {len(best)} most valuable customers", columns, rows, text={"customer"})
