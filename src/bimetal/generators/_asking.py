"""Drive a generator that asks outside: its requests go to whoever answers, its rows come through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bimetal.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Answer, Step
    from bimetal.types import Reply


def answered(steps: Iterable[Step], answer: Answer | None) -> Iterator[pa.RecordBatch]:
    """Yield a generator's batches, sending it the replies to what it asks between them.

    Raises InputError where it asks and nobody answers, or where replies and requests differ in number.
    """
    running = iter(steps)
    step = next(running, None)
    while step is not None:
        if not isinstance(step, tuple):
            yield step
            step = next(running, None)
            continue
        if answer is None:
            raise InputError(f"this generator asks {step[0].to} and nobody answers", WAYS.get(step[0].to, ELSE))
        replies = answer(step)
        if len(replies) != len(step):
            raise InputError(f"{len(step)} requests got {len(replies)} replies", "answer each request once, in order")
        step = _sent(running, replies)


WAYS = {"chat": "name a model endpoint with --endpoint URL --model NAME", "noise": "draw it where a key can be kept"}
ELSE = "install that program, and draw through bimetal generate"


def _sent(running: Iterator[Step], replies: tuple[Reply, ...]) -> Step | None:
    try:
        step: Step = running.send(replies)  # type: ignore[attr-defined]  # who yields requests is a coroutine
    except StopIteration:
        return None
    return step
