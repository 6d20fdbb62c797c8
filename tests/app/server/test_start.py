"""Before the first visitor: safe settings, read back; an address that is really free."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected
from typer.testing import CliRunner

from app.accounts.users import FIRST_ADMIN, password_is_right
from app.cli.commands import command_line
from app.server import start
from app.server.start import SAFE, ServeError, bound_socket

CLV = Path(sys.executable).with_name("clv")

_SETTLED = """
import json, sys
from app.server.start import settle, SAFE
settle("127.0.0.1", 8501)
from streamlit import config
names = [*SAFE, "server.address", "server.allowedHosts", "theme.light.primaryColor"]
print(json.dumps({name: config.get_option(name) for name in names}))
"""


def _run(code: str, home: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CLV_HOME": str(home), "HOME": str(cwd)}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, timeout=300, check=False, cwd=cwd, env=environment,
    )  # fmt: skip


def test_a_stray_settings_file_cannot_switch_a_protection_off(home, tmp_path):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(
        "[server]\nenableXsrfProtection = false\nenableCORS = false\nenableStaticServing = true\n"
        'enableAgentApi = true\ntrustedUserHeaders = {"X-User" = "email"}\naddress = "0.0.0.0"\n'
        '[client]\nshowErrorDetails = "full"\n[browser]\ngatherUsageStats = true\n'
    )
    ended = _run(_SETTLED, home, tmp_path)
    assert ended.returncode == 0, ended.stderr
    effective = json.loads(ended.stdout.splitlines()[-1])
    assert {name: effective[name] for name in SAFE} == SAFE
    assert effective["server.address"] == "127.0.0.1"
    assert effective["server.allowedHosts"] == ["127.0.0.1", "localhost", "::1"]
    # the look is there although the program was started elsewhere
    assert effective["theme.light.primaryColor"] == "#0B5CAD"


def test_a_setting_that_does_not_take_stops_the_start(home, tmp_path):
    """An option without a value cannot be given as a flag, so the file's would stand."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[server]\nsslCertFile = "own.pem"\n')
    ended = _run(_SETTLED, home, tmp_path)
    assert ended.returncode != 0
    assert "server.sslCertFile" in ended.stderr
    assert ended.stdout == ""


def test_an_address_that_is_taken_is_said_before_anything_starts(home):
    with bound_socket("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=str(port)) as refused:
            bound_socket("127.0.0.1", port)
    assert refused.value.code == "ADDRESS_TAKEN"


def test_an_answer_in_two_parts_does_not_wait_for_the_first_to_arrive(home):
    """Without TCP_NODELAY each answer on a connection that was used before took 40 ms."""
    seen = []

    class Look(asyncio.Protocol):
        def connection_made(self, transport):
            accepted = transport.get_extra_info("socket")
            seen.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def scene() -> None:
        with bound_socket("127.0.0.1", 0) as listener:
            server = await asyncio.get_running_loop().create_server(Look, sock=listener)
            _, writer = await asyncio.open_connection(*listener.getsockname())
            while not seen:
                await asyncio.sleep(0.01)
            writer.close()
            server.close()

    asyncio.run(asyncio.wait_for(scene(), 60))
    assert seen[0]


def test_a_name_that_was_allowed_reaches_the_shield(home, monkeypatch):
    told = []
    monkeypatch.setattr(start, "settle", lambda *given: told.append(given))
    monkeypatch.setattr(
        start, "run_until_stopped",
        lambda listener, _, hosts: (listener.close(), told.append(hosts)),
    )  # fmt: skip
    names = ["serve", "--port", "0", "--allow-host", "clv.example", "--allow-host", "b.example"]
    assert CliRunner().invoke(command_line(), names).exit_code == 0
    settled, hosts = told
    assert settled[2] == ["clv.example", "b.example"]
    assert hosts.knows("clv.example:443")
    assert not hosts.knows("evil.example")


def test_an_address_of_another_machine_is_refused(home):
    with pytest.raises(ServeError):
        bound_socket("203.0.113.7", 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(home: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [CLV, "serve", "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=home.parent,
        env={**os.environ, "CLV_HOME": str(home), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip


def _wait(port: int) -> bytes:
    end = time.monotonic() + 240
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                return answer.read()
        except OSError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.2)


def test_the_server_starts_says_where_it_is_and_ends_on_ctrl_c(home):
    port = _free_port()
    server = _start(home, port)
    assert b'"ok"' in _wait(port)
    server.send_signal(signal.SIGINT)
    out, _ = server.communicate(timeout=300)
    assert server.returncode == 0, out
    assert f"http://127.0.0.1:{port}" in out
    assert "Traceback" not in out
    assert password_is_right(FIRST_ADMIN, re.search(r"password\s+(\S+)", out)[1])


def test_the_first_password_is_printed_at_the_first_start_only(home, monkeypatch):
    # the server itself, and settings that hold for a whole process, are tried above
    monkeypatch.setattr(start, "settle", lambda *_: None)
    monkeypatch.setattr(start, "run_until_stopped", lambda listener, *_: listener.close())
    first, second = (CliRunner().invoke(command_line(), ["serve", "--port", "0"]) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "  password   " in first.stdout
    assert "password" not in second.stdout


def test_the_theme_is_read_from_the_products_own_file():
    look = start._look()
    assert look["theme.light.primaryColor"] == "#0B5CAD"
    assert all(name.startswith("theme.") for name in look)
    assert not any(isinstance(value, dict) for value in look.values())


def test_a_browser_that_was_closed_is_no_error_in_the_log():
    def record(error: Exception) -> logging.LogRecord:
        told = (type(error), error, None)
        return logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "", (), told)

    assert not start.is_worth_logging(record(WebSocketDisconnect()))
    assert not start.is_worth_logging(record(WebSocketDisconnected("closed")))
    assert start.is_worth_logging(record(ZeroDivisionError()))
    assert start.is_worth_logging(logging.LogRecord("x", logging.INFO, "", 0, "", (), None))
