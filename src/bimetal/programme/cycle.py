"""One turn of the loop per production window: score, test for drift, ask people, regenerate, retrain, promote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.monitor import drift, route, targets, weak_slices
from bimetal.payload import where
from bimetal.programme import queue
from bimetal.programme.checking import file_findings, filed_findings
from bimetal.programme.generation import generate
from bimetal.programme.models import Fitted, matrix, predicted
from bimetal.stats import crossed_difference, wilson
from bimetal.types import Dataset, Finding, Interval, Origin, Spec, Target

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored
    from bimetal.types import FloatArray

Tell = Callable[[str], None]
UNCERTAIN, RANDOM = "uncertain", "random"  # why an item was sent to people


@dataclass(frozen=True)
class Waiting:
    """The cycle stands still until people answer: which window, how many items, where they are listed."""

    window: str
    items: int


@dataclass(frozen=True)
class Turn:
    """What one production window did: drift found, items people answered, and the model before and after.

    `production` intervals are accuracies on the window's random stream, which is never trained on.
    """

    window: str
    drifted: bool
    findings: tuple[Finding, ...]
    routed: int
    labels: int
    targets: tuple[Target, ...]
    panel: tuple[Interval | None, Interval | None]
    production: tuple[Interval | None, Interval | None]
    difference: Interval
    promoted: bool

    def json(self) -> dict[str, Json]:
        before, after = (
            {"panel": panel.json() if panel else None, "production": production.json() if production else None}
            for panel, production in zip(self.panel, self.production, strict=True)
        )
        return {
            "window": self.window,
            "drifted": self.drifted,
            "drift": [each.json() for each in self.findings],
            "routed": self.routed,
            "labels": self.labels,
            "targets": [each.json() for each in self.targets],
            "before": before,
            "after": after,
            "difference": self.difference.json(),
            "promoted": self.promoted,
        }


def advance(programme: Programme, tell: Tell = lambda _: None) -> Waiting | Turn | None:
    """Take the oldest unfinished window to its end, or to where it waits for people; None where no window is left.

    Every step is stored under the digest of its inputs, so the same call after a crash goes on where it stopped.
    Raises InputError where the programme has no labelled rows or no panel to judge a model by.
    """
    with programme.alone("cycle"):
        left = _unfinished(programme)
        return _turn(programme, left[0], tell) if left else None


def windows_left(programme: Programme) -> list[Waiting]:
    """List the windows not finished yet, with the items each waits for."""
    raters = programme.config.cycle.raters
    return [Waiting(each.name, queue.waiting(programme, each.name, raters)) for each in _unfinished(programme)]


def history(programme: Programme) -> list[dict[str, Any]]:
    """Read every finished turn back from the log, oldest first, its drift findings from their snapshot."""
    turns = [dict(entry.body) for entry in programme.log.entries(action="cycle.finished")]
    return [{**turn, "drift": [each.json() for each in filed_findings(programme, turn["drift"])]} for turn in turns]


def champion(programme: Programme) -> Fitted:
    """Return the model in service: the last promoted, or the first, fitted on every training row there is."""
    promoted = promotions(programme)
    if promoted:
        return promoted[-1]
    first = _fitted(programme)
    programme.record("model.promoted", first.digest, first.facts)
    return first


def promotions(programme: Programme) -> list[Fitted]:
    """List every model that was ever put in service, oldest first."""
    return [Fitted(programme, entry.body["train"]) for entry in programme.log.entries(action="model.promoted")]


def _unfinished(programme: Programme) -> list[Stored]:
    done = {entry.subject for entry in programme.log.entries(action="cycle.finished")}
    return [each for each in programme.datasets("production") if each.digest not in done]


def _turn(programme: Programme, window: Stored, tell: Tell) -> Waiting | Turn:
    rows = programme.snapshots.get(window.digest)
    before = champion(programme)
    tell(f"{window.name}: scoring {rows.num_rows} items")
    scores = before.scores(rows, window.digest)
    findings = _drift(programme, window, rows)
    tell(f"{window.name}: {'drift found' if _drifted(findings) else 'no drift found'}")
    _route(programme, window, rows, scores)
    unanswered = queue.waiting(programme, window.name, programme.config.cycle.raters)
    if unanswered:
        return Waiting(window.name, unanswered)
    labelled = queue.labelled(programme, window.name, rows)
    guessed = dict(zip(rows["id"].to_pylist(), predicted(scores), strict=True))
    seen = pa.array([guessed[item] for item in labelled["id"].to_pylist()])
    steer = _steered(programme, labelled.append_column("predicted", seen))
    tell(f"{window.name}: {labelled.num_rows} labels resolved; drawing synthetic rows for the weak slices")
    after = _retrained(programme, window, labelled, steer)
    tell(f"{window.name}: judging the retrained model on the panel")
    return _judge(programme, _Judged(window, labelled, findings, steer, before, after))


def _drift(programme: Programme, window: Stored, rows: pa.Table) -> tuple[Finding, ...]:
    reference = programme.rows("pool") or programme.rows("panel")
    if reference is None:
        raise InputError("there is nothing to compare production with", "add real rows with --role pool")
    seed = programme.config.programme.rng_seed
    held = [each.digest for role in ("pool", "panel") for each in programme.datasets(role)]
    key: dict[str, Json] = {"window": window.digest, "reference": held, "rng_seed": seed}
    rng = np.random.default_rng([seed, 6])
    found: Any = programme.steps.value("drift", key, lambda: [each.json() for each in drift(reference, rows, rng)])
    return tuple(Finding(**each) for each in found)


def _drifted(findings: tuple[Finding, ...]) -> bool:
    return any(each.verdict == "fail" for each in findings)


def _route(programme: Programme, window: Stored, rows: pa.Table, scores: pa.Table) -> None:
    """Queue the items the model is least sure of, and a random stream; once per window."""
    if queue.queued(programme, window.name):
        return
    settings = programme.config.cycle
    strategy = Spec("strategies", "margin", {"random_share": settings.random_share})
    rng = np.random.default_rng([programme.config.programme.rng_seed, 7, rows.num_rows])
    chosen = route(matrix(scores), settings.batch, rng, strategy)
    ids = rows["id"].to_pylist()
    pairs = zip(chosen.indices, chosen.probability, strict=True)
    items = [(str(ids[at]), UNCERTAIN if p == 1 else RANDOM, float(p)) for at, p in pairs]
    queue.send(programme, window.name, items, turn=1)


def _steered(programme: Programme, labelled: pa.Table) -> tuple[Target, ...]:
    """Ask for more of the labels the model misses; labels nobody met in this window keep their even share."""
    found = targets(weak_slices(labelled))
    known = programme.config.task.labels
    seen = len(found) / len(known) if len(known) > len(found) else 1.0
    return tuple(replace(each, share=round(each.share * seen, 6)) for each in found)


def _retrained(programme: Programme, window: Stored, labelled: pa.Table, steer: tuple[Target, ...]) -> Fitted:
    """Keep the uncertain items as training data, draw new synthetic rows, and fit on everything, old rows too."""
    uncertain = where(labelled, "reason", UNCERTAIN).drop_columns("reason")
    name = f"{window.name}-labelled"
    if not programme.datasets(name=name):
        origin = Origin("real", window.source, window.licence, None, (window.digest,))
        programme.keep(
            Dataset(name, uncertain, programme.config.labelled, "train", origin), "labelled", chosen=UNCERTAIN
        )
    turn = len(history(programme)) + 1
    n = round(programme.config.cycle.synthetic_ratio * uncertain.num_rows)
    generate(
        programme, n, f"{window.name}-synthetic", targets=steer, rng_seed=programme.config.programme.rng_seed + turn
    )
    return _fitted(programme)


def _fitted(programme: Programme) -> Fitted:
    rows = programme.rows("train")
    if rows is None:
        raise InputError("the programme has no labelled rows", "run: bimetal add TABLE --role train --source NAME")
    return Fitted(programme, programme.snapshots.put(rows))


@dataclass(frozen=True)
class _Judged:
    window: Stored
    labelled: pa.Table
    findings: tuple[Finding, ...]
    targets: tuple[Target, ...]
    before: Fitted
    after: Fitted


def _judge(programme: Programme, judged: _Judged) -> Turn:
    """Promote the retrained model unless the panel says it is worse, and log the turn with the promotion."""
    panel = programme.rows("panel")
    if panel is None:
        raise InputError("the programme has no panel to judge a model by", "add one with --role panel")
    digest = programme.snapshots.put(panel)
    was, now = (model.correct(panel, digest) for model in (judged.before, judged.after))
    stream = where(judged.labelled, "reason", RANDOM).drop_columns("reason")
    stream_digest = programme.snapshots.put(stream)
    seen = [model.correct(stream, stream_digest) for model in (judged.before, judged.after)]
    difference = crossed_difference(now[None], was[None])
    turn = Turn(
        window=judged.window.name,
        drifted=_drifted(judged.findings),
        findings=judged.findings,
        routed=len(queue.queued(programme, judged.window.name)),
        labels=judged.labelled.num_rows,
        targets=judged.targets,
        panel=(_share(was), _share(now)),
        production=(_share(seen[0]), _share(seen[1])),
        difference=difference,
        promoted=difference.high >= 0 and difference.estimate >= -programme.config.cycle.margin,
    )
    _finish(programme, judged, turn)
    return turn


def _finish(programme: Programme, judged: _Judged, turn: Turn) -> None:
    """Log the promotion and the finished turn in one transaction, so that no crash leaves one without the other."""
    outcome = "model.promoted" if turn.promoted else "model.kept"
    body = {**turn.json(), "drift": file_findings(programme, judged.findings)}
    programme.record(
        "cycle.finished",
        judged.window.digest,
        body,
        lambda connection: programme.append(connection, outcome, judged.after.digest, judged.after.facts),
    )


def _share(correct: FloatArray) -> Interval | None:
    return wilson(int(correct.sum()), len(correct)) if len(correct) else None
