"""Promises and the job queue behave as JavaScript's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berceau_engine.javascript import UNDEFINED, JavaScriptError
from berceau_engine.promise import JobQueue, Promise


@pytest.fixture
def queue() -> JobQueue:
    return JobQueue()


def test_a_handler_is_not_called_before_the_running_code_has_returned(queue: JobQueue) -> None:
    seen: list[Any] = []
    promise = Promise(queue)
    promise.resolve(1)
    promise.then(seen.append)
    assert seen == []
    queue.drain()
    assert seen == [1]


def test_handlers_run_in_the_order_they_were_given(queue: JobQueue) -> None:
    seen: list[str] = []
    promise = Promise(queue)
    promise.then(lambda _: seen.append("first"))
    promise.then(lambda _: seen.append("second"))
    promise.resolve()
    promise.then(lambda _: seen.append("third"))
    queue.add(lambda: seen.append("fourth"))
    queue.drain()
    assert seen == ["first", "second", "third", "fourth"]


def test_jobs_that_jobs_add_run_in_the_same_drain(queue: JobQueue) -> None:
    seen: list[str] = []
    queue.add(lambda: (seen.append("outer"), queue.add(lambda: seen.append("inner"))))
    queue.add(lambda: seen.append("next"))
    queue.drain()
    assert seen == ["outer", "next", "inner"]


def test_only_the_first_settlement_counts(queue: JobQueue) -> None:
    promise = Promise(queue)
    promise.resolve(1)
    promise.resolve(2)
    promise.reject("no")
    assert (promise.state, promise.value) == ("fulfilled", 1)


def test_a_promise_resolved_with_a_promise_waits_for_it_and_takes_nothing_else(queue: JobQueue) -> None:
    inner, outer = Promise(queue), Promise(queue)
    outer.resolve(inner)
    outer.resolve("too late")
    queue.drain()
    assert outer.state == "pending"
    inner.resolve("inner")
    queue.drain()
    assert (outer.state, outer.value) == ("fulfilled", "inner")


def test_a_rejection_passes_by_handlers_of_results(queue: JobQueue) -> None:
    promise = Promise(queue)
    following = promise.then(lambda value: value)
    caught = following.then(None, lambda reason: f"caught {reason}")
    promise.reject("it")
    queue.drain()
    assert (following.state, following.value) == ("rejected", "it")
    assert (caught.state, caught.value) == ("fulfilled", "caught it")


def test_a_result_passes_by_handlers_of_failures(queue: JobQueue) -> None:
    promise = Promise(queue)
    following = promise.then(None, lambda reason: "never")
    promise.resolve("it")
    queue.drain()
    assert (following.state, following.value) == ("fulfilled", "it")


def test_a_handlers_promise_is_waited_for(queue: JobQueue) -> None:
    inner, promise = Promise(queue), Promise(queue)
    following = promise.then(lambda _: inner)
    promise.resolve()
    queue.drain()
    assert following.state == "pending"
    inner.reject("inner")
    queue.drain()
    assert (following.state, following.value) == ("rejected", "inner")


def test_a_javascript_error_in_a_handler_rejects(queue: JobQueue) -> None:
    def throw(_: Any) -> None:
        raise JavaScriptError("thrown")

    promise = Promise(queue)
    following = promise.then(throw)
    promise.resolve()
    queue.drain()
    assert following.state == "rejected"
    assert following.value.message == "thrown"


def test_any_other_error_in_a_job_ends_the_drain_and_drops_the_rest(queue: JobQueue) -> None:
    seen: list[int] = []

    def fail() -> None:
        raise RuntimeError("a crash")

    queue.add(fail)
    queue.add(lambda: seen.append(1))
    with pytest.raises(RuntimeError, match="a crash"):
        queue.drain()
    queue.drain()
    assert seen == []


def test_a_promise_cannot_wait_for_itself(queue: JobQueue) -> None:
    promise = Promise(queue)
    promise.resolve(promise)
    assert promise.state == "rejected"
    assert isinstance(promise.value, TypeError)


def test_a_promise_without_a_value_gives_undefined(queue: JobQueue) -> None:
    promise = Promise(queue)
    promise.resolve()
    assert promise.value is UNDEFINED


async def test_a_timer_puts_its_job_into_the_queue_and_wakes_who_drains_it(queue: JobQueue) -> None:
    seen: list[str] = []
    woken = asyncio.Event()
    queue.wake = lambda: (queue.drain(), woken.set())[1]
    queue.later(1, lambda: seen.append("late"))
    assert (queue.timers, seen) == (1, [])
    await asyncio.wait_for(woken.wait(), 60)
    assert (queue.timers, seen) == (0, ["late"])


async def test_a_cleared_queue_runs_nothing_any_more(queue: JobQueue) -> None:
    seen: list[str] = []
    queue.add(lambda: seen.append("now"))
    queue.later(1, lambda: seen.append("late"))
    queue.clear()
    queue.drain()
    await asyncio.sleep(0.01)
    assert (queue.timers, seen) == (0, [])


@given(st.lists(st.tuples(st.sampled_from(["then", "resolve", "job"]), st.integers(0, 3)), max_size=30))
def test_every_handler_of_a_settled_promise_runs_exactly_once(steps: list[tuple[str, int]]) -> None:
    queue = JobQueue()
    promises = [Promise(queue) for _ in range(4)]
    asked: list[tuple[int, int]] = []
    seen: list[tuple[int, int]] = []
    for number, (step, index) in enumerate(steps):
        if step == "then":
            asked.append((index, number))
            promises[index].then(lambda _, entry=(index, number): seen.append(entry))
        elif step == "resolve":
            promises[index].resolve()
        else:
            queue.drain()
    queue.drain()
    settled = {index for index, promise in enumerate(promises) if promise.state == "fulfilled"}
    assert sorted(seen) == sorted(entry for entry in asked if entry[0] in settled)
    for index in settled:
        assert [n for i, n in seen if i == index] == sorted(n for i, n in asked if i == index)
