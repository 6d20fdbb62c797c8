"""What is in a home: jobs, runs, and whether each is as it was said to be."""

from __future__ import annotations

from app.services import datasets
from app.services.jobs.records import QUEUED, RUNNING, UNDER_WAY
from app.storage.database import JobRow, RunRow, reading, utc_now, writing
from app.storage.home import LOCAL_TENANT, tenant_folder
from app.storage.owners import is_alive
from clvcore.records.config import ForecastConfig
from clvcore.records.errors import ClvError
from clvcore.sample import sample_orders
from clvcore.store import load_run, verify_folder


class State:
    """Asks for forecasts as a page does, and remembers which it was told are done."""

    def __init__(self) -> None:
        content = sample_orders(60, seed=5).to_csv(index=False).encode()
        intake = datasets.inspect_upload(LOCAL_TENANT, "soak.csv", content)
        saved = datasets.save(LOCAL_TENANT, intake.content_hash, "soak.csv", intake.mapping, "EUR")
        self._dataset = saved.id
        self._folder = tenant_folder(LOCAL_TENANT, "runs")
        self._looked_at: set[str] = set()
        self.asked = 0
        self.acknowledged: set[str] = set()
        self.corrupt: list[str] = []
        self.lost: set[str] = set()

    def ask(self) -> str:
        """Put a job into the table, as a page of the server does before it wakes the launcher."""
        self.asked += 1
        config = ForecastConfig(horizon_months=1 + self.asked % 12, model="naive")
        row = JobRow(
            id=f"{self.asked:032x}", tenant=LOCAL_TENANT, username="admin", kind="forecast",
            dataset_id=self._dataset, dataset_name="soak", config=config.to_dict(),
            key=f"{self.asked}", state=QUEUED, created_at=utc_now(),
        )  # fmt: skip
        with writing() as session:
            session.add(row)
        return row.id

    def ask_up_to(self, number: int) -> None:
        """Have so many jobs under way."""
        for _ in range(self.waiting(), number):
            self.ask()

    def acknowledge(self) -> None:
        """Remember every run that whoever asks now is told of."""
        with reading() as session:
            self.acknowledged |= {row[0] for row in session.query(RunRow.id)}

    def look_at_new(self) -> None:
        """Load the runs that are new, and see that none of the others is gone."""
        with reading() as session:
            listed = {row[0] for row in session.query(RunRow.id)}
        there = {folder.name for folder in self._folder.iterdir()}
        self.lost |= self.acknowledged - listed
        self.lost |= self.acknowledged - there
        for name in sorted(listed - self._looked_at):
            self._load(name)
        self._looked_at |= listed

    def look_at_all(self) -> None:
        """Load every run there is, old ones too."""
        self._looked_at.clear()
        self.look_at_new()

    def _load(self, name: str) -> None:
        try:
            verify_folder(self._folder / name)
            load_run(self._folder / name)
        except (ClvError, OSError) as error:
            self.corrupt.append(f"{name}: {error}")

    def saves(self) -> bool:
        """Tell whether a forecast is being saved at this moment."""
        with reading() as session:
            rows = session.query(JobRow.steps).filter(JobRow.state == RUNNING)
            return any(steps and steps[-1]["name"] == "save" for (steps,) in rows)

    def stuck(self) -> int:
        """Count jobs that are said to run, but whose process is gone."""
        with reading() as session:
            rows = session.query(JobRow).filter(JobRow.state == RUNNING).all()
        return sum(not is_alive(row.owner or "") for row in rows)

    def waiting(self) -> int:
        """Count jobs that have not ended."""
        with reading() as session:
            return session.query(JobRow).filter(JobRow.state.in_(UNDER_WAY)).count()

    def state_of(self, job_id: str) -> str:
        """Return how a job stands."""
        with reading() as session:
            row = session.get(JobRow, job_id)
            return row.state if row else "gone"

    def remains(self) -> set[str]:
        """Return folders and drafts that belong to no run."""
        with reading() as session:
            listed = {row[0] for row in session.query(RunRow.id)}
        return {folder.name for folder in self._folder.iterdir()} - listed
