"""Items out and answers in: lease, answer, renew, give back, and a rater's four lists."""

from __future__ import annotations

import asyncio
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast, get_args

from starlette.background import BackgroundTask
from starlette.routing import Route

from bimetal.errors import InputError, PolicyError
from bimetal.programme import people
from bimetal.programme.work.certifying import feedback
from bimetal.programme.work.handing import Taking, hand_out, judge_by, take
from bimetal.programme.work.raters import rater
from bimetal.store import queue
from bimetal.store.queue.reading import List
from bimetal.store.schema import rfc3339
from bimetal.web.attempts import note, noted
from bimetal.web.distance import far
from bimetal.web.door import Ask, called, page
from bimetal.web.presented import Desk, anonymous

if TYPE_CHECKING:
    from starlette.responses import Response

AT_ONCE = 20
"""How many items one call leases at most: enough to prefetch, few enough to share a small queue."""


@called("answer")
def lease(ask: Ask, said: dict[str, Any]) -> Response:
    """Give who asks the next items of a job."""
    desk = _desk(ask, ask.path("job"))
    n = _whole(said, "n", 1, AT_ONCE)
    leases = hand_out(ask.programme, ask.person, desk.job.name, n, ask.at, to_program=ask.is_program)
    with ask.programme.state.read() as connection:
        now = queue.progress(connection, desk.rater, desk.job.name)
    return ask.json(
        {
            "leases": [desk.presented(each, _others(ask, desk, each.item)) for each in leases],
            "progress": {"own": dict(now.own), "job": far(ask, desk.job.name, now.job)},
            "allowance": people.allowance(ask.programme, ask.person.id, ask.at),
        }
    )


def _others(ask: Ask, desk: Desk, item: str) -> list[Any]:
    """Read what the raters said, for who decides between them."""
    if desk.job.kind != "adjudicate":
        return []
    return ask.programme.state.write(lambda connection: queue.look(connection, desk.rater, desk.job.of, item))


@called("answer")
async def answer(ask: Ask, said: dict[str, Any]) -> Response:
    """Keep an answer; the reply comes when it is on disk, and tells nothing of what others answered."""
    sent = _submission(said)
    try:
        taken = take(ask.programme, ask.person, sent, ask.at, by_program=ask.is_program)
        kept = await asyncio.wrap_future(taken.receipt)
    except PolicyError as refused:
        await asyncio.to_thread(note, ask, sent.lease, refused)
        raise
    told: dict[str, Any] = {"id": kept.annotation.id if kept.annotation else None}
    if taken.calibrates and sent.status == "submitted":
        told["feedback"] = await asyncio.to_thread(_feedback, ask, taken)
    answered = ask.json({**told, "revision": kept.revision, "repeated": kept.repeated})
    if taken.gold and not kept.repeated:
        answered.background = BackgroundTask(_judged, ask, taken)
    return answered


def _feedback(ask: Ask, taken: Taking) -> dict[str, Any]:
    """Tell whether an answer of a calibration was right; work itself tells nobody what is gold in it."""
    found = feedback(ask.programme, ask.person, taken.job, taken.item)
    return {"right": found.right, "known": found.known}


def _judged(ask: Ask, taken: Taking) -> None:
    """Judge by an answer to gold; where that fails the operator is told, and the next answer to gold does it."""
    try:
        judge_by(ask.programme, ask.person, taken)
    except Exception:  # the answer is acknowledged: nothing may break the connection it came by
        traceback.print_exc()


