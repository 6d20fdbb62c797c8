"""Make shop files, read them all, and count what went wrong.

    python tests/fuzz/run.py --files 50000 --seed 0

Prints the outcomes, the questions asked and the first failures; ends with 1 if a file crashed the
intake, broke the ledger, or was read wrongly. ``--show 0-123`` judges one file and prints it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import pyarrow as pa
from generate import shop_file
from judge import BAD, Verdict, judge

CHUNK = 250
LOGGED_CHUNKS = 4
SHOWN = 8


@dataclass
class Tally:
    """Outcomes and questions counted, with the failures themselves."""

    kinds: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    failures: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        self.kinds[verdict.kind] += 1
        self.codes.update(verdict.codes)
        if verdict.kind in BAD:
            self.failures.append(verdict)


def judged(seeds: Iterable[str]) -> list[Verdict]:
    """Judge the files of these seeds."""
    pa.set_cpu_count(1)
    return [judge(shop_file(seed)) for seed in seeds]


def chunks(seed: int, files: int) -> Iterator[list[str]]:
    """Yield the seeds of ``files`` files, some at a time."""
    for start in range(0, files, CHUNK):
        yield [f"{seed}-{number}" for number in range(start, min(start + CHUNK, files))]


def run(files: int, seed: int, workers: int) -> Tally:
    """Judge files on several processes."""
    tally = Tally()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for done, verdicts in enumerate(pool.map(judged, chunks(seed, files)), 1):
            for verdict in verdicts:
                tally.add(verdict)
            _progress(done, min(done * CHUNK, files), _bad(tally))
    return tally


def _progress(chunks_done: int, files: int, bad: int) -> None:
    """Count on one line of a terminal; in a log, a line for every few chunks."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{files:,} files, {bad} bad ")
    elif chunks_done % LOGGED_CHUNKS == 0:
        sys.stderr.write(f"{files:,} files, {bad} bad\n")
        sys.stderr.flush()


def report(tally: Tally, seconds: float) -> str:
    """Return the counts as text."""
    files = sum(tally.kinds.values())
    lines = [f"{files:,} files in {seconds:.0f} s"]
    lines += [f"  {kind:24} {count:>7,}" for kind, count in tally.kinds.most_common()]
    lines += ["questions and refusals"]
    lines += [f"  {code:32} {count:>7,}" for code, count in tally.codes.most_common()]
    for verdict in tally.failures[:SHOWN]:
        lines += ["", f"{verdict.kind} {verdict.seed} {verdict.codes}", verdict.detail]
    return "\n".join(lines) + "\n"


def show(seed: str) -> str:
    """Return one file, how it was written, and what became of it."""
    shop = shop_file(seed)
    verdict = judge(shop)
    return f"{shop.style}\n{shop.data!r}\n{verdict.kind} {verdict.codes}\n{verdict.detail}\n"


def _bad(tally: Tally) -> int:
    return sum(tally.kinds[kind] for kind in BAD)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Read generated shop files and judge them.")
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--show", metavar="SEED-NUMBER")
    given = parser.parse_args()
    if given.show:
        sys.stdout.write(show(given.show))
        return 0
    started = time.perf_counter()
    tally = run(given.files, given.seed, given.workers)
    sys.stdout.write(report(tally, time.perf_counter() - started))
    return 1 if _bad(tally) else 0


if __name__ == "__main__":
    sys.exit(main())
