"""A folder that remembers a pilot before labels exist: its draw, its questions, every answer, every standing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from bimetal.annotation import resolve
from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.pilot import Spent
from bimetal.pilot.prospective import Prospective, learned_by_any
from bimetal.pilot.standing import standing
from bimetal.programme import clock
from bimetal.programme.config import FILE as CONFIG
from bimetal.programme.journal import Journal
from bimetal.programme.opening import Opening, begun, registered, remembered, synthetic_of
from bimetal.programme.pilots import OnCell, Order, pilot_alone
from bimetal.programme.programme import Programme, opened
from bimetal.programme.questions import Sheet, read_answers, write_questions
from bimetal.programme.work.asking import ask, jobs_of, settled_answers, take_up
from bimetal.store import files as disk
from bimetal.store.lock import only_one
from bimetal.store.snapshots import Snapshots
from bimetal.types import Annotation, Spec

MEMORY = ".pilot"
STANDING = "standing.json"  # what bimetal plan reads
_TEXT: pa.DataType = pa.string()
ANSWERS = pa.schema({"id": _TEXT, "item": _TEXT, "annotator": _TEXT, "value": _TEXT, "at": pa.timestamp("us", "UTC")})


@dataclass(frozen=True)
class Turn:
    """What a call came to: files to fill in or jobs of the queue, what waits or ties, and the standing as JSON."""

    files: tuple[Path, ...] = ()
    waiting: int = 0
    tied: tuple[str, ...] = ()
    new_answers: int = 0
    standing: Mapping[str, Any] | None = None
    jobs: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        return self.standing is not None and self.standing["verdict"] is not None

    def json(self) -> dict[str, Json]:
        """Documented keys: files, jobs, waiting, tied, new_answers, standing."""
        return {
            "files": [str(each) for each in self.files],
            "jobs": list(self.jobs),
            "waiting": self.waiting,
            "tied": list(self.tied),
            "new_answers": self.new_answers,
            "standing": None if self.standing is None else dict(self.standing),
        }


def start(
    folder: Path, opening: Opening, now: Callable[[], datetime] = clock.now, actor: str = "", *, files: bool = False
) -> Turn:
    """Draw the panel, register the design, ask the first questions; raises InputError where one stands already.

    Inside a programme the panel and each rung are jobs of its queue; elsewhere, or with `files`, they are files to fill
    in.
    """
    pilot = begun(opening)
    above = None if files else programme_above(folder)
    with _alone(folder):
        journal = Journal(folder, now, actor or clock.person())
        if journal.entries():
            raise InputError(f"{folder} holds a pilot already", f"go on with: bimetal pilot next {folder}")
        body = registered(pilot, opening, Snapshots(folder / MEMORY / "snapshots"))
        written: tuple[Path, ...] = ()
        jobs: tuple[str, ...] = ()
        if above:
            with opened(above, now=now, actor=actor or None) as programme:
                jobs = ask(programme, folder.name, pilot, opening.sheet)
        else:
            written = write_questions(folder, 1, pilot.questions, opening.sheet)
        journal.add("pilot.registered", {**body, "queue": bool(above)})
        _tell(folder, "pilot.registered", {"design": pilot.digest, "folder": str(folder)}, now, actor)
    return Turn(written, len(pilot.waiting), jobs=jobs)


def proceed(
    folder: Path,
    answers: Sequence[Path] = (),
    close: bool = False,
    on_cell: OnCell | None = None,
    workers: int | None = None,
    now: Callable[[], datetime] = clock.now,
) -> Turn:
    """Take answers in, and once all are there judge: write the next rung's questions, or end with a verdict.

    Without `answers` what people settled in the queue is taken, or the questions' own files are read, filled in where
    they lie. `close` goes on without the items that still wait, with what few raters said of them. Stopped at any
    moment, the same call goes on where it was. Raises InputError for answers that cannot be taken; those taken before
    are kept.
    """
    if not Journal(folder, now, "").entries():
        raise InputError(f"{folder} holds no pilot", "begin one with: bimetal pilot start TABLE")
    with _alone(folder):
        running = _Running.of(folder, now)
        if running.ended:
            return Turn(standing=running.ended)
        new = running.take(answers or running.own_files) if answers or not running.queued else running.collect()
        if close:
            running.close()
        pilot, tied = running.pilot, running.tied
        if pilot.waiting:
            return Turn(running.own_files, len(pilot.waiting), tied, new, jobs=running.jobs)
        stands = running.judged(pilot, on_cell, workers)
        if stands["verdict"]:
            return Turn(new_answers=new, standing=stands)
        wider = pilot.wider()
        asked = running.ask(wider)
        return Turn(asked, len(wider.waiting), (), new, stands, running.jobs)


class _Running:
    """A pilot's folder, open: what its journal says, and what is added to it."""

    def __init__(self, folder: Path, journal: Journal, entries: list[dict[str, Any]]) -> None:
        self.folder, self.journal, self.entries = folder, journal, entries
        self.snapshots = Snapshots(folder / MEMORY / "snapshots")
        self.registered = entries[0]["body"]
        self.sheet = Sheet(**{**self.registered["sheet"], "labels": tuple(self.registered["sheet"]["labels"])})

    @classmethod
    def of(cls, folder: Path, now: Callable[[], datetime]) -> _Running:
        journal = Journal(folder, now, clock.person())
        return cls(folder, journal, journal.entries())

    def _bodies(self, action: str) -> list[dict[str, Any]]:
        return [each["body"] for each in self.entries if each["action"] == action]

    def _add(self, action: str, body: dict[str, Any]) -> None:
        self.journal.add(action, body)
        self.entries = self.journal.entries()

    @property
    def rung(self) -> int:
        return len(self._bodies("pilot.asked"))

    @property
    def ended(self) -> dict[str, Any] | None:
        found = self._bodies("pilot.finished")
        return found[-1] if found else None

    @property
    def queued(self) -> bool:
        """Say whether people answer in a programme's queue."""
        return bool(self.registered.get("queue"))

    @property
    def jobs(self) -> tuple[str, ...]:
        """Name the jobs people were asked in so far."""
        return jobs_of(self.folder.name, self.rung) if self.queued else ()

    @property
    def _collected(self) -> dict[str, Any]:
        """What the queue last gave: the answers' snapshot, and the items settled and in conflict."""
        found = [each for each in self._bodies("pilot.answered") if "settled" in each]
        return found[-1] if found else {"settled": [], "conflicts": []}

    @property
    def own_files(self) -> tuple[Path, ...]:
        if self.queued:
            return ()
        names = self.sheet.raters_of(self.rung + 1).values()
        return tuple(self.folder / name for name in names)

    @property
    def unanswered(self) -> Prospective:
        """The pilot as registered, at the rung that was asked for."""
        return remembered(self.registered, self.snapshots, self.rung)

    @property
    def pilot(self) -> Prospective:
        """The pilot with the answers that are complete."""
        asked = self.unanswered
        votes = self.annotations
        given = Counter(item for item, _ in {(each.item, each.annotator) for each in votes})
        closed = {item for body in self._bodies("pilot.closed") for item in body["items"]}
        resolved = {row["id"]: row["label"] for row in resolve(votes).to_pylist()}
        settled = closed | set(self._collected["settled"])
        done = {item for item in resolved if given[item] >= self.sheet.raters or item in settled}
        labels = {item: resolved[item] for item in done if resolved[item] is not None}
        return asked.advance(labels, closed - set(labels))

    @property
    def tied(self) -> tuple[str, ...]:
        """Items that everybody answered and nobody won, or that wait for an adjudicator."""
        waiting = set(self.pilot.waiting)
        if self.queued:
            return tuple(each for each in self._collected["conflicts"] if each in waiting)
        found = resolve(self.annotations).to_pylist()
        return tuple(
            row["id"]
            for row in found
            if row["label"] is None and row["votes"] >= self.sheet.raters and row["id"] in waiting
        )

    @property
    def annotations(self) -> list[Annotation]:
        """Every answer taken so far, oldest first; of the queue's, those it gave last."""
        found = []
        taken = self._bodies("pilot.answered")
        last = self._collected
        for body in (each for each in taken if "settled" not in each or each is last):
            self.snapshots.verify(body["answers"])
            found += [_annotation(row) for row in self.snapshots.get(body["answers"]).to_pylist()]
        return found

    def take(self, paths: Sequence[Path]) -> int:
        """Keep the answers that are new or changed; returns how many."""
        asked = frozenset(self.unanswered.asked)
        at = self.journal.now()
        given = [each for path in paths for each in read_answers(path, self.sheet, asked, at)]
        held = {(each.item, each.annotator): each.value for each in self.annotations}
        new = [each for each in given if held.get((each.item, each.annotator)) != each.value]
        if not given and not held:
            raise InputError(
                f"no item in {paths[0].name} has a label yet", f"write one into column {self.sheet.label!r}"
            )
        if new:
            columns = ("id", "item", "annotator", "value", "at")
            table = pa.Table.from_pylist([{name: getattr(each, name) for name in columns} for each in new])
            self._add("pilot.answered", {"items": len(new), "answers": self.snapshots.put(table)})
        return len(new)

    def collect(self) -> int:
        """Keep what people have settled in the queue, where it is not kept already; returns how many answers are new.

        Each time everything settled is kept anew: an answer corrected since, or overruled, is then another.
        """
        with self._programme() as programme:
            given, states = settled_answers(programme, self.jobs)
        held = {(each.item, each.annotator): each.value for each in self.annotations}
        new = sum(held.get((each.item, each.annotator)) != each.value for each in given)
        before = self._collected
        if (states.settled, states.conflicts) != (tuple(before["settled"]), tuple(before["conflicts"])) or new:
            columns = ("id", "item", "annotator", "value", "at")
            rows = [{name: getattr(each, name) for name in columns} for each in given]
            kept = self.snapshots.put(pa.Table.from_pylist(rows, schema=ANSWERS))
            said = {"settled": list(states.settled), "conflicts": list(states.conflicts)}
            self._add("pilot.answered", {"items": new, "answers": kept, **said})
        return new

    @contextmanager
    def _programme(self) -> Iterator[Programme]:
        above = programme_above(self.folder)
        if above is None:
            raise InputError(f"{self.folder} asks in a queue, and lies in no programme", "move it back into its folder")
        with opened(above, now=self.journal.now) as programme:
            yield programme

    def close(self) -> None:
        """Go on without the items that wait, with what few raters said of them."""
        if self.queued:
            with self._programme() as programme:
                take_up(programme, self.jobs)
            self.collect()
        waiting = self.pilot.waiting
        if waiting:
            self._add("pilot.closed", {"items": list(waiting)})

    def judged(self, pilot: Prospective, on_cell: OnCell | None, workers: int | None) -> dict[str, Any]:
        """Fit every arm, keep where the pilot stands, and end it where there is a verdict."""
        spent = Spent(self.sheet.raters, 0, self.registered["seed_labels"])
        synthetic, learner = synthetic_of(self.registered, self.snapshots), Spec(**self.registered["learner"])
        data = pilot.data(synthetic)
        result = pilot_alone(Order(data, learner, pilot.design, spent), self.folder / MEMORY, on_cell, workers)
        stands = standing(pilot, result, learned_by_any(synthetic)).json()
        body = {**stands, "rung": pilot.rung, "findings": [each.json() for each in result.facts.findings]}
        disk.write(self.folder / STANDING, json.dumps(body, indent=1, default=list).encode())
        if self.queued:
            with self._programme() as programme:
                take_up(programme, self.jobs)
        self._add("pilot.stood" if stands["verdict"] is None else "pilot.finished", body)
        if stands["verdict"]:
            kept = {name: stands[name] for name in ("answer", "verdict", "labels", "spent", "purchase")}
            _tell(self.folder, "pilot.finished", {**kept, "folder": str(self.folder)}, self.journal.now, "")
        return body

    def ask(self, pilot: Prospective) -> tuple[Path, ...]:
        """Ask the questions of the next rung, then say in the journal that they were asked."""
        written: tuple[Path, ...] = ()
        if self.queued:
            with self._programme() as programme:
                ask(programme, self.folder.name, pilot, self.sheet)
        else:
            written = write_questions(self.folder, pilot.rung + 1, pilot.questions, self.sheet)
        self._add("pilot.asked", {"rung": pilot.rung, "items": len(pilot.waiting)})
        return written


def _annotation(row: dict[str, Any]) -> Annotation:
    return Annotation(row["id"], row["item"], row["annotator"], "human", row["value"], row["at"])


def _tell(folder: Path, action: str, body: dict[str, Any], now: Callable[[], datetime], actor: str) -> None:
    """Write an act into the log of the programme that the folder lies in, where there is one."""
    above = programme_above(folder)
    if above:
        with opened(above, now=now, actor=actor or None) as programme:
            programme.record(action, folder.name, body)


def programme_above(folder: Path) -> Path | None:
    """Find the programme a folder lies in, where there is one."""
    return next((each for each in folder.resolve().parents if (each / CONFIG).exists()), None)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with only_one(folder / MEMORY, "turn"):
        yield