def _submission(said: dict[str, Any]) -> queue.Submission:
    """Read an answer; what it says of who, when or in which role is not read at all."""
    kinds: dict[str, tuple[type, ...]] = {
        "lease": (str,),
        "key": (str,),
        "value": (str, type(None)),
        "status": (str,),
        "reason": (str,),
        "seconds": (int, float),
        "suggestion": (str, type(None)),
        "comment": (str,),
    }
    for name, kind in kinds.items():
        if (name in said and not isinstance(said[name], kind)) or isinstance(said.get(name), bool):
            raise InputError(
                f"{name} is {str(said[name])[:60]!r}", "send " + " or ".join(_WORDS[each] for each in kind)
            )
    if not said.get("lease"):
        raise InputError("an answer names no lease", "lease an item and answer that")
    return queue.Submission(**{"key": "", "value": None, **{name: said[name] for name in kinds if name in said}})


_WORDS: dict[type, str] = {str: "text", int: "a whole number", float: "a number", type(None): "null"}


@called("answer")
def renew(ask: Ask, said: dict[str, Any]) -> Response:
    """Hold items longer."""
    by, ids = queue.Rater(ask.person.id), _ids(said)
    with noted(ask, ids[0]):
        ask.programme.state.write(lambda connection: queue.renew(connection, by, ids, ask.at))
    return ask.json({"renewed": len(ids)})


@called("answer")
def give_back(ask: Ask, said: dict[str, Any]) -> Response:
    """Return items unanswered."""
    by, ids = queue.Rater(ask.person.id), _ids(said)
    with noted(ask, ids[0]):
        ask.programme.state.write(lambda connection: queue.release(connection, by, ids))
    return ask.json({"released": len(ids)})


@page("answer")
def listed(ask: Ask) -> Response:
    """Page through one of one's own four lists."""
    which = ask.path("which")
    if which not in get_args(List):
        raise InputError(f"there is no list {which!r}", f"ask for one of: {', '.join(get_args(List))}")
    desk, n = _desk(ask, ask.path("job")), 50
    with ask.programme.state.read() as connection:
        lines = queue.page(connection, desk.rater, desk.job.name, cast("List", which), _after(ask), n)
    told = [_line(ask, desk, each) for each in lines]
    return ask.json({"lines": told, "next": _next(lines[-1]) if len(lines) == n else None})


def _line(ask: Ask, desk: Desk, each: queue.Held) -> dict[str, Any]:
    seen = desk.presented(each.lease, _others(ask, desk, each.lease.item))
    if each.answer is None:
        return {**seen, "answer": None}
    answer = {**anonymous("you", each.answer), "seconds": each.answer.seconds, "at": rfc3339(each.answer.at)}
    return {**seen, "answer": answer}


def _next(last: queue.Held) -> str:
    return f"{rfc3339(last.at)}/{last.lease.id}"


def _after(ask: Ask) -> queue.After | None:
    given = ask.query("after")
    if not given:
        return None
    at, _, lease = given.partition("/")
    try:
        return queue.After(datetime.fromisoformat(at).astimezone(UTC), lease)
    except (ValueError, OverflowError) as fault:
        raise InputError(f"after is {given[:60]!r}", "pass on what the page before gave as next") from fault


def _desk(ask: Ask, name: str) -> Desk:
    with ask.programme.state.read() as connection:
        job = queue.read_job(connection, name)
    return Desk(ask.programme, job, rater(ask.programme, ask.person, job, ask.at))


def _ids(said: dict[str, Any]) -> list[str]:
    ids = said.get("leases")
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids) or not 1 <= len(ids) <= 200:
        raise InputError("leases is no list of names", "send 1 to 200 leases you hold")
    return ids


def _whole(said: dict[str, Any], name: str, low: int, high: int) -> int:
    value = said.get(name, low)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"{name} is {str(value)[:40]!r}", f"send a whole number, {low} to {high}")
    return value


ROUTES = [
    Route("/api/jobs/{job:path}/lease", lease, methods=["POST"]),
    Route("/api/jobs/{job:path}/list/{which}", listed),
    Route("/api/answers", answer, methods=["POST"]),
    Route("/api/leases/renew", renew, methods=["POST"]),
    Route("/api/leases/release", give_back, methods=["POST"]),
]
