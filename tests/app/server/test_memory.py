"""What nobody uses any more is given back."""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref

import pyarrow as pa

from app.server import memory


class Ring:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.own = self


def test_cycles_go_and_arrow_keeps_nothing_for_threads_that_ended():
    ring = weakref.ref(Ring())
    assert ring() is not None
    memory.tidy_up()
    assert ring() is None
    assert pa.default_memory_pool().backend_name == "system"
    assert sys.platform != "linux" or memory._trim() is not None


def test_modules_are_passed_over_when_there_are_new_ones(monkeypatch):
    frozen: list[int] = []
    monkeypatch.setattr(memory.gc, "freeze", lambda: frozen.append(1))
    loaded = memory.pass_over_modules(0)
    assert loaded == len(sys.modules)
    assert memory.pass_over_modules(loaded) == loaded
    assert len(frozen) == 1
    monkeypatch.setitem(sys.modules, "a_new_one", sys)
    assert memory.pass_over_modules(loaded) == loaded + 1
    assert len(frozen) == 2


def test_it_is_done_again_and_again_until_the_server_ends(monkeypatch):
    rounds: list[int] = []
    monkeypatch.setattr(memory, "tidy_up", lambda: rounds.append(gc.get_freeze_count()))
    with memory.tidying(every=0.01):
        end = time.monotonic() + 120
        while len(rounds) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        named = [thread for thread in threading.enumerate() if thread.name == "tidying"]
        assert len(named) == 1
    assert len(rounds) >= 3
    assert min(rounds) > 10_000  # modules are passed over before the first round
    assert not named[0].is_alive()
    assert gc.get_freeze_count() == 0
    done = len(rounds)
    time.sleep(0.05)
    assert len(rounds) == done


def test_a_failing_round_is_logged_and_the_next_one_comes(monkeypatch, caplog):
    rounds: list[int] = []

    def fail() -> None:
        rounds.append(1)
        raise OSError("no")

    monkeypatch.setattr(memory, "tidy_up", fail)
    with memory.tidying(every=0.01):
        end = time.monotonic() + 120
        while len(rounds) < 2 and time.monotonic() < end:
            time.sleep(0.01)
    assert len(rounds) >= 2
    assert "could not be given back" in caplog.text
