"""What a browser says to the dashboard, without drawing: Streamlit's messages over a WebSocket.

Thirty real browsers would take the two cores the server is measured on. The server cannot tell the
difference: the same handshake with a cookie and an origin, the same messages, read to the end.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_EXPORT = re.compile(rb"/exports/[A-Za-z0-9_-]{43}")


class Browser:
    """A signed-in session of the dashboard on one page at a time."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self.cookie = f"clv_session={token}"
        self.buttons: dict[str, str] = {}
        self.export = ""
        self.exceptions = 0
        self.session = ""
        self._pages: dict[str, str] = {}
        self._socket: Any = None

    async def open(self) -> float:
        """Open the dashboard; return the seconds until the first page was there."""
        begin = time.perf_counter()
        self._socket = await websockets.connect(
            self._address.replace("http", "ws", 1) + "/_stcore/stream",
            origin=self._address, subprotocols=["streamlit"], max_size=2**26, compression=None,
            additional_headers={"Cookie": self.cookie}, open_timeout=30,
        )  # fmt: skip
        await self.rerun("")
        return time.perf_counter() - begin

    async def rerun(self, page: str, press: str = "", patience: float = 60) -> float:
        """Ask for a page, a button of it pressed or none; return the seconds until all was sent."""
        message = BackMsg()
        state = message.rerun_script
        state.page_name, state.page_script_hash = page, self._pages.get(page, "")
        if press:
            pressed = state.widget_states.widgets.add()
            pressed.id, pressed.trigger_value = self.buttons[press], True
        self.buttons.clear()
        begin = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(patience):
            while not self._read(await self._socket.recv()):
                pass
        return time.perf_counter() - begin

    def _read(self, raw: bytes) -> bool:
        """Note what a message says; True if the script has come to its end."""
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id or self.session
        elif kind == "navigation":
            self._pages = {p.url_pathname: p.page_script_hash for p in message.navigation.app_pages}
        elif kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "button":
                self.buttons[element.button.label] = element.button.id
            self.exceptions += element.WhichOneof("type") == "exception"
            if found := _EXPORT.search(raw):
                self.export = found[0].decode()
        return kind == "script_finished"

    async def close(self) -> None:
        """Close the tab."""
        await self._socket.close()

    @property
    def host(self) -> str:
        return urlsplit(self._address).netloc
