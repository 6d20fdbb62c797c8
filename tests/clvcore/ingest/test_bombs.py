"""Every bomb is refused in two seconds and 256 MB, by a reader that lives on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from bombs import BOMBS, workbook

from clvcore.ingest import read_raw

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="resource limits are Linux's")

SECONDS = 2.0
KILOBYTES = 256 * 1024
READER = """
import json, resource, sys, time
from pathlib import Path
from clvcore.records.errors import DataError
from clvcore.ingest import read_raw

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
resource.setrlimit(resource.RLIMIT_CPU, (200, 200))
files = json.loads(sys.argv[1])
for file in sorted(files):
    data = Path(file).read_bytes()
    before, start = peak(), time.process_time()
    try:
        outcome = f"{read_raw(data).table.num_rows} rows"
    except DataError as refused:
        outcome = refused.code
    print(json.dumps([file, outcome, time.process_time() - start, peak() - before]), flush=True)
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Return what became of each bomb, its seconds and by how many kilobytes the peak rose."""
    folder = tmp_path_factory.mktemp("bombs")
    files = {str(folder / f"{number:02}"): name for number, name in enumerate(BOMBS)}
    warm = folder / "!"  # sorts first: modules are loaded by it, not by a bomb
    warm.write_bytes(workbook())
    for file, name in files.items():
        with open(file, "wb") as out:
            out.write(BOMBS[name]())
    command = [sys.executable, "-c", READER, json.dumps([str(warm), *files])]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stderr[-2000:]
    first, *others = (json.loads(line) for line in ended.stdout.splitlines())
    assert first[1] == "1 rows"
    return {files[file]: rest for file, *rest in others}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_time_and_memory(outcomes, name):
    outcome, seconds, kilobytes = outcomes[name]
    assert outcome.isupper(), outcome
    assert outcome.replace("_", "").isalpha()
    assert seconds < SECONDS
    assert kilobytes < KILOBYTES


def test_all_bombs_together_leave_the_reader_small(outcomes):
    assert len(outcomes) >= 20
    assert sum(kilobytes for *_, kilobytes in outcomes.values()) < 2 * KILOBYTES


def test_the_workbook_that_the_bombs_are_built_from_is_a_good_one():
    raw = read_raw(workbook())
    assert raw.columns == ("customer", "date", "amount")
    assert raw.table.to_pylist() == [{"customer": "7", "date": "45292", "amount": "1.5"}]
