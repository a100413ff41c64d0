"""Rules about synthetic volume: measured before it grows, and no more than people's labels until the loop runs."""

from __future__ import annotations

from bimetal.payload import where
from bimetal.programme.deciding import answers
from bimetal.programme.payloads import payloads
from bimetal.programme.policy.case import Broken, Case

HUMAN = "human"
MEASURED = {
    "harms": ("synthetic rows were measured to lower the score", "leave them out: --leave-out"),
    "unclear": ("the pilot could not tell whether they help", "run: bimetal pilot, with more seeds or a larger panel"),
}


def volume_measured(case: Case) -> Broken | None:
    """Refuse synthetic rows for training or serving until they are measured to help."""
    if case.purpose == "share" or not case.synthetic:
        return None
    transfer = next(each for each in answers(case.programme) if each.question == "transfer")
    return Broken(case.synthetic, *MEASURED.get(transfer.value, ("transfer to real items is not measured", "")))


def loop_first(case: Case) -> Broken | None:
    """Refuse more synthetic rows than people's labels while no production window has been turned."""
    if case.purpose == "share" or not case.synthetic or _turned(case):
        return None
    people = _labelled_by_people(case)
    allowed = max(0, people - _released_before(case))
    if len(case.synthetic) <= allowed:
        return None
    return Broken(
        case.synthetic[allowed:],
        f"{people:,} real rows are labelled by people, {len(case.synthetic):,} synthetic rows would come beside them",
    )


def _turned(case: Case) -> bool:
    return any(True for _ in case.programme.log.entries(action="cycle.finished"))


def _labelled_by_people(case: Case) -> int:
    """Count real items that people labelled, each once however often it was added."""
    rows = case.programme.rows("train")
    real = None if rows is None else where(where(rows, "item_origin", "real"), "label_origin", HUMAN)
    return 0 if real is None else len(set(payloads(case.programme, real)))


def _released_before(case: Case) -> int:
    """Count synthetic rows of other datasets that left for training or serving, namesakes with other rows included."""
    counted: dict[str, int] = {}
    for entry in case.programme.log.entries(action="released"):
        if entry.body["purpose"] != "share" and entry.subject != case.stored.digest:
            counted[entry.subject] = max(counted.get(entry.subject, 0), int(entry.body.get("synthetic", 0)))
    return sum(counted.values())
