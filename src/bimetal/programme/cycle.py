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
from bimetal.programme.environment import environment
from bimetal.programme.generation import Order, generate
from bimetal.programme.models import Fitted, matrix, model_of_now, predicted
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
    first = model_of_now(programme)
    programme.record("model.promoted", first.digest, first.facts)
    return first


def promotions(programme: Programme) -> list[Fitted]:
    """List every model that was ever put in service, oldest first."""
    return [Fitted(programme, entry.body) for entry in programme.log.entries(action="model.promoted")]


def _finished(programme: Programme) -> set[str]:
    return {entry.subject for entry in programme.log.entries(action="cycle.finished")}


def _unfinished(programme: Programme) -> list[Stored]:
    done = _finished(programme)
    return [each for each in programme.datasets("production") if each.digest not in done]


def _turn(programme: Programme, window: Stored, tell: Tell) -> Waiting | Turn:
    _refuse_unready(programme)
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
    labelled = _labelled(programme, window, rows, scores)
    tell(f"{window.name}: {labelled.num_rows} labels resolved; drawing synthetic rows for the weak slices")
    steer = _steered(programme, labelled)
    after = _retrained(programme, window, labelled, steer)
    tell(f"{window.name}: judging the retrained model on the panel")
    return _judge(programme, _Judged(window, labelled, findings, steer, before, after))


def _refuse_unready(programme: Programme) -> None:
    """Say what is missing before people label for days."""
    if programme.rows("panel") is None:
        raise InputError("the programme has no panel to judge a model by", "add one with --role panel")
    if programme.config.generator is None:
        raise InputError("bimetal.toml names no generator", "add a [generator] table with a name")


def _drift(programme: Programme, window: Stored, rows: pa.Table) -> tuple[Finding, ...]:
    pool = programme.rows("pool")
    reference = programme.rows("panel") if pool is None else where(pool, "item_origin", "real", "undeclared")
    assert reference is not None  # a programme without a panel was refused
    seed = programme.config.programme.rng_seed
    kept = programme.snapshots.put(reference)
    key: dict[str, Json] = {"window": window.digest, "reference": kept, "rng_seed": seed, "environment": environment()}
    rng = np.random.default_rng([seed, 6, _number(window)])
    found: Any = programme.steps.value("drift", key, lambda: [each.json() for each in drift(reference, rows, rng)])
    return tuple(Finding(**each) for each in found)


def _drifted(findings: tuple[Finding, ...]) -> bool:
    return any(each.verdict == "fail" for each in findings)


def _number(window: Stored) -> int:
    """Give each window random numbers of its own."""
    return int(window.digest[:12], 16)


def _route(programme: Programme, window: Stored, rows: pa.Table, scores: pa.Table) -> None:
    """Queue the items the model is least sure of, and a random stream; once per window."""
    if queue.queued(programme, window.name):
        return
    settings = programme.config.cycle
    strategy = Spec("strategies", "margin", {"random_share": settings.random_share})
    rng = np.random.default_rng([programme.config.programme.rng_seed, 7, _number(window)])
    chosen = route(matrix(scores), settings.batch, rng, strategy)
    stream = chosen.probability < 1
    if not stream.any():  # the whole window is asked about: the stream is a random part of it all the same
        stream[rng.permutation(len(stream))[: round(len(stream) * settings.random_share)]] = True
    ids = rows["id"].to_pylist()
    picked = zip(chosen.indices, chosen.probability, stream, strict=True)
    items = [(str(ids[at]), RANDOM if drawn else UNCERTAIN, float(p)) for at, p, drawn in picked]
    queue.send(programme, window.name, items, turn=1)


def _labelled(programme: Programme, window: Stored, rows: pa.Table, scores: pa.Table) -> pa.Table:
    """Resolve people's answers once: what came in later does not change a turn that had begun to learn from them."""

    def resolved() -> pa.Table:
        queue.close(programme, window.name)
        found = queue.labelled(programme, window.name, rows)
        guessed = dict(zip(rows["id"].to_pylist(), predicted(scores), strict=True))
        return found.append_column("predicted", pa.array([guessed[i] for i in found["id"].to_pylist()], pa.string()))

    return programme.steps.table("labelled", {"window": window.digest}, resolved)


def _steered(programme: Programme, labelled: pa.Table) -> tuple[Target, ...]:
    """Ask for more of the labels the model misses; labels nobody met in this window keep their even share.

    The random stream has no say: it is what the new model is judged by.
    """
    found = targets(weak_slices(where(labelled, "reason", UNCERTAIN)))
    known = programme.config.task.labels
    seen = len(found) / len(known) if len(known) > len(found) else 1.0
    return tuple(replace(each, share=round(each.share * seen, 6)) for each in found)


def _retrained(programme: Programme, window: Stored, labelled: pa.Table, steer: tuple[Target, ...]) -> Fitted:
    """Keep the uncertain items as training data, draw new synthetic rows, and fit on everything, old rows too."""
    uncertain = where(labelled, "reason", UNCERTAIN).drop_columns(["reason", "predicted"])
    children = [each for each in programme.datasets("train") if window.digest in each.details["parents"]]
    if not any(each.details["kind"] == "real" for each in children):
        origin = Origin("real", window.source, window.licence, None, (window.digest,))
        dataset = Dataset(f"{window.name}-labelled", uncertain, programme.config.labelled, "train", origin)
        programme.keep(dataset, "labelled", chosen=UNCERTAIN)
    if not any(each.details["kind"] == "synthetic" for each in children):
        n = round(programme.config.cycle.synthetic_ratio * uncertain.num_rows)
        seed = programme.config.programme.rng_seed + 1 + len(_finished(programme))
        generate(programme, Order(n, f"{window.name}-synthetic", seed, steer, (window.digest,)))
    return model_of_now(programme)


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
    assert panel is not None  # a programme without one was refused
    digest = programme.snapshots.put(panel)
    was, now = (model.correct(panel, digest) for model in (judged.before, judged.after))
    stream = where(judged.labelled, "reason", RANDOM).drop_columns(["reason", "predicted"])
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
