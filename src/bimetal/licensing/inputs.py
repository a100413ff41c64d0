"""What goes into rows and under which terms: licence expressions read, choices settled, counsel's overrides applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from bimetal.errors import InputError
from bimetal.licensing.names import Name, operator, resolve
from bimetal.licensing.table import EVENTS, PARTS, Clause, Part, Term, clauses
from bimetal.licensing.terms import Terms, Unknown, Use, fired, join

InputRole: TypeAlias = Literal["seed-rows", "source", "generator-model", "training-data", "prompts", "annotators"]

# A licence binds a generator through its use and its outputs, everything else as material that may live on in the
# rows: prompts can come back in an answer, training data can be recalled, an annotator's labels are their own work.
PART: Mapping[InputRole, Part] = {
    "seed-rows": "source",
    "source": "source",
    "generator-model": "generator-model",
    "training-data": "source",
    "prompts": "source",
    "annotators": "source",
}


@dataclass(frozen=True, slots=True)
class Input:
    """Something rows come from; `under` names the input it stands behind, such as a generator its training data feed.

    `purposes` are those the contract or the consent names, where the licence is a contract or data are personal.
    """

    role: InputRole
    name: str
    licence: str
    under: str = ""
    purposes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.role not in PART:
            raise InputError(f"unknown role {self.role!r} of {self.name!r}", f"use one of {', '.join(PART)}")


@dataclass(frozen=True, slots=True)
class Override:
    """What counsel puts in a clause's place, or adds to a licence: a named person, a date and a reason are needed.

    `replaces` is the place the clause stands at ("s. 2(a)(1)"), empty to add one; `input` limits it to one input, as a
    permission its licensor gave does. Raises InputError where a person, date or reason is missing.
    """

    licence: str
    term: Term
    words: str
    by: str
    at: str
    reason: str
    replaces: str = ""
    input: str = ""
    outputs: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        missing = [name for name in ("licence", "words", "by", "at", "reason") if not getattr(self, name).strip()]
        if missing:
            raise InputError(f"an override without {' and '.join(missing)}", "say who decided, when and why")

    def clause(self, part: Part) -> Clause:
        """Write the override as a clause that fires at every event."""
        cite = f"override by {self.by}, {self.at}: {self.reason}"
        events = frozenset(EVENTS)
        return Clause(self.licence, part, self.term, self.words, events, cite, "counsel override", outputs=self.outputs)


@dataclass(frozen=True, slots=True)
class Settled:
    """What people settled beforehand: elections (a choice of licences to the one chosen) and overrides.

    Raises InputError for an override of a clause that is not in the table.
    """

    elections: Mapping[str, str]
    overrides: Sequence[Override] = ()

    def __post_init__(self) -> None:
        for each in self.overrides:
            cites = [clause.cite for part in PARTS for clause in clauses(each.licence, part)]
            if each.replaces and each.replaces not in cites:
                hint = f"name one of {'; '.join(dict.fromkeys(cites))}" if cites else "leave `replaces` out to add one"
                raise InputError(f"{each.licence} has no clause {each.replaces!r} to override", hint)

    def read(self, licence: str) -> Name:
        """Read a licence name; the licences overrides speak of are known."""
        return resolve(licence, tuple(sorted({each.licence for each in self.overrides})))

    def terms(self, given: Input, use: Use) -> Terms:
        """Collect what an input's licence says about a use; what cannot be read is unknown, never free."""
        name = self.read(given.licence)
        if name.expression is None:
            return _unknown(_unreadable(name), _nameable(name))
        return self._of(name.expression, given, use)

    def _of(self, expression: Any, given: Input, use: Use) -> Terms:
        held = operator(expression)
        if held == "AND":
            return join(self._of(each, given, use) for each in expression.args)
        if held == "OR":
            return self._elected(expression, given, use)
        return self._single(str(expression.license_symbol if held else expression), given, use)

    def _elected(self, choice: Any, given: Input, use: Use) -> Terms:
        for asked, chosen in self.elections.items():
            elected = self.read(chosen).expression
            if self.read(asked).expression == choice and elected in choice.args:
                return self._of(elected, given, use)
        return _unknown(f"{choice} leaves a choice nobody has made", f"elect one: {', '.join(map(str, choice.args))}")

    def _single(self, licence: str, given: Input, use: Use) -> Terms:
        part = PART[given.role]
        ours = [each for each in self.overrides if each.licence == licence and each.input in ("", given.name)]
        replaced = {each.replaces for each in ours}
        kept = [each for each in clauses(licence, part) if each.cite not in replaced]
        found = [*kept, *(each.clause(part) for each in ours)]
        if not found:
            return _unknown(
                f"{licence} is a known name, but its clauses are not in the table",
                f"have its terms read and add them for {licence}, as a row of the table or a counsel override",
            )
        return fired(found, use, given.purposes)


def _unknown(words: str, remedy: str) -> Terms:
    return Terms(unknowns=frozenset({Unknown(words, remedy)}))


def _unreadable(name: Name) -> str:
    return f"{name.text!r} is not surely the name of any licence" if name.text else "no licence is given"


def _nameable(name: Name) -> str:
    alike = f"; names alike: {', '.join(name.nearest)}" if name.nearest else ""
    return f"find out the licence and name it exactly, with its version{alike}"
