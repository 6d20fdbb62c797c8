"""A real server in a home of its own, for the scripts of this folder."""

from __future__ import annotations

import atexit
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Server:
    """``clv serve``; ``kill`` ends it as a power cut would."""

    home: Path
    port: int = 0
    address: str = ""
    password: str = ""
    process: subprocess.Popen[str] | None = None
    _spent: float = 0.0
    _idle_since: float = field(default_factory=time.monotonic)

    def start(self, *arguments: str) -> Server:
        """Start it and wait until visitors may come."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from app.cli import main; main()", "serve",
             "--port", str(self.port), *arguments],
            stdout=subprocess.PIPE, stderr=(self.home / "log.txt").open("a"), text=True,
            cwd=ROOT, env={**os.environ, "CLV_HOME": str(self.home), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        atexit.register(self.process.kill)  # a script that fails leaves nothing running
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # nor one that is ended
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if "http://" in line:
                break
        # what it prints later must be taken off, or the pipe fills and it waits for ever
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        found = re.search(r"http://\S+", said)
        if found is None:
            raise SystemExit(f"the server did not start: {said}{self.log()[-2000:]}")
        self.address = found[0]
        self.port = int(self.address.rsplit(":", 1)[1])
        password = re.search(r"password\s+(\S+)", said)
        self.password = password[1] if password else self.password
        return self

    def kill(self) -> None:
        """End it at once; its launcher notices by itself."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(30)

    def megabytes(self) -> float:
        """Return what the server's process holds; its workers are others."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def cpu_seconds(self) -> float:
        """Return how long the server's process has computed."""
        assert self.process is not None
        return _cpu_seconds(self.process.pid)

    def seconds_idle(self) -> float:
        """Return for how long now no process of the server has computed anything to speak of."""
        spent = sum(map(_cpu_seconds, self._family()))
        if spent - self._spent > 0.05:
            self._spent, self._idle_since = spent, time.monotonic()
        return time.monotonic() - self._idle_since

    def _family(self) -> list[int]:
        assert self.process is not None
        family = [self.process.pid]
        for pid in family:  # grows while it is walked
            with suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
                family += map(int, children.split())
        return family

    def log(self) -> str:
        """Return what it has written."""
        return (self.home / "log.txt").read_text()


def new_home(name: str) -> Path:
    """Return a new folder for a server and use it in this process too."""
    home = Path(tempfile.mkdtemp(prefix=f"clv-{name}-"))
    os.environ["CLV_HOME"] = str(home)
    return home


def wait_for(condition, seconds: float, *, every: float = 0.05) -> bool:
    """Wait until something is so; False if it never was."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
