"""The launcher and its two kinds of work: what may begin, what is told, who is started again."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
import time
from concurrent.futures import Future
from itertools import pairwise

import pytest

from app.workers import launcher, workers
from app.workers.pool import Pool
from app.workers.workers import Call, Plan, Workers

PATIENCE = 300.0
HERE = __name__


def refuse() -> None:
    raise LookupError("not here")


def wait_for_file(name: str) -> int:
    """Work until a file is there; say who worked."""
    while not os.path.exists(name):  # asked very often
        time.sleep(0.01)
    return os.getpid()


class Unsent:
    """What cannot be read again at the other end of a pipe."""

    def __reduce__(self):
        return _at_the_worker, (os.getpid(),)


def _at_the_worker(made: int) -> object:
    if multiprocessing.current_process().name == "MainProcess":
        return threading.Lock()  # to be sent on by the launcher, which it cannot be
    return made


def unsent() -> Unsent:
    return Unsent()


def _within(seconds: float, reached) -> bool:
    end = time.monotonic() + seconds
    while not reached() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(reached())


def test_the_launcher_does_tells_stops_and_ends():
    """Its side of the pipe, in a thread: each thing that may come over it."""
    ours, theirs = multiprocessing.Pipe()
    plan = Plan(workers=1, seconds=3.0)
    running = threading.Thread(target=launcher.launch, args=(plan, theirs), daemon=True)
    running.start()

    def answer() -> tuple:
        assert ours.poll(60)
        return ours.recv()

    ours.send(("do", 1, "builtins.abs", (-7,)))
    assert answer() == (1, 7, None)
    ours.send(("do", 2, f"{HERE}.refuse", ()))
    assert isinstance(answer()[2], LookupError)
    ours.send(("do", 3, "no.such.function", ()))
    assert isinstance(answer()[2], ImportError)
    ours.send(("do", 4, "time.sleep", (60,)))
    assert isinstance(answer()[2], TimeoutError)
    ours.send(("do", 5, "time.sleep", (60,)))
    ours.send(("do", 55, "time.sleep", (60,)))  # waits for the fifth
    ours.send(("stop", 55))
    ours.send(("stop", 5))
    ours.send(("stop", 99))  # of something that is done
    ours.send(("do", 6, "os._exit", (1,)))
    assert answer()[:2] == (6, None)  # nothing was said of the fifth
    ours.send(("do", 7, f"{HERE}.unsent", ()))
    assert isinstance(answer()[2], TypeError)  # and says so
    ours.send(("do", 8, "builtins.abs", (-8,)))
    assert answer() == (8, 8, None)
    ours.send(("end",))
    running.join(PATIENCE)
    assert not running.is_alive()


_tries: list[bool] = []


def second_time_lucky(pool: Pool, news) -> None:
    _tries.append(news.get(timeout=60))
    if len(_tries) == 1:
        raise OSError("no room for a lock")


def test_a_queue_that_cannot_be_served_is_tried_again_and_calls_go_on(monkeypatch, caplog):
    monkeypatch.setattr(launcher, "_AGAIN", 0.01)
    ours, theirs = multiprocessing.Pipe()
    plan = Plan(workers=1, queue=f"{HERE}.second_time_lucky")
    running = threading.Thread(target=launcher.launch, args=(plan, theirs), daemon=True)
    running.start()
    assert _within(60, lambda: len(_tries) == 1)
    ours.send(("do", 1, "builtins.abs", (-7,)))
    assert ours.poll(60)
    assert ours.recv() == (1, 7, None)
    ours.send(("wake",))
    assert _within(60, lambda: len(_tries) == 2)
    ours.close()  # the server is gone
    running.join(PATIENCE)
    assert not running.is_alive()
    assert _tries == [True, True]
    assert "no room for a lock" in caplog.text


def test_jobs_leave_a_worker_to_calls_and_calls_only_delay_jobs(tmp_path):
    pool = Pool(Plan(workers=2))

    def begin(name: str) -> Future[int]:
        return pool.schedule(f"{HERE}.wait_for_file", (str(tmp_path / name),), PATIENCE)

    try:
        jobs = [begin("jobs") for _ in range(pool.jobs)]
        for _ in range(3):  # one after the other, and nobody waits for a job
            assert pool.schedule("os.getpid", (), PATIENCE).result(PATIENCE) != os.getpid()
        assert not any(job.done() for job in jobs)
        calls, behind = [begin("calls"), begin("more calls")], begin("jobs")
        (tmp_path / "calls").touch()
        assert calls[0].result(PATIENCE)
        (tmp_path / "jobs").touch()
        assert behind.result(PATIENCE)
        assert len({job.result(PATIENCE) for job in jobs}) == 2
        assert not calls[1].done()
    finally:
        pool.stop()
    assert calls[1].done()


def test_work_is_taken_up_when_the_last_idle_worker_was_killed():
    pool = Pool(Plan(workers=1))
    try:
        pid = pool.schedule("os.getpid", (), PATIENCE).result(PATIENCE)
        os.kill(pid, 9)
        assert _within(PATIENCE, lambda: not pool._pool.active)
        assert pool.schedule("os.getpid", (), PATIENCE).result(PATIENCE) != pid
    finally:
        pool.stop()


def test_a_launcher_that_cannot_live_is_started_ever_less_often(monkeypatch):
    begun = []
    beside = Workers(Plan(workers=1), pause=0.01)
    start = beside._start

    def start_again() -> None:
        begun.append(time.monotonic())
        start()

    monkeypatch.setattr(workers.sys, "executable", shutil.which("false"))
    monkeypatch.setattr(beside, "_start", start_again)
    beside.begin()
    assert _within(60, lambda: len(begun) == 5)
    beside.end()
    between = [later - earlier for earlier, later in pairwise(begun)]
    assert between[-1] > 0.01 * 2**4  # and not only by the time a start takes
    assert beside._launcher.poll() is not None


def test_a_call_that_is_stopped_is_never_told():
    beside = Workers(Plan(workers=1))
    try:
        stopped, done = Call(), Call()
        beside.do(stopped, "time.sleep", 600)
        beside.stop(stopped)
        beside.do(done, "builtins.abs", -3)
        assert done.result(PATIENCE) == 3
        assert stopped.cancelled()
        assert not beside._asked
    finally:
        beside.end()
    with pytest.raises(OSError, match="ended"):
        beside.do(Call(), "builtins.abs", -3)
