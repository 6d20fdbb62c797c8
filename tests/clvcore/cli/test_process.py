"""The command as a process of its own: its streams, its exit code, its encoding."""

from __future__ import annotations

import subprocess
import sys


def test_a_real_process_prints_one_document_and_nothing_else(strict_json, shop):
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c"]
    script = "from clvcore.cli import app; app(prog_name='clv')"
    done = subprocess.run(
        [*command, script, "forecast", str(shop), "--json"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert strict_json(done.stdout)["customers"]
    assert done.stderr == b""
    refused = subprocess.run(
        [*command, script, "check", "nowhere.csv"], capture_output=True, check=False
    )
    assert refused.returncode == 1
    assert refused.stdout == b""
    assert b"Traceback" not in refused.stderr


def test_a_real_process_survives_a_narrow_code_page(shop, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(shop.read_bytes().replace(b"C00001", "Zoë–→".encode()))
    script = "from clvcore.cli import app; app(prog_name='clv')"
    done = subprocess.run(
        [sys.executable, "-c", script, "forecast", str(path), "--model", "naive"],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert b"Ledger" in done.stdout
