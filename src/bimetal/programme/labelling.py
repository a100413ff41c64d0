"""Label a table by rules: votes resolved as rows people labelled say is best, kept with the rules' digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.annotation.labelling import (
    Choice,
    Facts,
    Fired,
    Judged,
    choose,
    facts,
    fire,
    judged,
    together,
)
from bimetal.canonical import Json
from bimetal.errors import InputError, PolicyError
from bimetal.payload import where
from bimetal.programme.payloads import payloads
from bimetal.programme.policy.panel import refuse_sealed, unsealed
from bimetal.programme.quarantine import refuse_quarantined
from bimetal.types import Dataset, Origin

if TYPE_CHECKING:
    from bimetal.programme.label_rules import Rules
    from bimetal.programme.programme import Programme, Stored


@dataclass(frozen=True)
class Labelling:
    """Rows with the labels rules gave them, null where none fires or they are level, and what stands behind those.

    `choice` and `judged` are None without rows people labelled: then nothing was chosen, and nothing is known of how
    right the labels are.
    """

    rows: pa.Table
    facts: Sequence[Facts]
    given: int
    asked: int
    choice: Choice | None = None
    judged: Judged | None = None

    @property
    def method(self) -> str:
        return self.choice.method if self.choice else "majority"


def label(rows: pa.Table, rules: Rules, human: pa.Table | None, rng_seed: int = 0) -> Labelling:
    """Label the rows that have no label, by the method that suits rows people labelled.

    Those are split in halves: one chooses and weighs, the other, untouched, tells how right the outcome is. Raises
    InputError where no row is without a label, or where `human` rows are not said to be labelled by people.
    """
    lacking = _lacking(rows)
    asked = rows.filter(pa.array(lacking, pa.bool_()))
    if not asked.num_rows:
        raise InputError("every row has a label already", "drop the label column to have rules give it")
    if human is None:
        fired = fire(rules.rules, asked)
        codes = together(fired, fired.at(np.zeros(0, np.int64)), "majority")
        return _labelling(rows, (lacking, fired, codes), facts(fired, rules.rules))
    human = _by_people(human)
    labels = [str(each) for each in human["label"].to_pylist()]
    fired = fire(
        rules.rules, pa.concat_tables([_only(asked, human), _only(human, asked)], promote_options="default"), labels
    )
    table, known = np.split(np.arange(len(fired.codes)), [asked.num_rows])
    order = np.random.default_rng(rng_seed).permutation(known)
    by, apart = np.sort(order[: (len(order) + 1) // 2]), np.sort(order[(len(order) + 1) // 2 :])
    truth = np.concatenate([np.full(len(table), -1), fired.among(labels)])
    others, seen = fired.at(table), np.concatenate([table, by])
    choice = choose(fired.at(by), truth[by], others, np.random.default_rng(rng_seed))
    verdict = judged(fired.at(apart), truth[apart], fired.at(seen), choice) if len(apart) else None
    codes = together(others, fired.at(by), choice.method, choice.reliability)
    told = facts(others, rules.rules, fired.at(by), truth[by])
    return _labelling(rows, (lacking, others, codes), told, choice, verdict)


def label_held(
    programme: Programme, reference: str, rules: Rules, human: str | None, order: tuple[str, int]
) -> tuple[Stored, Labelling]:
    """Label a dataset of the programme and keep the rows that got a label as training data, logged with the rules.

    `order` is the new name and the seed of the split. Rows that a panel holds, or that people labelled, are left out.
    Raises PolicyError where a panel would be labelled, or chosen by: a method fitted to the panel is judged by nothing.
    """
    name, rng_seed = order
    stored = _no_panel(programme, reference)
    if programme.datasets(name=name):
        raise InputError(f"a dataset called {name!r} is here already", "name this one with --name")
    judges = _no_panel(programme, human) if human else None
    people = unsealed(programme, judges) if judges else None
    rows = _without(programme, unsealed(programme, stored), people)
    done = label(rows, rules, people, rng_seed)
    kept = where(done.rows, "label_origin", "programmatic")
    if not kept.num_rows:
        raise InputError("no row got a label", "write rules that fire on these rows")
    refuse_sealed(programme, kept)
    parents = (stored.digest, *([judges.digest] if judges else []))
    origin = Origin(stored.details["kind"], stored.source, stored.licence, None, parents)
    dataset = Dataset(name, kept, programme.config.labelled, "train", origin)
    words = told(done, rules)
    return programme.keep(dataset, "labelled", labelling=words, rules=dict(rules.text)), done


def told(done: Labelling, rules: Rules) -> dict[str, Json]:
    """Spell what was done as JSON: the method and why, how right it is, and each rule's part."""
    choice, verdict = done.choice, done.judged
    return {
        "rules_digest": rules.digest,
        "method": done.method,
        "rows": done.asked,
        "labelled": done.given,
        "chosen_by": choice.items if choice else 0,
        "why": choice.why if choice else "no rows people labelled were given",
        "score": {name: each.json() for name, each in choice.score.items()} if choice else {},
        "gain_on_majority": {name: each.json() for name, each in choice.gain.items()} if choice else {},
        "untouched": {
            "rows": verdict.items,
            "labelled": verdict.labelled.json(),
            "right": verdict.right.json() if verdict.right else None,
        }
        if verdict
        else None,
        "each": [
            {
                "rule": each.rule,
                "labels": list(each.labels),
                "covers": each.covers,
                "overlaps": each.overlaps,
                "conflicts": each.conflicts,
                "right": each.right.json() if each.right else None,
                "judged": each.judged,
            }
            for each in done.facts
        ],
    }


