"""Switch between two tenants in one process, and look for the one's marks in what the other gets.

``python tests/soak/interleave.py --switches 1000``. Each switch opens a page, or makes a file, for
whoever is next; frames, figures, words, files and the log are searched.
"""

from __future__ import annotations

import argparse
import io
import logging
import random
import runpy
import sys
import time
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from server import new_home  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402
from table import print_table  # noqa: E402

from app.accounts import sessions  # noqa: E402
from app.services import exports  # noqa: E402

canaries = SimpleNamespace(**runpy.run_path(str(ROOT / "tests/app/canaries.py")))
VIEWS = ("overview", "segments", "cohorts", "trust", "customers", "data", "forecast", "runs",
         "admin", "customer", "export")  # fmt: skip


def given(view: str, tenant, language: str) -> bytes:
    """Return all that somebody of this tenant is sent."""
    if view == "export":
        wish = exports.Wish(format="csv")
        return exports.export_customers(tenant.identity, tenant.run_id, None, wish).content
    page = AppTest(str(ROOT / "app/main.py"), default_timeout=60)
    page.session_state["authentication_status"] = True
    page.session_state["username"] = tenant.username
    page.session_state["session_token"] = sessions.begin(tenant.username)
    page.session_state["language"] = language
    if view == "customer":
        page.query_params["id"] = tenant.customer
    page.switch_page(f"views/{view}.py").run()
    if page.exception:
        raise SystemExit(f"{view} failed: {page.exception}")
    return canaries.everything_on(page)


def main() -> None:
    """Switch so often, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--switches", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)  # noqa: S311
    new_home("interleave")
    # pages without a browser: it would say so five times a page
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").disabled = True
    log = io.StringIO()
    logging.basicConfig(stream=log, level=logging.INFO, force=True)
    pair = [
        canaries.settle_tenant("local", "ROBIN", role="admin"),
        canaries.settle_tenant("rival", "CANARY", shift=1, role="admin"),
    ]
    foreign = without_own = 0
    start = time.monotonic()
    for _ in range(asked.switches):
        pair.reverse()
        own, other = pair
        view = chance.choice(VIEWS)
        said = given(view, own, chance.choice(("en", "es", "pt"))).lower()
        foreign += other.mark.lower().encode() in said or other.run_id.encode() in said
        without_own += own.mark.lower().encode() not in said
    in_log = sum(f"{tenant.mark}-id" in log.getvalue() for tenant in pair)
    print_table(
        f"{asked.switches} switches between two tenants",
        [
            ("foreign marks in pages and files", foreign, foreign == 0),
            ("pages without their own mark", without_own, without_own == 0),
            ("customers named in the log", in_log, in_log == 0),
            ("seconds", round(time.monotonic() - start), True),
        ],
    )


if __name__ == "__main__":
    main()
