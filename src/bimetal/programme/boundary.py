"""The boundary subset: defined before generation, frozen at release, labelled by named people alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.canonical import Json
from bimetal.decision.boundary import Boundary, SliceOf, Threshold, membership
from bimetal.decision.boundary import tau as bound
from bimetal.errors import InputError
from bimetal.payload import where
from bimetal.pilot.tables import payload_digests, refuse_overlap
from bimetal.programme.models import Fitted, matrix, model_of, predicted
from bimetal.programme.payloads import payloads

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored
    from bimetal.types import Entry, FloatArray

HELD_OUT = 3  # without a calibration set, one training row in so many is set aside for it


@dataclass(frozen=True)
class Definition:
    """What belongs to the boundary: thresholds, slices, a random share, and top-two margins up to `tau` of a model.

    `tau` covers `boundary.coverage` of the model's errors with `boundary.confidence`; it is infinite, and every row
    belongs, where the calibration set holds too few errors to say so. Without a model it is None.
    """

    boundary: Boundary
    model: Mapping[str, Any] | None
    tau: float | None
    errors: int
    calibration: str
    seq: int = -1

    @property
    def words(self) -> str:
        """Say the definition in a sentence."""
        parts = [_range(each) for each in self.boundary.thresholds]
        parts += [f"{each.column} {each.value}" for each in self.boundary.slices]
        if self.tau is not None:
            parts.append(self._margin())
        if not parts:
            return "every row: no threshold, slice or model narrows it"
        return f"{'; '.join(parts)}; and {self.boundary.random_share:.0%} at random"

    def _margin(self) -> str:
        assert self.tau is not None
        asked = f"{self.boundary.coverage:.0%} of errors with {self.boundary.confidence:.0%} confidence"
        if not isfinite(self.tau):
            return f"every row: {self.errors} errors in the calibration set are too few to cover {asked}"
        return f"top-two margin up to {self.tau:.4g}, which covers {asked} ({self.errors} errors)"

    def json(self) -> dict[str, Json]:
        return {
            "boundary": _plain(self.boundary),
            "model": None if self.model is None else dict(self.model),
            "tau": None if self.tau is None or not isfinite(self.tau) else self.tau,
            "narrowed": self.tau is not None,
            "errors": self.errors,
            "calibration": self.calibration,
            "words": self.words,
        }


def define(programme: Programme, calibration: str | None = None, *, model: bool = True) -> Definition:
    """Define the boundary subset by bimetal.toml's [boundary] and, unless told not to, a model; the log keeps it.

    The calibration set is a labelled dataset the model is not trained on, never a panel; without one, a third of the
    real training rows people labelled is set aside. Raises InputError where it is a panel or overlaps with training.
    """
    boundary = programme.config.boundary
    if not model:
        return _kept(programme, Definition(boundary, None, None, 0, ""))
    train, held = _split(programme) if calibration is None else _given(programme, programme.dataset(calibration))
    fitted = model_of(programme, train)
    digest = programme.snapshots.put(held)
    scores = fitted.scores(held, digest)
    wrong = np.array([a != b for a, b in zip(predicted(scores), held["label"].to_pylist(), strict=True)], bool)
    tau = bound(top_two(matrix(scores)), wrong, boundary)
    return _kept(programme, Definition(boundary, fitted.facts, tau, int(wrong.sum()), digest))


def defined(programme: Programme) -> Definition | None:
    """Return the newest definition, or None."""
    entries = list(programme.log.entries(action="boundary.defined"))
    return _parsed(entries[-1]) if entries else None


def members(programme: Programme, rows: pa.Table, came: int = 0) -> list[str | None]:
    """Say for each row why it belongs to the boundary subset, null where it does not.

    A row that belonged at an earlier release, or by the definition that stood when log entry `came` brought it, belongs
    for good: a new definition may add rows, and never drops one. Raises InputError where nothing is defined.
    """
    definitions = [_parsed(each) for each in programme.log.entries(action="boundary.defined")]
    if not definitions:
        raise InputError("no boundary subset is defined", "run: bimetal boundary define")
    stood = [each for each in definitions[:-1] if each.seq < came < definitions[-1].seq][-1:]
    now, *then = (_inside(programme, each, rows) for each in (definitions[-1], *stood))
    earlier = [f"since entry {stood[0].seq}: {why}" if why else None for why in then[0]] if then else now
    before = frozen(programme)
    keys = payloads(programme, rows)
    return [why or old or before.get(key) for why, old, key in zip(now, earlier, keys, strict=True)]


def came(programme: Programme, stored: Stored) -> int:
    """Number the log entry that first brought a dataset's rows."""
    return min((each.seq for each in programme.log.entries(subject=stored.digest)), default=0)


def frozen(programme: Programme) -> dict[str, str]:
    """Read every row that ever left as a member, by the digest of its payload, with the reason."""
    found: dict[str, str] = {}
    for entry in programme.log.entries(action="released"):
        digest = (entry.body.get("boundary") or {}).get("members")
        for row in programme.snapshots.get(digest).to_pylist() if digest else ():
            found.setdefault(row["payload"], f"since entry {entry.seq}: {row['why'].rpartition(': ')[2]}")
    return found


