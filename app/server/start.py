"""Everything ``clv serve`` settles before the first visitor: safe settings, and a check of them.

Streamlit reads ``config.toml`` from the home folder and the working folder, so a stray file could
switch a protection off. The settings here are given as flags, which win, and then read back.
"""

from __future__ import annotations

import logging
import os
import socket
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.accounts.keys import derived_key
from app.server.guard import check_before_start
from app.shield import Shield
from app.shield.hosts import LOOPBACK, Hosts
from app.shield.logs import log_config
from app.shield.shield import LARGEST_HEAD
from app.storage import schema_version
from app.storage.home import clv_home
from clvcore.records.errors import ClvError

if TYPE_CHECKING:
    import uvicorn

SAFE: dict[str, Any] = {
    "server.headless": True,
    "server.enableXsrfProtection": True,
    "server.xsrfCookieSameSite": "strict",
    "server.enableCORS": True,
    "server.corsAllowedOrigins": [],
    "server.trustedUserHeaders": {},
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.scriptHealthCheckEnabled": False,
    "server.unsafeMetricsUserAttributes": [],
    "server.enableWebsocketCompression": False,
    "server.maxUploadSize": 200,
    "server.maxMessageSize": 50,
    "server.maxWidgetStateSize": 5,
    "server.disconnectedSessionTTL": 120,
    "server.websocketPingInterval": 20,
    "server.maxCacheDataSize": "64mb",
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.toolbarMode": "minimal",
    "client.disableDataExport": True,
    "runner.magicEnabled": False,
    "runner.fastReruns": True,
    "server.baseUrlPath": "",
    "server.sslCertFile": None,
    "server.sslKeyFile": None,
    # two thirds of a rerun, and everybody else waits meanwhile; Python collects by itself as well
    "runner.postScriptGC": False,
    "browser.gatherUsageStats": False,
    "global.developmentMode": False,
}


class ServeError(ClvError):
    """The server cannot start, or would not be safe."""


def settle(host: str, port: int, allowed_hosts: Sequence[str] = ()) -> None:
    """Set every option, and refuse to go on if one did not take.

    Raises
    ------
    ClvError
        As ``check_before_start``.
    ServeError
        ``UNSAFE_SETTINGS`` naming the options whose effective value is not ours.
    """
    check_before_start()
    os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = derived_key(clv_home(), "server cookie")
    from streamlit import config
    from streamlit.web import bootstrap

    wanted = SAFE | {
        "server.address": host,
        "server.port": port,
        "server.allowedHosts": [*LOOPBACK, *allowed_hosts] if host in LOOPBACK else [],
    }
    bootstrap.load_config_options(_look() | wanted)
    _bring_no_components()
    wrong = [name for name, value in wanted.items() if config.get_option(name) != value]
    if config.get_option("server.cookieSecret") != os.environ["STREAMLIT_SERVER_COOKIE_SECRET"]:
        wrong.append("server.cookieSecret")
    if wrong:
        raise ServeError(
            "UNSAFE_SETTINGS",
            "These settings have other values than the server needs: {names}. Remove them from "
            ".streamlit/config.toml.",
            names=", ".join(sorted(wrong)),
        )


def bound_socket(host: str, port: int) -> socket.socket:
    """Take the address before anything is printed about it.

    Raises
    ------
    ServeError
        ``ADDRESS_TAKEN`` if another program listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # with its protocol named: asyncio sends at once only on such sockets, and an answer in two
    # parts would otherwise wait 40 ms for the visitor to confirm the first
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ServeError(
            "ADDRESS_TAKEN",
            "Port {port} on {host} cannot be used: {reason}. Choose another with --port.",
            port=str(port), host=host, reason=os.strerror(error.errno or 0).lower(),
        ) from None  # fmt: skip
    return listener


def first_password() -> str | None:
    """Return the new password of the first administrator; None where there are accounts."""
    if schema_version.has_users(clv_home() / "clv.db"):
        return None
    from app.accounts.users import ensure_first_admin  # slow to load

    return ensure_first_admin()


def run_until_stopped(
    listener: socket.socket, announce: Callable[[], None], hosts: Hosts | None = None
) -> None:
    """Serve until Ctrl-C or a request to end; ``announce`` is called once visitors may come."""
    import uvicorn

    from app.server.asgi import app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                announce()

    settings = uvicorn_config(Shield(app, hosts=hosts))
    # only now: the settings above set up the log
    logging.getLogger("uvicorn.error").addFilter(is_worth_logging)
    Server(settings).run(sockets=[listener])


def uvicorn_config(app: Any) -> uvicorn.Config:
    """Return how connections are spoken with."""
    import uvicorn

    from app.shield.headers_in_time import PromptProtocol

    return uvicorn.Config(
        app,
        lifespan="on",
        http=PromptProtocol,
        log_config=log_config(),
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=SAFE["server.maxMessageSize"] * 2**20,
        ws_ping_interval=SAFE["server.websocketPingInterval"],
        ws_ping_timeout=SAFE["server.websocketPingInterval"],
        ws_per_message_deflate=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        # no limit_concurrency: its refusal names no time to come again; the shield counts instead
    )


def is_worth_logging(record: logging.LogRecord) -> bool:
    """Tell errors from browsers that were closed while something was on its way to them."""
    # by name: Starlette has two such errors, of different families and not in every version
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not kind.__name__.startswith("WebSocketDisconnect")


def _bring_no_components() -> None:
    """Keep Streamlit from reading about every installed package whether it brings components.

    None of ours does, so that the search only costs time, and would trust whatever it found.
    """
    from streamlit.components.v2 import manifest_scanner

    def none(max_workers: int | None = None) -> list[Any]:
        del max_workers
        return []

    manifest_scanner.scan_component_manifests = none


def _look() -> dict[str, Any]:
    """Return the theme, which Streamlit itself finds only when started beside it."""
    here = Path(__file__).resolve().parents[1]
    for folder in (here.parent, here):
        file = folder / ".streamlit" / "config.toml"
        if file.is_file():
            theme = tomllib.loads(file.read_text("utf-8")).get("theme", {})
            return dict(_flat("theme", theme))
    return {}


def _flat(prefix: str, section: dict[str, Any]) -> list[tuple[str, Any]]:
    options: list[tuple[str, Any]] = []
    for name, value in section.items():
        key = f"{prefix}.{name}"
        options += _flat(key, value) if isinstance(value, dict) else [(key, value)]
    return options
