"""Rules that bind: which follow from the answers and facts, in plain words, each with its way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bimetal.decision.facts import Facts, said
from bimetal.decision.questions import UNKNOWN


@dataclass(frozen=True, slots=True)
class Binding:
    """A rule the programme enforces where every answer or fact of `when` is among those named; always if empty."""

    name: str
    words: str
    way_out: str
    waivable: bool = True
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def binds(self, values: Mapping[str, str]) -> bool:
        return all(values[name] in allowed for name, allowed in self.when.items())


BINDINGS: tuple[Binding, ...] = (
    Binding(
        "panel-real",
        "An evaluation panel takes only real items.",
        "leave these rows out, or vouch for them by name: bimetal add TABLE --role panel --declare real,human",
        waivable=False,
    ),
    Binding(
        "panel-human",
        "An evaluation panel takes only labels given by people.",
        "have people label these rows, or leave them out",
        waivable=False,
    ),
    Binding(
        "panel-sealed",
        "An evaluation panel is never trained on: no row of it, nor a near copy, stands in any other table.",
        "leave the shared rows out of the panel or out of the other table, and add it again",
        waivable=False,
    ),
    Binding(
        "origin-known",
        "Every released row says whether it is real or synthetic.",
        "add the rows again with --declare, or run: bimetal waive origin-known",
    ),
    Binding(
        "labels-known",
        "Every released row says who or what labelled it.",
        "add the rows again with --declare, or run: bimetal waive labels-known",
    ),
    Binding(
        "source-registered",
        "Every released row comes from a source in the register that owes no fact: a vendor's and one's own alike.",
        "run: bimetal source add, or: bimetal waive source-registered",
    ),
    Binding(
        "licence-inherited",
        "A released row inherits the terms of everything it was made from; an unknown term, or share-alike terms that "
        "no licence meets, block it.",
        "run: bimetal licence trace, then complete the source (bimetal source add), record which licence of an OR is "
        "elected, or record counsel's reading",
        waivable=False,
    ),
    Binding(
        "vendor-quarantined",
        "A vendor's rows wait in quarantine, used by nothing, until every fact is stated, no check fails and a named "
        "person accepts them.",
        "run: bimetal import vendor TABLE, until nothing is owed and nothing fails, then: bimetal sign "
        "quarantine:DATASET",
        waivable=False,
    ),
    Binding(
        "demo-stays",
        "Demo data are for trying things out: neither they nor what was learned from them leaves.",
        "draw from real rows, or from a generator whose rows mean something",
        waivable=False,
    ),
    Binding(
        "boundary-human",
        "Every row of the boundary subset carries the annotation of a named person; programmatic, model, self-training "
        "and construction labels never satisfy this.",
        "have people label these rows, or run: bimetal waive boundary-human",
        when={"regulated": ("yes", UNKNOWN)},
    ),
    Binding(
        "boundary-first",
        "The boundary subset is defined before any synthetic row is generated.",
        "run: bimetal boundary define, or: bimetal waive boundary-first",
        when={"regulated": ("yes", UNKNOWN)},
    ),
    Binding(
        "language-measured",
        "A language without a measured transfer of its own gets human labels before any generator.",
        "have people label rows in that language and run: bimetal pilot; or: bimetal waive language-measured",
        when={"languages": ("named",)},
    ),
    Binding(
        "loop-first",
        "There is at most one synthetic row per human label until a cycle on production has finished.",
        "run: bimetal cycle start, and finish it; or: bimetal waive loop-first",
        when={"stationary": ("no", UNKNOWN)},
    ),
    Binding(
        "volume-measured",
        "Until transfer is measured and shown to help, no synthetic row is released to train or to serve.",
        "run: bimetal pilot; or: bimetal waive volume-measured",
        when={"transfer": (UNKNOWN, "unclear", "harms")},
    ),
    Binding(
        "personal-stays-personal",
        "Personal rows are not shared; synthetic rows made from them stay personal until the privacy check passes and "
        "a named person accepts the residual risk.",
        "run: bimetal check DATASET --reference SEEDS --only privacy, then: bimetal sign residual-risk:DATASET",
        waivable=False,
        when={"personal_data": ("pseudonymous", "personal", "special", UNKNOWN)},
    ),
    Binding(
        "endpoint-registered",
        "Real rows, and prompts derived from them, reach only endpoints registered for their class and region.",
        "register the endpoint for this class and region: bimetal source add; or use one that is",
        waivable=False,
    ),
)


def binding(answers: Mapping[str, str], facts: Facts) -> tuple[Binding, ...]:
    """Name the rules that bind for these answers (question to value, all six) and facts.

    >>> answers = dict.fromkeys(("grounded", "regulated", "stationary", "licence", "transfer", "cost"), "unknown")
    >>> [rule.name for rule in binding(answers, Facts()) if rule.when][:2]
    ['boundary-human', 'boundary-first']
    """
    values = said(answers, facts)
    return tuple(rule for rule in BINDINGS if rule.binds(values))
