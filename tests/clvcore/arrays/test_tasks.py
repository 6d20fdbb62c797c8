"""The one thread beside the caller's: who makes what, and that nothing is made twice or left."""

from __future__ import annotations

from threading import Event, Thread, current_thread

import pytest

from clvcore.arrays.tasks import Memo, OtherCore, Task


def test_a_task_without_another_core_is_done_when_asked_for_and_once():
    made: list[int] = []
    task = Task(lambda: made.append(1) or len(made), None)
    assert not made
    assert (task.result(), task.result()) == (1, 1)


def test_what_the_other_core_has_not_begun_is_made_by_whoever_asks():
    core, gate = OtherCore(), Event()
    core.submit(gate.wait)
    task = Task(lambda: current_thread().name, core)
    assert not task.result().startswith("behind")
    gate.set()
    core.close()


def test_leaving_drops_what_has_not_begun():
    core, gate, begun, done = OtherCore(), Event(), Event(), []
    first = core.submit(lambda: (begun.set(), gate.wait(5)))
    waiting = core.submit(lambda: done.append(1))
    assert begun.wait(5)
    core.close()
    gate.set()
    first.result(5)
    assert waiting.cancelled()
    assert not done


def test_two_threads_that_ask_at_once_are_given_one_answer():
    memo, begun, gate, made = Memo(), Event(), Event(), []

    def make() -> str:
        begun.set()
        gate.wait(5)
        made.append(1)
        return "answer"

    answers: list[str] = []
    threads = [Thread(target=lambda: answers.append(memo.once(("key",), make))) for _ in range(2)]
    threads[0].start()
    assert begun.wait(5)
    threads[1].start()
    gate.set()
    for thread in threads:
        thread.join(5)
    assert (answers, made) == (["answer"] * 2, [1])


def test_a_refusal_is_kept_and_what_is_not_wanted_is_made_anew():
    memo, tried = Memo(), []

    def refuse() -> None:
        tried.append(1)
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            memo.once(("a",), refuse)
    assert len(tried) == 1
    memo.keep(lambda key: key != ("a",))
    assert memo.once(("a",), lambda: 7) == 7
