"""Rules about where people must have the word: the decision boundary, and languages nobody measured."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from bimetal.programme.boundary import defined, members
from bimetal.programme.policy.case import Broken, Case
from bimetal.store import schema

DEFINE = "run: bimetal boundary define"


def boundary_first(case: Case) -> Broken | None:
    """Refuse synthetic rows where the boundary subset was not defined before they were generated."""
    if not case.synthetic:
        return None
    definition = defined(case.programme)
    if definition is None:
        return Broken(case.synthetic, "no boundary subset is defined", f"{DEFINE}, then generate anew")
    first = min(each.seq for each in case.programme.log.entries(action="boundary.defined"))
    entered = {"generated", "dataset.added"}
    came = [each.seq for each in case.programme.log.entries(subject=case.stored.digest) if each.action in entered]
    if not came or min(came) > first:
        return None
    return Broken(
        case.synthetic,
        f"entry {min(came)} brought them, the boundary was defined in entry {first}",
        "generate anew under another seed, now that the boundary stands",
    )


def boundary_human(case: Case) -> Broken | None:
    """Refuse rows of the boundary subset that no named person annotated."""
    if defined(case.programme) is None:
        return Broken(detail="no boundary subset is defined, so every row would have to be in it", way_out=DEFINE)
    inside = [row for row, why in enumerate(members(case.programme, case.rows)) if why is not None]
    named = _named(case)
    missing = tuple(row for row in inside if row not in named)
    if not missing:
        return None
    origins = Counter(case.column("label_origin")[row] or "nobody" for row in missing)
    told = ", ".join(f"{n:,} by {who}" for who, n in origins.most_common())
    return Broken(missing, f"{len(inside):,} rows are in the boundary subset; labelled without a named person: {told}")


def _named(case: Case) -> set[int]:
    """Number the rows whose label a named person gave: answered here, or named in the column `annotator`.

    A replayed or a model's answer is none, and an answer that says something else than the label is none.
    """
    table = schema.annotations.c
    query = select(table.item, table.annotator, table.value).where(
        table.actor_kind == "human", table.status == "submitted"
    )
    with case.programme.state.read() as connection:
        given = {(item, value) for item, who, value in connection.execute(query) if who and who.strip()}
    columns = (case.column(name) for name in ("id", "label", "label_origin", "annotator"))
    return {
        row
        for row, (item, label, origin, who) in enumerate(zip(*columns, strict=True))
        if label is not None and ((item, label) in given or (origin == "human" and who and who.strip()))
    }


def language_measured(case: Case) -> Broken | None:
    """Refuse synthetic rows in a language whose transfer to real items no pilot measured."""
    measured = {
        language
        for entry in case.programme.log.entries(action="pilot.finished")
        for language in entry.body.get("languages", ())
    }
    own = case.programme.config.facts.languages
    said = case.column("language")
    one = own[0] if len(own) == 1 else None
    spoken = {row: said[row] or one for row in case.synthetic}
    rows = tuple(row for row, language in spoken.items() if language not in measured)
    if not rows:
        return None
    missing = ", ".join(sorted({spoken[row] or "a language they do not name" for row in rows})[:5])
    return Broken(rows, f"no pilot measured {missing}")
