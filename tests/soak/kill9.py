"""Kill launchers, workers and servers with -9 at random instants, and look at what is left.

``python tests/soak/kill9.py --kills 1000``. Half of the kills come at any instant, half while a
forecast is being saved. A run that was once said to be done must load, with every file as its
manifest says, for ever; no job may stay "running" without a process; no part of a run may lie
about. At the end every job has ended.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from crew import Crew  # noqa: E402
from server import Server, new_home, wait_for  # noqa: E402
from state import State  # noqa: E402
from table import print_table  # noqa: E402

POWER, LAUNCHER, WORKERS, SERVER = "power cut", "launcher", "workers", "server"
LONGEST = 0.9  # seconds; a forecast of these orders takes 0.2 to 1


class Killer:
    """Kills, starts again, and counts what must not be."""

    def __init__(self, crew: Crew, state: State, home: Path, chance: random.Random) -> None:
        self.crew, self.state, self.chance = crew, state, chance
        self.server = Server(home)
        self.kills: Counter[str] = Counter()
        self.stuck = 0
        self.crew.start()
        self.state.ask()
        wait_for(lambda: self.state.waiting() == 0, 120)  # the forkserver has imported everything

    def one(self, kind: str) -> None:
        """Let work go on for a moment, kill, start again, look."""
        self.state.ask_up_to(4)
        if kind == SERVER:
            self.crew.kill()
            self.server.start()
        if self.chance.random() < 0.5:
            time.sleep(self.chance.uniform(0, LONGEST))
        else:
            wait_for(self.state.saves, 2, every=0.004)
            time.sleep(self.chance.uniform(0, 0.3))
        self.state.acknowledge()
        self._kill(kind)
        self.kills[kind] += 1
        self.state.look_at_new()
        # a launcher that lives, or the server's that noticed, tells of its dead workers itself
        self.stuck += not wait_for(lambda: self.state.stuck() == 0, 20)

    def _kill(self, kind: str) -> None:
        if kind == SERVER:
            self.server.kill()
        else:
            self.crew.kill(launcher=kind != WORKERS, workers=kind != LAUNCHER)
        if kind != WORKERS:
            self.stuck += not self.crew.start()


def main() -> None:
    """Kill so often, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument(
        "--server-every", type=int, default=100, help="kill a whole server so often"
    )
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)  # noqa: S311
    logging.disable(logging.CRITICAL)  # a killed worker is an error to its launcher
    home = new_home("kill9")
    crew = Crew()
    state = State()
    killer = Killer(crew, state, home, chance)
    start = time.monotonic()
    for number in range(1, asked.kills + 1):
        often = (POWER, POWER, POWER, LAUNCHER, WORKERS)
        killer.one(SERVER if number % asked.server_every == 0 else chance.choice(often))
        if number % 50 == 0:
            bad = len(state.corrupt), len(state.lost), killer.stuck
            sys.stderr.write(f"{number} kills, {time.monotonic() - start:.0f} s, bad {bad}\n")
    ended = wait_for(lambda: state.waiting() == 0, 120)
    state.acknowledge()
    state.look_at_all()
    crew.end()
    kinds = ", ".join(f"{kind} {number}" for kind, number in sorted(killer.kills.items()))
    for line in state.corrupt:
        sys.stdout.write(f"  {line}\n")
    print_table(
        f"{asked.kills} times kill -9 ({kinds})",
        [
            ("seconds", round(time.monotonic() - start), True),
            ("jobs asked for", state.asked, True),
            ("runs acknowledged", len(state.acknowledged), len(state.acknowledged) > 0),
            ("corrupt runs", len(state.corrupt), not state.corrupt),
            ("acknowledged runs lost", len(state.lost), not state.lost),
            ("jobs stuck after a start", killer.stuck, killer.stuck == 0),
            ("jobs that never ended", state.waiting(), ended),
            ("folders without a run", len(state.remains()), not state.remains()),
        ],
    )


if __name__ == "__main__":
    main()
