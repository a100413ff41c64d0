"""garak's reports and hit logs in JSON Lines: prompts with probe, what detectors said, and whether it was a hit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bimetal.connectors._items import by_item, items
from bimetal.connectors._losses import EVERYTHING, losses, refuse_task
from bimetal.connectors._probes import OURS, THRESHOLD, carried, exchanged, judged, outcome, regained
from bimetal.connectors._reading import lines_of, listed, number, only, record, shown, word
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss
from bimetal.types import Annotation

_TASKS = ("classification",)
_JUDGED = 2  # garak writes an attempt when it has replies (1) and again when detectors have judged them


@dataclass(frozen=True)
class Garak:
    """Read garak's `report.jsonl` or `hitlog.jsonl`: an item a prompt, its label hit or safe.

    Columns: `family` (the probe's module), `probe`, `goal`, `hits` among `replies`, and `reply`, the one that scored
    highest. A score from the run's own threshold up is a hit; each detector's verdict is an answer by a model. A prompt
    no detector judged has no label, and a hit log holds hits alone: it cannot say how often a model held.
    """

    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        name, raw = only(files, ".jsonl")
        whole: dict[str, tuple[str, dict[str, Any]]] = {}
        hits: list[tuple[str, dict[str, Any]]] = []
        threshold = THRESHOLD
        for where, line in lines_of(name, raw):
            if line.get("entry_type") == "attempt":
                key = word(f"{where} uuid", line.get("uuid"))
                if key not in whole or line.get("status") == _JUDGED:
                    whole[key] = (where, line)
            elif line.get("entry_type") == "start_run setup":
                threshold = number(f"{where} run.eval_threshold", line.get("run.eval_threshold", threshold))
            elif "entry_type" not in line and "attempt_id" in line:
                hits.append((where, line))
            elif "entry_type" not in line:
                raise InputError(f"{where} is no line of garak's", "pass NAME.report.jsonl or NAME.hitlog.jsonl")
        read = [_attempt(where, line, threshold) for where, line in whole.values()] if whole else list(_logged(hits))
        left = sum(row is None for row, _ in read)
        lost = (Loss("prompts", f"{left} prompts that are no text, such as pictures or sounds"),) if left else ()
        return exchanged([row for row, _ in read if row], [each for _, said in read for each in said], lost)

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `bimetal.report.jsonl`: an attempt an item; all that garak has no place for stands in its notes."""
        refuse_task(exchange, "garak", self.tasks)
        given = by_item(exchange.annotations)
        for place, row in enumerate(items(exchange.rows)):
            line = {
                "entry_type": "attempt",
                "uuid": row["id"],
                "seq": place,
                "status": _JUDGED,
                "probe_classname": row.get("probe") or "bimetal.Import",
                "prompt": {"turns": [{"role": "user", "content": {"text": row["text"]}}], "notes": {}},
                "outputs": [],
                "detector_results": {},
                "notes": {OURS: carried(row, given.get(row["id"], ()))},
            }
            yield "bimetal.report.jsonl", json.dumps(line, ensure_ascii=False).encode() + b"\n"

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        return losses(exchange, EVERYTHING, labels="labels that no answer gives")


_Read = tuple[dict[str, Any] | None, list[Annotation]]


def _attempt(where: str, line: Mapping[str, Any], threshold: float) -> _Read:
    notes = line.get("notes")
    if isinstance(notes, dict) and OURS in notes:
        return regained(where, notes[OURS])
    text = _text(where, line.get("prompt"))
    if text is None:
        return None, []
    item = word(f"{where} uuid", line.get("uuid"))
    replies = [_text(where, each) or "" for each in listed(f"{where} outputs", line.get("outputs") or [])]
    found = line.get("detector_results") or {}
    scores = {} if isinstance(found, list) else record(f"{where} detector_results", found)  # a bare list has no scores
    by_detector = {name: _scores(where, each) for name, each in scores.items()}
    answers = [
        judged(item, name, max(known) >= threshold, {})
        for name, each in sorted(by_detector.items())
        if (known := [score for score in each if score is not None])
    ]
    worst = [
        max((each[at] or 0.0 for each in by_detector.values() if at < len(each)), default=0.0)
        for at in range(len(replies))
    ]
    probe = word(f"{where} probe_classname", line.get("probe_classname") or "unknown")
    row = _row(item, text, probe, line.get("goal"))
    row |= {"replies": len(replies), "hits": sum(each >= threshold for each in worst)}
    row["reply"] = replies[max(range(len(worst)), key=worst.__getitem__)] if replies else None
    return row | {"label": outcome(answers)}, answers


def _logged(hits: list[tuple[str, dict[str, Any]]]) -> Iterator[_Read]:
    """Gather the lines of a hit log, one a reply and detector, by the attempt they are of."""
    together: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for where, line in hits:
        together.setdefault(word(f"{where} attempt_id", line.get("attempt_id")), []).append((where, line))
    for item, lines in together.items():
        where, first = lines[0]
        text = _text(where, first.get("prompt"))
        if text is None:
            yield None, []
            continue
        names = {word(f"{at} detector", line.get("detector") or "unnamed") for at, line in lines}
        answers = [judged(item, name, True, {}) for name in sorted(names)]
        row = _row(item, text, word(f"{where} probe", first.get("probe") or "unknown"), first.get("goal"))
        indices = {number(f"{at} attempt_idx", line.get("attempt_idx") or 0) for at, line in lines}
        row |= {"replies": int(number(f"{where} generations", first.get("generations_per_prompt") or len(indices)))}
        yield (
            row | {"hits": len(indices), "reply": _text(where, first.get("output")), "label": outcome(answers)},
            answers,
        )


def _row(item: str, text: str, probe: str, goal: Any) -> dict[str, Any]:
    family = probe.removeprefix("probes.").partition(".")[0]
    return {"id": item, "text": text, "family": family, "probe": probe, "goal": goal if isinstance(goal, str) else None}


def _text(where: str, value: Any) -> str | None:
    """Read a prompt or reply in the three ways garak has spelled them; turns before the last are kept, each named."""
    if value is None or isinstance(value, str):
        return value
    whole = record(where, value)
    if "turns" not in whole:
        text = whole.get("text")
        return text if isinstance(text, str) else None
    turns = [record(f"{where} turn", each) for each in listed(f"{where} turns", whole["turns"])]
    said = [(str(each.get("role")), _text(f"{where} content", each.get("content"))) for each in turns]
    if not said or any(text is None for _, text in said):
        return None
    return said[0][1] if len(said) == 1 else "\n".join(f"{role}: {text}" for role, text in said)


def _scores(where: str, value: Any) -> list[float | None]:
    if not isinstance(value, list):
        raise InputError(f"{where} detector_results holds {shown(value)}, expected scores", "export it again")
    return [None if each is None else number(f"{where} score", each) for each in value]