def freeze(programme: Programme, rows: pa.Table, why: list[str | None]) -> dict[str, Json]:
    """Keep a release's members, so that they stay members, and say what the log shall hold of them."""
    inside = [(key, told) for key, told in zip(payloads(programme, rows), why, strict=True) if told is not None]
    table = pa.table({"payload": [key for key, _ in inside], "why": [told for _, told in inside]}, MEMBERS)
    definition = defined(programme)
    assert definition is not None
    return {"definition": definition.seq, "rows": len(inside), "members": programme.snapshots.put(table)}


MEMBERS = pa.schema({"payload": pa.string(), "why": pa.string()})


def top_two(scores: FloatArray) -> FloatArray:
    """Take each row's best score less its second best; scores have shape (rows, classes).

    >>> top_two(np.array([[0.7, 0.2, 0.1], [0.5, 0.5, 0.0]])).round(2).tolist()
    [0.5, 0.0]
    """
    if scores.shape[1] < 2:
        return np.ones(len(scores))
    best = np.partition(scores, -2, axis=1)
    return np.asarray(best[:, -1] - best[:, -2])


def _inside(programme: Programme, definition: Definition, rows: pa.Table) -> list[str | None]:
    margins = _margins(programme, definition, rows)
    return list(membership(rows, definition.boundary, margins, definition.tau).to_pylist())


def _margins(programme: Programme, definition: Definition, rows: pa.Table) -> FloatArray | None:
    if definition.model is None:
        return None
    if definition.tau == inf:
        return np.zeros(rows.num_rows)
    fitted = Fitted(programme, definition.model)
    return top_two(matrix(fitted.scores(rows, programme.snapshots.put(rows))))


def _split(programme: Programme) -> tuple[pa.Table, pa.Table]:
    rows = _labelled(programme)
    mine = [int(hashlib.sha256(key.encode()).hexdigest(), 16) % HELD_OUT == 0 for key in payload_digests(rows)]
    held = pa.array(mine, pa.bool_())
    return rows.filter(pa.array([not each for each in mine], pa.bool_())), rows.filter(held)


def _given(programme: Programme, stored: Stored) -> tuple[pa.Table, pa.Table]:
    from bimetal.programme.quarantine import refuse_quarantined  # whose checks are judged by rules that know boundaries

    held = programme.snapshots.get(stored.digest)
    if stored.role == "panel":
        raise InputError(
            f"{stored.name} is an evaluation panel: tau would be tuned on it", "calibrate on other labelled rows"
        )
    refuse_quarantined(programme, stored, "no boundary is calibrated on it")
    unlabelled = held["label"].null_count
    if unlabelled or not held.num_rows:
        raise InputError(
            f"{unlabelled or 'all'} rows of {stored.name} have no label", "calibrate on rows that people labelled"
        )
    by_people = where(where(held, "item_origin", "real"), "label_origin", "human", "replayed").num_rows
    if by_people < held.num_rows:
        raise InputError(
            f"{held.num_rows - by_people} rows of {stored.name} are not real rows that people labelled",
            "calibrate on others: a model's errors on these say nothing about the boundary",
        )
    others = [each for each in programme.usable("train") if each.digest != stored.digest]
    tables = [(each.name, programme.snapshots.get(each.digest)) for each in others]
    if not tables:
        raise InputError("no other training rows are left to fit a model on", "leave --calibration out")
    refuse_overlap(held, tables)
    return pa.concat_tables([rows for _, rows in tables], promote_options="permissive"), held


def _labelled(programme: Programme) -> pa.Table:
    rows = programme.rows("train")
    real = None if rows is None else where(where(rows, "item_origin", "real"), "label_origin", "human", "replayed")
    if real is None or real.num_rows < 2 * HELD_OUT:
        raise InputError(
            "too few real rows that people labelled to fit a model on",
            "run: bimetal boundary define --without-model, or add labelled rows first",
        )
    return real


def _kept(programme: Programme, definition: Definition) -> Definition:
    entry = programme.record("boundary.defined", programme.config.programme.name, definition.json())
    return _parsed(entry)


def _parsed(entry: Entry) -> Definition:
    body = entry.body
    tau = None if not body["narrowed"] else inf if body["tau"] is None else float(body["tau"])
    boundary = _boundary(body["boundary"])
    return Definition(boundary, body["model"], tau, body["errors"], body["calibration"], entry.seq)


def _range(each: Threshold) -> str:
    if not isfinite(each.low):
        return f"{each.column} up to {each.high:g}"
    return f"{each.column} from {each.low:g}" + (f" to {each.high:g}" if isfinite(each.high) else "")


def _plain(boundary: Boundary) -> dict[str, Json]:
    plain = asdict(boundary)
    for each in plain["thresholds"]:
        each |= {end: each[end] if isfinite(each[end]) else None for end in ("low", "high")}
    return plain


def _boundary(plain: Mapping[str, Any]) -> Boundary:
    ends = [{name: end for name, end in each.items() if end is not None} for each in plain["thresholds"]]
    thresholds = tuple(Threshold(**each) for each in ends)
    slices = tuple(SliceOf(**each) for each in plain["slices"])
    return Boundary(**{**plain, "thresholds": thresholds, "slices": slices})
