"""What the server does once visitors may come: load, tidy up and start workers, in good time.

All of it together takes seconds of processor time, and the first page should not wait for any. So
what the sign-in page needs is loaded while the browser fetches the page's scripts, and the rest
once somebody has seen a page, or nobody came for a while. Whoever needs a part before that, a call
of the HTTP interface say, loads it themselves.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from app.api.first import LateApi
from app.storage import settings
from app.workers import workers
from app.workers.workers import Plan

# streamlit_authenticator itself is loaded by the page: it talks to Streamlit while it loads
SIGN_IN = (
    "sqlalchemy.orm", "sqlalchemy.dialects.sqlite", "app.accounts.sessions",
    "app.widgets.navigation", "app.storage.audit", "app.accounts.throttle", "app.widgets.look",
    "requests", "jwt",
    "cryptography.fernet", "captcha.image", "yaml", "unittest.mock", "babel.messages.pofile",
    "streamlit.emojis", "streamlit.material_icon_names",
)  # fmt: skip
# the first one shows the newest forecast; no models: they are loaded where something is forecast
PAGES = (
    "clvcore.store", "clvcore.uncertainty", "plotly.graph_objects", "app.services.runs",
    "app.services.datasets", "clvcore.backtest.coverage", "clvcore.runs.comparison",
)  # fmt: skip
# for pages and the HTTP interface; what only some forecasts need is imported when they need it
WORK: dict[str, Any] = {
    "preload": (
        "app.services.jobs.forecasting", "app.api.work", "app.api.fitted",
        "app.api.client_answers", "clvcore.members.boosted", "clvcore.runs.summaries",
    ),
    "warm": "app.api.work.warm_up",
    "queue": "app.services.jobs.crew.serve",
}  # fmt: skip
SECONDS_WITHOUT_VISITORS = 3.0
_AFTER_A_PAGE = 0.5  # it has been drawn, but may not have been sent
_log = logging.getLogger("clv")
_seen = threading.Event()


def page_drawn() -> None:
    """Say that a page was drawn: the end of every one."""
    _seen.set()


@contextmanager
def settled(api: LateApi) -> Iterator[None]:
    """Settle in a thread of its own while the block runs, and end what was started after it."""
    _seen.clear()
    ending = threading.Event()
    with ExitStack() as opened:
        opened.enter_context(workers.running(Plan(workers=settings.workers(), **WORK)))
        thread = threading.Thread(target=_settle, args=(ending, api, opened), name="settling")
        thread.start()
        try:
            yield
        finally:
            ending.set()
            _seen.set()
            thread.join()


def _settle(ending: threading.Event, api: LateApi, opened: ExitStack) -> None:
    with _giving_way():
        _load(SIGN_IN, ending)
        if _seen.wait(SECONDS_WITHOUT_VISITORS):
            ending.wait(_AFTER_A_PAGE)
        _load(PAGES, ending)
    for step in (lambda: _sweep(opened), workers.begin, api.ready):
        _attempt(step, ending)


@contextmanager
def _giving_way() -> Iterator[None]:
    """Let the threads that answer the browser have the interpreter ten times as often."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _load(modules: tuple[str, ...], ending: threading.Event) -> None:
    for module in modules:
        _attempt(partial(import_module, module), ending)


def _attempt(step: Callable[[], object], ending: threading.Event) -> None:
    if ending.is_set():
        return
    try:
        step()
    except Exception:  # whoever needs it will try again, and say what is wrong
        _log.exception("the server could not settle")


def _sweep(opened: ExitStack) -> None:
    from app.services.retention import daily

    opened.enter_context(daily())