def _labelling(
    rows: pa.Table,
    resolved: tuple[list[bool], Fired, Any],
    found: Sequence[Facts],
    choice: Choice | None = None,
    verdict: Judged | None = None,
) -> Labelling:
    lacking, fired, codes = resolved
    given = iter([fired.labels[code] if code >= 0 else None for code in codes])
    old = rows["label"].to_pylist() if "label" in rows.column_names else [None] * rows.num_rows
    origins = rows["label_origin"].to_pylist() if "label_origin" in rows.column_names else [None] * rows.num_rows
    labels = [next(given) if lacks else str(was) for lacks, was in zip(lacking, old, strict=True)]
    said = [
        origin if not lacks else "programmatic" if each is not None else None
        for lacks, each, origin in zip(lacking, labels, origins, strict=True)
    ]
    for name, values in {"label": labels, "label_origin": said}.items():
        rows = rows.drop_columns(name) if name in rows.column_names else rows
        rows = rows.append_column(name, pa.array(values, pa.string()))
    return Labelling(rows, found, int((codes >= 0).sum()), len(codes), choice, verdict)


def _lacking(rows: pa.Table) -> list[bool]:
    if "label" not in rows.column_names:
        return [True] * rows.num_rows
    if pa.types.is_nested(rows["label"].type):
        raise InputError(f"the labels are {rows['label'].type}, and rules give classes", "label shapes by hand")
    return [each is None for each in rows["label"].to_pylist()]


def _by_people(human: pa.Table) -> pa.Table:
    if "label" not in human.column_names:
        raise InputError("the rows to choose by have no column 'label'", "pass rows people labelled")
    human = human.filter(pc.is_valid(human["label"]))
    said = human["label_origin"].to_pylist() if "label_origin" in human.column_names else []
    others = [each for each in said if each not in {"human", None}]
    if others:
        raise InputError(
            f"{len(others)} of the rows to choose by have labels of origin {others[0]!r}", "pass rows people labelled"
        )
    if human.num_rows < 2:
        raise InputError(f"{human.num_rows} rows to choose by have a label, expected two or more", "label more rows")
    return human


def _only(rows: pa.Table, other: pa.Table) -> pa.Table:
    """Keep the payload columns both tables have, so that rules see the same of both."""
    kept = [name for name in rows.column_names if name in other.column_names and name not in {"label", "label_origin"}]
    return rows.select(kept)


def _no_panel(programme: Programme, reference: str) -> Stored:
    stored = programme.dataset(reference)
    if stored.role == "panel":
        raise PolicyError(
            f"rule panel-sealed: {stored.name} is a panel, it is for evaluation alone",
            "have people label other rows, and bring those in with --role train or gold",
        )
    refuse_quarantined(programme, stored, "no rule labels it or is chosen by it")
    return stored


def _without(programme: Programme, rows: pa.Table, people: pa.Table | None) -> pa.Table:
    if people is None:
        return rows
    known = set(payloads(programme, people))
    return rows.filter(pa.array([key not in known for key in payloads(programme, rows)], pa.bool_()))
