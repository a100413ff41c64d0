"""Label rules as data: a small TOML or JSON format, read with every fault named at its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from bimetal.annotation.labelling.conditions import Among, Condition, Missing, Pattern, Range, Words, looked_up
from bimetal.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

Say = Callable[[pa.Table], "Sequence[str | None]"]

WORDS = {"any": "some", "all": "every", "none": "without"}
RANGE = ("least", "above", "most", "below")
TESTS = (*WORDS, "matches", *RANGE, "in", "missing")
KEYS = ("name", "label", "column", "where", "lookup", "function", *TESTS)


@dataclass(frozen=True)
class Rule:
    """Vote for a label on the rows where it fires, and abstain on all others.

    `say` gives each row of a table a label or None; `labels` are those it can give, none where only it knows.
    """

    name: str
    labels: tuple[str, ...]
    say: Say


def parsed(told: Mapping[str, Any], function: Callable[[str], Say] | None = None) -> tuple[Rule, ...]:
    """Read rules from what a file says: a list `rule`, each with a name, a label and what it looks at.

    `function` imports one by its path, where rules may name functions. Raises ConfigError listing every fault.

    >>> rules = parsed({"rule": [{"label": "lost", "column": "text", "any": ["lost", "stolen"]}]})
    >>> rules[0].name, list(rules[0].say(pa.table({"text": ["it was stolen", "hello"]})))
    ('rule 1', ['lost', None])
    """
    faults: list[str] = [f"{key}: expected nothing but a list `rule`" for key in told if key != "rule"]
    given = told.get("rule")
    if not isinstance(given, list) or not given:
        raise ConfigError("there are no rules", "write them as [[rule]] tables", tuple(faults))
    rules: list[Rule] = []
    for number, each in enumerate(given, start=1):
        try:
            rules.append(_rule(each, f"rule {number}", function))
        except InputError as fault:
            faults.append(f"rule {number}: {fault}")
    names = [rule.name for rule in rules]
    faults += [f"rule name {name!r} stands twice" for name in sorted({each for each in names if names.count(each) > 1})]
    if faults:
        raise ConfigError(f"the rules have {len(faults)} fault{'s' * (len(faults) > 1)}", "", tuple(faults))
    return tuple(rules)


def _rule(told: object, standing: str, function: Callable[[str], Say] | None) -> Rule:
    if not isinstance(told, Mapping):
        raise InputError(f"it is {told!r}", "write it as a table of names and values")
    strange = [key for key in told if key not in KEYS]
    if strange:
        raise InputError(f"{strange[0]!r} is not known", f"use: {', '.join(KEYS)}")
    name = str(told.get("name", standing))
    kinds = [key for key in ("label", "lookup", "function") if key in told]
    if len(kinds) != 1:
        raise InputError(f"it says {' and '.join(kinds) or 'nothing'}", "say one of: label, lookup, function")
    if kinds == ["function"]:
        if function is None:
            raise InputError("it names a function, which cannot be imported here", "write it as a condition")
        return Rule(name, (), function(str(told["function"])))
    if kinds == ["lookup"]:
        return _lookup(name, told)
    conditions = tuple(_conditions(told))
    if not conditions:
        raise InputError("it looks at nothing", f"say a column and one of: {', '.join(TESTS)}")
    return Rule(name, (_text(told["label"], "label"),), _Fires(conditions, _text(told["label"], "label")))


@dataclass(frozen=True)
class _Fires:
    conditions: tuple[Condition, ...]
    label: str

    def __call__(self, rows: pa.Table) -> list[str | None]:
        held = self.conditions[0](rows)
        for each in self.conditions[1:]:
            held = held & each(rows)
        return [self.label if each else None for each in held]


@dataclass(frozen=True)
class _LooksUp:
    column: str
    table: Mapping[str, str]

    def __call__(self, rows: pa.Table) -> list[str | None]:
        return looked_up(rows, self.column, dict(self.table))


def _lookup(name: str, told: Mapping[str, Any]) -> Rule:
    table = told["lookup"]
    if not isinstance(table, Mapping) or not table or not all(isinstance(each, str) for each in table.values()):
        raise InputError(f"lookup is {table!r}", "map each value to its label")
    values = {str(key): value for key, value in table.items()}
    return Rule(
        name, tuple(sorted(set(values.values()))), _LooksUp(_text(told.get("column", "text"), "column"), values)
    )


def _conditions(told: Mapping[str, Any]) -> Iterator[Condition]:
    yield from _tests(told)
    more = told.get("where", [])
    if not isinstance(more, list) or not all(isinstance(each, Mapping) for each in more):
        raise InputError(f"where is {more!r}", "list tables of a column and what it must be")
    for each in more:
        strange = [key for key in each if key not in ("column", *TESTS)]
        found = list(_tests(each))
        if strange or not found:
            raise InputError(f"where has {dict(each)!r}", f"say a column and one of: {', '.join(TESTS)}")
        yield from found


def _tests(told: Mapping[str, Any]) -> Iterator[Condition]:
    column = _text(told.get("column", "text"), "column")
    words = {WORDS[key]: _listed(told[key], key) for key in WORDS if key in told}
    if words:
        yield Words(column, **words)
    if "matches" in told:
        yield Pattern(column, _text(told["matches"], "matches"))
    bounds = {key: _number(told[key], key) for key in RANGE if key in told}
    if bounds:
        yield Range(column, **bounds)
    if "in" in told:
        values = told["in"]
        if not isinstance(values, list) or not values:
            raise InputError(f"in is {values!r}", "list one value or more")
        yield Among(column, tuple(values))
    if "missing" in told:
        if not isinstance(told["missing"], bool):
            raise InputError(f"missing is {told['missing']!r}", "say true or false")
        yield Missing(column, told["missing"])


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{key} is {value!r}", "give a text")
    return value


def _listed(value: object, key: str) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(each, str) and each.strip("* ") for each in value)
    ):
        raise InputError(f"{key} is {value!r}", "list one word or phrase or more")
    return tuple(value)


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{key} is {value!r}", "give a number")
    return float(value)
