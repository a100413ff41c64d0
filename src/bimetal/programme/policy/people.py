"""Rules about where people must have the word: the decision boundary, and languages nobody measured."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select

from bimetal.programme.boundary import came, defined, members
from bimetal.programme.payloads import payloads, payloads_held
from bimetal.programme.policy.case import Broken, Case
from bimetal.programme.signatures import names_somebody
from bimetal.store import schema

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from bimetal.programme.programme import Programme

DEFINE = "run: bimetal boundary define"
LABELLED_BY = {"": "nobody", "undeclared": "nobody knows whom", "human": "people without a name"}


def boundary_first(case: Case) -> Broken | None:
    """Refuse synthetic rows where the boundary subset was not defined before they were generated."""
    if not case.synthetic:
        return None
    definition = defined(case.programme)
    if definition is None:
        return Broken(case.synthetic, "no boundary subset is defined", f"{DEFINE}, then generate anew")
    first = min(each.seq for each in case.programme.log.entries(action="boundary.defined"))
    brought = came(case.programme, case.stored)
    if brought > first:
        return None
    return Broken(
        case.synthetic,
        f"entry {brought} brought them, the boundary was defined in entry {first}",
        "generate anew under another seed, now that the boundary stands",
    )


def boundary_human(case: Case) -> Broken | None:
    """Refuse rows of the boundary subset that no named person annotated."""
    if defined(case.programme) is None:
        return Broken(detail="no boundary subset is defined, so every row would have to be in it", way_out=DEFINE)
    inside = [
        row
        for row, why in enumerate(members(case.programme, case.rows, came(case.programme, case.stored)))
        if why is not None
    ]
    named = _named(case)
    missing = tuple(row for row in inside if row not in named)
    if not missing:
        return None
    said = case.column("label_origin")
    origins = Counter(LABELLED_BY.get(said[row] or "", said[row]) for row in missing)
    told = ", ".join(f"{n:,} by {who}" for who, n in origins.most_common())
    return Broken(missing, f"{len(inside):,} rows are in the boundary subset; labelled without a named person: {told}")


def _named(case: Case) -> set[int]:
    """Number the rows whose label a named person gave: answered here, or named in the column `annotator`.

    A replayed or a model's answer is none, and an answer that says something else than the label is none.
    """
    given = _given(case, set(case.column("id")))
    columns = (case.column(name) for name in ("label", "label_origin", "annotator"))
    keys = payloads(case.programme, case.rows) if given else [""] * case.rows.num_rows
    return {
        row
        for row, (key, label, origin, who) in enumerate(zip(keys, *columns, strict=True))
        if label is not None and ((key, label) in given or (origin == "human" and names_somebody(who)))
    }


def _given(case: Case, items: AbstractSet[str | None]) -> set[tuple[str, str]]:
    """Collect named people's answers as (payload asked about, label): an id alone could be given to another item."""
    programme, asked, answered = case.programme, schema.jobs.c, schema.annotations.c
    query = select(asked.dataset, answered.item, answered.annotator, answered.value).where(
        asked.name == answered.job,
        answered.standing == 1,
        answered.actor_kind == "human",
        answered.status == "submitted",
    )
    with programme.state.read() as connection:
        found = [each for each in connection.execute(query) if each.item in items and names_somebody(each.annotator)]
    shown: dict[tuple[str, str], str] = {}
    for held in programme.datasets():
        if any(each.dataset == held.name for each in found):
            ids = programme.snapshots.get(held.digest, ["id"])["id"].to_pylist()
            shown |= dict(
                zip(((held.name, str(item)) for item in ids), payloads_held(programme, held.digest), strict=True)
            )
    return {(shown[each.dataset, each.item], each.value) for each in found if (each.dataset, each.item) in shown}


def language_measured(case: Case) -> Broken | None:
    """Refuse synthetic rows in a language whose transfer to real items no pilot measured."""
    measured = measured_languages(case.programme)
    own = case.programme.config.facts.languages
    said = case.column("language")
    one = own[0] if len(own) == 1 else None
    spoken = {row: said[row] or one for row in case.synthetic}
    rows = tuple(row for row, language in spoken.items() if language not in measured)
    if not rows:
        return None
    missing = ", ".join(sorted({spoken[row] or "a language they do not name" for row in rows})[:5])
    return Broken(rows, f"no pilot measured {missing}")


def measured_languages(programme: Programme) -> frozenset[str]:
    """Name the languages in which some pilot measured the transfer to real items."""
    finished = programme.log.entries(action="pilot.finished")
    return frozenset(language for entry in finished for language in entry.body.get("languages", ()))
