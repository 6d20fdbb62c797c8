"""Kill the server with -9 at random instants while forecasts run, and look at what is left.

``python tests/soak/kill9.py --kills 1000``. After each kill the server is started again. A run that
was once said to be done must load, with every file as its manifest says, for ever; no job may stay
"running" without a process; no part of a run may lie about. At the end every job has ended.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from server import Server, new_home, wait_for  # noqa: E402
from table import print_table  # noqa: E402

from app.services import datasets, runs  # noqa: E402
from app.services.database import JobRow, reading, utc_now, writing  # noqa: E402
from app.services.home import LOCAL_TENANT  # noqa: E402
from app.services.jobs.owners import is_alive  # noqa: E402
from clvcore.config import ForecastConfig  # noqa: E402
from clvcore.errors import ClvError  # noqa: E402
from clvcore.sample import sample_orders  # noqa: E402
from clvcore.store import load_run  # noqa: E402


def ask(dataset_id: str, number: int) -> None:
    """Put a job into the table, as a page of the server does before it wakes the launcher."""
    config = ForecastConfig(horizon_months=1 + number % 12, model="naive")
    with writing() as session:
        session.add(
            JobRow(
                id=f"{number:032x}",
                tenant=LOCAL_TENANT,
                username="admin",
                kind="forecast",
                dataset_id=dataset_id,
                dataset_name="soak",
                config=config.to_dict(),
                key=f"{number}",
                state="queued",
                created_at=utc_now(),
            )
        )


def corrupt() -> list[str]:
    """Return the runs that are listed and cannot be loaded whole."""
    from app.services.home import tenant_folder

    bad = []
    for entry in runs.list_runs(LOCAL_TENANT):
        try:
            load_run(tenant_folder(LOCAL_TENANT, "runs") / entry.id)
        except (ClvError, OSError) as error:
            bad.append(f"{entry.id}: {error}")
    return bad


def stuck() -> int:
    """Count jobs that are said to run, but whose process is gone."""
    with reading() as session:
        rows = session.query(JobRow).filter(JobRow.state == "running").all()
    return sum(not is_alive(row.owner or "") for row in rows)


def waiting() -> int:
    """Count jobs that have not ended."""
    with reading() as session:
        return session.query(JobRow).filter(JobRow.state.in_(("queued", "running"))).count()


def main() -> None:
    """Kill so often, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--most", type=float, default=9, help="seconds before a kill")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)  # noqa: S311
    server = Server(new_home("kill9")).start()
    dataset_id = _orders()
    acknowledged: set[str] = set()
    bad: list[str] = []
    lost: set[str] = set()
    stuck_after = number = 0
    for _ in range(asked.kills):
        while waiting() < 4:
            number += 1
            ask(dataset_id, number)
        time.sleep(chance.uniform(0, asked.most))
        acknowledged |= {entry.id for entry in runs.list_runs(LOCAL_TENANT)}
        server.kill()
        server.start()
        sys.stderr.write(".")
        sys.stderr.flush()
        bad += corrupt()
        lost |= acknowledged - {entry.id for entry in runs.list_runs(LOCAL_TENANT)}
        stuck_after += not wait_for(lambda: stuck() == 0, 15)
    ended = wait_for(lambda: waiting() == 0, 120)
    acknowledged |= {entry.id for entry in runs.list_runs(LOCAL_TENANT)}
    bad += corrupt()
    server.stop()
    folders = {f.name for f in (server.home / "tenants" / LOCAL_TENANT / "runs").iterdir()}
    print_table(
        f"{asked.kills} times kill -9 while forecasts ran",
        [
            ("jobs asked for", number, True),
            ("runs acknowledged", len(acknowledged), len(acknowledged) > 0),
            ("corrupt runs", len(bad), not bad),
            ("acknowledged runs lost", len(lost), not lost),
            ("jobs stuck after a start", stuck_after, stuck_after == 0),
            ("jobs that never ended", waiting(), ended),
            ("folders without a run", len(folders - acknowledged), folders <= acknowledged),
        ],
    )


def _orders() -> str:
    content = sample_orders(300, seed=5).to_csv(index=False).encode()
    intake = datasets.inspect_upload(LOCAL_TENANT, "soak.csv", content)
    return datasets.save(LOCAL_TENANT, intake.content_hash, "soak.csv", intake.mapping, "EUR").id


if __name__ == "__main__":
    main()
