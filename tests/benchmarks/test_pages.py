"""Every page drawn again on simulated shops, beside a plain script; part of ``make bench``.

Sizes and keys are those of ``test_speed.py``. Without ``--benchmark-only`` each page is drawn once
on a shop of 400.
"""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from pages import STAGE, fill, page, script
from stages import OURS, PEER, high_water_mb, simulate
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.context import ContextProxy
from test_speed import SMOKE, sizes

PATCHED = (
    (manifest_scanner, "scan_component_manifests"), (ContextProxy, "ip_address"),
)  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "customers" in metafunc.fixturenames:
        metafunc.parametrize("customers", sizes(metafunc.config), scope="module")


@pytest.fixture(scope="module")
def home(customers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    simulate(customers, folder / "shop.csv")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CLV_HOME", "CLV_WORKERS"):
            patch.setenv(name, "0")  # put back afterwards, whatever is set meanwhile
        for owner, name in PATCHED:
            patch.setattr(owner, name, getattr(owner, name))
        fill(folder / "shop.csv", folder / "home")
        yield folder / "home"


@pytest.mark.parametrize("who", [OURS, PEER])
@pytest.mark.parametrize("stage", STAGE)
@pytest.mark.filterwarnings("ignore")
def test_page(benchmark, home, customers, stage, who):
    call = prepare(stage, who, home)
    if customers == SMOKE:
        assert call() is not None
        return
    benchmark.group = f"{customers} {stage}"
    benchmark.extra_info |= {"customers": customers, "stage": stage, "who": who}
    benchmark.extra_info["peak_mb"] = peak_memory(stage, who, home)
    benchmark.pedantic(call, rounds=5, warmup_rounds=1)


def prepare(stage: str, who: str, home: Path):
    return (page if who == OURS else script)(STAGE[stage], home)


def peak_memory(stage: str, who: str, home: Path) -> int:
    """Return the high-water mark, in MB, of a process that draws this and nothing else."""
    done = subprocess.run(
        [sys.executable, __file__, stage, who, str(home)],
        capture_output=True, text=True, check=True, env=os.environ | {"CLV_HOME": str(home)},
    )  # fmt: skip
    return int(done.stdout.split()[-1])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    prepare(sys.argv[1], sys.argv[2], Path(sys.argv[3]))()
    sys.stdout.write(f"{high_water_mb()}\n")
