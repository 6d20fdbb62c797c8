"""A real server, a real browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, expect, sync_playwright

PATIENCE = 180  # seconds; only a machine that is busy elsewhere needs more than a few
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Dashboard:
    """A running server and its first administrator."""

    address: str
    username: str
    password: str


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory) -> Iterator[Dashboard]:
    """``clv serve`` on a free port with an empty home, as on its first day."""
    folder = tmp_path_factory.mktemp("first-day")
    server = subprocess.Popen(
        [Path(sys.executable).with_name("clv"), "serve", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder,
        env={**os.environ, "CLV_HOME": str(folder / "home")},
    )  # fmt: skip
    # a server that never speaks is ended, so that reading its first lines ends too
    impatient = threading.Timer(PATIENCE, server.kill)
    impatient.start()
    said = ""
    for line in server.stdout:
        said += line
        if "http://" in line:
            break
    impatient.cancel()
    found = re.search(r"user name\s+(\S+)\s+password\s+(\S+)[\s\S]*(http://\S+)", said)
    if not found:
        server.kill()
        pytest.fail(f"the server did not start, it ended with {server.wait()}: {said}")
    yield Dashboard(address=found[3], username=found[1], password=found[2])
    server.send_signal(signal.SIGINT)
    rest, _ = server.communicate(timeout=PATIENCE)
    assert "Traceback" not in said + rest, said + rest


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of this machine; none is only excusable where none is demanded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        reason = "no Chromium on this machine"
        if os.environ.get("CLV_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        expect.set_options(timeout=1000 * PATIENCE)
        started = playwright.chromium.launch(
            executable_path=chromium, args=CHROMIUM_OPTIONS, timeout=1000 * PATIENCE
        )
        yield started
        started.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Fresh browser profiles.

    Every request of theirs that leaves this machine is an error, and so is all that a page says of
    scripts or styles the content security policy has stopped.
    """
    made, abroad, stopped = [], [], []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            stopped.append(message.text)

    def new_context_() -> BrowserContext:
        context = browser.new_context(
            locale="en-GB", viewport={"width": 1440, "height": 1000}, accept_downloads=True
        )
        context.set_default_timeout(1000 * PATIENCE)
        context.on("request", lambda request: abroad.append(request.url))
        context.on("console", listen)
        made.append(context)
        return context

    yield new_context_
    for context in made:
        context.close()
    at_home = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
    assert [url for url in abroad if not url.startswith(at_home)] == []
    assert stopped == []


@pytest.fixture
def context(new_context) -> BrowserContext:
    """One browser profile."""
    return new_context()
