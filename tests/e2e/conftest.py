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
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)  # fmt: skip

PATIENCE = 180  # seconds; only a machine that is busy elsewhere needs more than a few
CLV = Path(sys.executable).with_name("clv")
PASSWORD = "correct horse battery"
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Quiet for half a second: a click takes a moment to reach the server, which then says it runs.
# While a script runs, what it left before is still shown, and elements may be there twice.
QUIET = """() => {
    const app = document.querySelector("[data-testid=stApp]")?.dataset
    const quiet = app?.testScriptState === "notRunning"
        && app.testConnectionState === "CONNECTED"
        && !document.querySelector("[data-stale=true]")
    window.quietSince = quiet ? window.quietSince ?? performance.now() : undefined
    return quiet && performance.now() - window.quietSince > 500
}"""


@dataclass(frozen=True)
class Dashboard:
    """A running server and its first administrator."""

    address: str
    username: str
    password: str


class Steps:
    """What a visitor does over and over."""

    @staticmethod
    def settled(page: Page) -> None:
        """Wait until the script has run to its end and what it no longer draws is gone."""
        page.evaluate("window.quietSince = undefined")
        page.wait_for_function(QUIET, polling=50)

    @classmethod
    def open(cls, context: BrowserContext, address: str, user_name: str = "User name") -> Page:
        """Open an address; without a session it is the sign-in page."""
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_label(user_name).first).to_be_visible()
        cls.settled(page)
        return page

    @staticmethod
    def sign_in(page: Page, dashboard: Dashboard, password: str | None = None) -> None:
        """Fill in the form, whatever its language."""
        page.locator("input[type=text]").first.fill(dashboard.username)
        page.locator("input[type=password]").fill(password or dashboard.password)
        page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()

    @classmethod
    def signed_in(cls, page: Page, leave: str = "Sign out") -> None:
        """Wait for the pages behind the form."""
        expect(page.get_by_role("button", name=leave).first).to_be_visible()
        cls.settled(page)

    @staticmethod
    def has_cookie(context: BrowserContext, *, there: bool = True) -> None:
        """Wait until the browser holds the session's cookie, or no longer does."""
        for _ in range(300):
            if any(cookie["name"] == "clv_session" for cookie in context.cookies()) == there:
                return
            context.pages[0].wait_for_timeout(100)
        pytest.fail(f"after half a minute the cookie is {'not ' if there else 'still '}there")

    @classmethod
    def go(cls, page: Page, name: str, address: str) -> None:
        """Choose a page from the list."""
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(address)
        cls.settled(page)

    @classmethod
    def taken(cls, page: Page, button: str, address: str) -> bytes:
        """Have a file made and take it from its address, with the browser's cookies."""
        page.get_by_role("button", name=button).click()
        link = page.get_by_test_id("stLinkButton").get_by_role("link")
        expect(link).to_be_visible()
        answer = page.context.request.get(address + link.get_attribute("href"))
        assert answer.ok, answer.status
        return answer.body()


@pytest.fixture(scope="session")
def steps() -> type[Steps]:
    """What a visitor does over and over."""
    return Steps


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory) -> Iterator[Dashboard]:
    """``clv serve`` on a free port with an empty home, as on its first day."""
    folder = tmp_path_factory.mktemp("first-day")
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="session")
def shop(tmp_path_factory) -> Iterator[dict[str, Dashboard]]:
    """The sample shop, forecast, and one person of each role in it."""
    folder = tmp_path_factory.mktemp("shop")
    with serving(folder, "--sample") as admin:
        people = {"admin": admin}
        for role in ("executive", "marketing", "analyst"):
            people[role] = replace(admin, username=role, password=PASSWORD)
            subprocess.run(
                [CLV, "users", "add", role, "--role", role, "--password-stdin"],
                input=PASSWORD, text=True, check=True, capture_output=True,
                env={**os.environ, "CLV_HOME": str(folder / "home")},
            )  # fmt: skip
        yield people


@pytest.fixture(scope="session", name="serving")
def serving_() -> Callable[..., AbstractContextManager[Dashboard]]:
    """Start a server of one's own in a folder."""
    return serving


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[Dashboard]:
    """Run ``clv serve`` with a home in this folder."""
    server = subprocess.Popen(
        [CLV, "serve", "--port", "0", *words],
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium of this machine; none is only excusable where none is demanded.

    It ends with its module, since while it runs no other test can have an event loop of its own.
    """
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
