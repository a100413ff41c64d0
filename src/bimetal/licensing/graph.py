"""Licence graph: inputs, their licences, what these say, and the verdict, drawn as a flow that stays legible."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from bimetal.licensing.inheritance import Inheritance
from bimetal.licensing.table import licences
from bimetal.licensing.tracing import ALL_INPUTS, Reason
from bimetal.report import Figure, Link, Node, flow

SHOWN = 12  # boxes a layer; the rest are summed in the last

_LAYERS = ("input", "licence", "term")
_SUMMED = {"input": "inputs", "licence": "licences", "term": "terms"}


def graph(found: Inheritance, verdict: str) -> Figure:
    """Draw the paths from inputs to the verdict, equal boxes once: those that block, or all where none does."""
    drawn, note = _drawn(found)
    chains = [_chain(each, found) for each in drawn]
    merged = {layer: _merged([chain.get(layer, "") for chain in chains], layer) for layer in _LAYERS}
    held = [{layer: merged[layer][words] for layer, words in chain.items()} for chain in chains]
    role = "muted" if found.verdict == "allow" else "fail"
    nodes = [
        Node(f"{layer} {words}", words, column, role)
        for column, layer in enumerate(_LAYERS)
        for words in dict.fromkeys(merged[layer].values())
    ]
    end = Node("verdict", verdict, len(_LAYERS), "pass" if found.verdict == "allow" else "fail")
    told = f"{len(found.inputs)} inputs, their licences, what these say, and the verdict: {verdict}"
    spec = flow([*nodes, end], _links(held, role), title="Licence graph", description=told)
    return Figure(spec, "How the inputs' licences lead to the verdict", note)


def _drawn(found: Inheritance) -> tuple[Sequence[Reason], str]:
    if found.verdict == "block":
        closed = any(each.licence == ALL_INPUTS for each in found.blocking)
        pools = [each for each in found.reasons if closed and each.clause and each.clause.term == "share-alike"]
        return [*found.blocking, *pools], "Only what blocks is drawn; the table below lists every clause."
    asking = [each for each in found.reasons if not each.clause or each.clause.term != "permission"]
    return asking or found.reasons, "Permissions that ask for nothing are left out." if asking else ""


def _chain(reason: Reason, found: Inheritance) -> dict[str, str]:
    """Name the boxes a reason runs through; share-alike terms that close every output licence end in that."""
    if not reason.path:
        return {"term": reason.words}
    known = licences().get(reason.licence)
    behind = f", behind {reason.path[1]}" if len(reason.path) > 1 else ""
    joint = next((each.words for each in found.blocking if each.licence == ALL_INPUTS), "")
    meets = joint and reason.clause and reason.clause.term == "share-alike"
    licence = known.title if known else reason.licence
    return {"input": f"{reason.path[0]}{behind}", "licence": licence, "term": joint if meets else reason.words}


def _merged(words: Sequence[str], layer: str) -> dict[str, str]:
    """Map each box's words to themselves, or to one box for all beyond the number shown."""
    distinct = list(dict.fromkeys(each for each in words if each))
    kept = distinct if len(distinct) <= SHOWN else distinct[: SHOWN - 1]
    rest = f"{len(distinct) - len(kept)} more {_SUMMED[layer]}, listed below"
    return {each: each if each in kept else rest for each in distinct}


def _links(held: Sequence[dict[str, str]], role: str) -> list[Link]:
    keys = [[*(f"{layer} {words}" for layer, words in chain.items()), "verdict"] for chain in held]
    steps = dict.fromkeys(step for each in keys for step in itertools.pairwise(each))
    return [Link(start, end, role) for start, end in steps]
