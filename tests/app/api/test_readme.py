"""The examples of the README are run as they stand, against a server of our own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).parents[3]


def example(kind: str, holds: str, server) -> str:
    """Return a block of the README with our address in it."""
    blocks = re.findall(rf"```{kind}\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    (block,) = [block for block in blocks if holds in block]
    return block.replace("http://127.0.0.1:8501", server.url)


def run(command: list[str], server) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "CLV_TOKEN": server.first.token},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_for_curl(server):
    said = orjson.loads(run(["bash", "-c", example("sh", "curl", server)], server))
    assert {row["customer_id"] for row in said["predictions"]} == {"A", "B"}
    assert said["totals"]["currency"] == "EUR"


def test_the_example_for_python(server):
    said = run([sys.executable, "-c", example("python", "httpx.post", server)], server)
    assert "upper_bound" in said


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_example_for_javascript(server):
    orders = (
        'const orders = [{customerId: "A", date: "2023-01-03", amount: 20.5},'
        '{customerId: "A", date: "2023-12-02", amount: 19}];'
    )
    shown = "console.log(predictions.length, totals.customers);"
    code = orders + example("js", "fetch", server) + shown
    assert run(["node", "--input-type=module", "-e", code], server).strip() == "1 1"
