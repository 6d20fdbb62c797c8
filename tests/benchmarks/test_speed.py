"""Every stage beside its peer on simulated shops; ``make bench`` times them and writes README.md.

``CLV_BENCH_SIZES`` names the shops (default ``10000,100000``; add ``1000000`` for the largest).
Without ``--benchmark-only`` each stage runs once on a shop of 400: that they run is all it checks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from stages import OURS, PEER, STAGES, Shop, high_water_mb, prepare, simulate

SMOKE = 400
ROUNDS = {10_000: 5, 100_000: 3}


def sizes(config: pytest.Config) -> list[int]:
    if not config.getoption("benchmark_only"):
        return [SMOKE]
    return [int(size) for size in os.environ.get("CLV_BENCH_SIZES", "10000,100000").split(",")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "customers" in metafunc.fixturenames:
        metafunc.parametrize("customers", sizes(metafunc.config), scope="module")


@pytest.fixture(scope="module")
def shop(customers, tmp_path_factory):
    file = tmp_path_factory.mktemp("shop") / f"{customers}.csv"
    simulate(customers, file)
    return Shop(file)


@pytest.mark.parametrize("who", [OURS, PEER])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.filterwarnings("ignore")
def test_stage(benchmark, shop, customers, stage, who):
    call = prepare(stage, who, shop)
    if customers == SMOKE:
        assert call() is not None
        return
    benchmark.group = f"{customers} {stage}"
    benchmark.extra_info |= {"customers": customers, "stage": stage, "who": who}
    benchmark.extra_info["peak_mb"] = peak_memory(stage, who, shop.file)
    benchmark.pedantic(call, rounds=ROUNDS.get(customers, 1), warmup_rounds=customers <= 100_000)


def peak_memory(stage: str, who: str, file: Path) -> int:
    """Return the high-water mark, in MB, of a process that does this and nothing else."""
    done = subprocess.run(
        [sys.executable, __file__, stage, who, str(file)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(done.stdout.split()[-1])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    prepare(sys.argv[1], sys.argv[2], Shop(Path(sys.argv[3])))()
    sys.stdout.write(f"{high_water_mb()}\n")
