"""Bombs dropped in a real browser, while somebody else asks whether the server still answers.

All of them, with a table of what each took, by ``make fuzz`` (which sets ``CLV_ALL_BOMBS=1``). That
each is refused in time and memory is a test of every run: ``tests/clvcore/ingest/test_bombs.py``.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import runpy
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="a child is watched through /proc"),
    pytest.mark.skipif(
        os.environ.get("CLV_ALL_BOMBS") != "1",
        reason="by make fuzz: beside other tests the children's time is not their own",
    ),
]

resource = pytest.importorskip("resource")  # there is none on Windows
BOMBS = runpy.run_path(str(Path(__file__).parents[1] / "clvcore" / "ingest" / "bombs.py"))["BOMBS"]
REFUSED = "This file could not be read. Nothing has been changed."
# The page before says the same of another file, the uploader shows a name before it is read, and
# while the script runs there may be two uploaders.
NAMED = """([refused, name]) => {
    const main = document.querySelector("[data-testid=stMain]")?.innerText ?? ""
    const uploaders = document.querySelectorAll("[data-testid=stFileUploader]")
    return document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
        && main.includes(refused) && main.includes(name)
        && uploaders.length === 1 && !uploaders[0].innerText.includes(name)
}"""
SUFFIX = {"json": "csv", "gzip": "gz"}
# of the child: processor time beyond what starting takes on this machine now, and memory in all
SECONDS, MEGABYTES = 2.0, 256
TICKS = os.sysconf("SC_CLK_TCK")
PATIENT = 2.0  # seconds; what a proxy's or a container's health check gives at the least
EVERY = 0.02


@dataclass
class Pulse(threading.Thread):
    """Asks for the server's health all the time, and keeps how long each answer took."""

    address: str
    waits: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        link = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        while not self.stop.wait(EVERY):
            start = time.perf_counter()
            try:
                link.request("GET", "/health")
                answer = link.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                link.close()
                continue
            self.waits.append(time.perf_counter() - start)
            if answer.status != 200:
                self.failed.append(str(answer.status))
        link.close()

    def worst(self, share: float) -> float:
        """Return the wait that ``share`` of the answers did not exceed."""
        return sorted(self.waits)[round(share * (len(self.waits) - 1))]


@dataclass
class Watch(threading.Thread):
    """Looks at the child that reads one file, told by its hash: processor time and peak memory."""

    content_hash: str
    seconds: float = 0.0
    kilobytes: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        child = None
        while not self.stop.wait(EVERY / 4 if child else EVERY):
            child = child or self._found()
            if child is not None and not self._measured(child):
                return

    def _found(self) -> Path | None:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
            except OSError:  # it ended in the meantime
                continue
            if self.content_hash.encode() in command and b"parse_child" in command:
                return process
        return None

    def _measured(self, child: Path) -> bool:
        try:
            status = (child / "status").read_text()
            ticks = (child / "stat").read_text().rpartition(")")[2].split()[11:13]
        except OSError:
            return False
        peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        self.kilobytes = max(self.kilobytes, *map(int, peak), 0)
        self.seconds = sum(map(int, ticks)) / TICKS
        return bool(peak)  # a process that has ended but was not waited for has no memory


@pytest.fixture
def page(dashboard, context) -> Page:
    """The page for new orders, signed in."""
    page = context.new_page()
    page.goto(dashboard.address + "/data")
    page.get_by_label("User name").fill(dashboard.username)
    page.locator("input[type=password]").fill(dashboard.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()
    other = page.get_by_role("button", name="Add orders")  # where a test before saved some
    expect(page.locator("input[type=file]").or_(other).first).to_be_attached()
    if other.count():
        other.click()
    return page


def _dropped(page: Page, address: str, file: Path) -> tuple[Pulse, Watch, float]:
    """Drop a file and wait for its refusal; return what was seen, and the seconds it took."""
    pulse = Pulse(address)
    watch = Watch(hashlib.sha256(file.read_bytes()).hexdigest())
    pulse.start()
    watch.start()
    start = time.perf_counter()
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_function(NAMED, arg=[REFUSED, file.name], polling=20)
    took = time.perf_counter() - start
    for thread in (pulse, watch):
        thread.stop.set()
        thread.join()
    return pulse, watch, took


def _start_up() -> float:
    """Return the processor time a child needs before it has looked at any file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import app.services.parse_child"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@dataclass(frozen=True)
class Row:
    """What one bomb took: of its sender, of the child, and of everybody else."""

    name: str
    took: float
    seconds: float
    megabytes: float
    usual: float
    worst: float

    def __str__(self) -> str:
        return (
            f"{self.name:40} {self.took:6.1f} {self.seconds:6.2f} {self.megabytes:6.0f}"
            f" {1000 * self.usual:6.0f} {1000 * self.worst:6.0f}"
        )


def test_the_server_answers_while_bombs_are_refused(dashboard, page, tmp_path):
    rows = []
    head = f"\n{'bomb':40} {'s':>6} {'cpu s':>6} {'MB':>6} {'p95 ms':>6} {'max ms':>6}\n"
    sys.stdout.write(head)
    for number, name in enumerate(BOMBS):
        kind = name.split(",")[0]
        file = tmp_path / f"bomb {number}.{SUFFIX.get(kind, kind)}"
        file.write_bytes(BOMBS[name]())
        pulse, watch, took = _dropped(page, dashboard.address, file)
        file.unlink()
        assert pulse.failed == [], name
        assert len(pulse.waits) > 10, name
        assert watch.seconds > 0, name
        megabytes = watch.kilobytes / 1024
        rows.append(Row(name, took, watch.seconds, megabytes, pulse.worst(0.95), pulse.worst(1)))
        sys.stdout.write(f"{rows[-1]}\n")
        sys.stdout.flush()
    assert max(row.seconds for row in rows) - _start_up() < SECONDS
    assert max(row.megabytes for row in rows) < MEGABYTES
    assert max(row.worst for row in rows) < PATIENT
