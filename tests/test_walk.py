"""The walk of one order through the engine, recorded while it is walked."""

from __future__ import annotations

import re
import sys
import threading
from pathlib import Path

import clvcore
from clvcore.sample import sample_orders
from tests.test_architecture import FLOORS

ENGINE = Path(clvcore.__file__).parent
FLOOR = {room: height for height, rooms in enumerate(FLOORS["clvcore"]) for room in rooms}
MOST_ROOMS = 12
HANDED_OVER = "arrays"  # work for the second thread is carried out from here


class Recorder:
    """Which room calls which, on every thread."""

    def __init__(self) -> None:
        self.calls: set[tuple[str, str]] = set()

    def __call__(self, frame, event, _):
        if event != "call":
            return
        here, before = room_of(frame), frame.f_back
        if here is None:
            return
        while before is not None and room_of(before) is None:
            before = before.f_back
        if before is not None and room_of(before) != here:
            self.calls.add((room_of(before), here))


def room_of(frame) -> str | None:
    """The engine's room a frame belongs to, if any."""
    path = Path(frame.f_code.co_filename)
    if not path.is_relative_to(ENGINE):
        return None
    room = path.relative_to(ENGINE).parts[0]
    return room if room in FLOOR else None


def walk(folder: Path) -> set[tuple[str, str]]:
    """Read, forecast and save a shop; return the calls between rooms."""
    data = sample_orders(600).to_csv(index=False).encode()
    clvcore.forecast(clvcore.read_transactions(data))  # so that no import is taken for a call
    recorder = Recorder()
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        clvcore.save_run(clvcore.forecast(clvcore.read_transactions(data)), folder)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return recorder.calls


def test_one_order_walks_through_twelve_rooms_and_only_down(tmp_path):
    calls = walk(tmp_path / "run")
    rooms = {room for call in calls for room in call}
    assert {"ingest", "features", "members", "backtest", "runs", "store"} <= rooms
    assert len(rooms) <= MOST_ROOMS
    upward = {(a, b) for a, b in calls if FLOOR[b] >= FLOOR[a]}
    assert {a for a, _ in upward} <= {HANDED_OVER}
    text = (ENGINE.parent / "docs/architecture.md").read_text()
    told = text.split("## The walk of one order")[1].split("\n## ")[0]
    assert rooms <= set(re.findall(r"`(\w+)", told))
