"""What may be sent to a model endpoint: rows whose class of personal data and region it is registered for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from shlex import quote
from typing import TYPE_CHECKING

from bimetal.errors import PolicyError
from bimetal.pilot.tables import row_names
from bimetal.programme.sources.ancestry import Ancestry, Behind
from bimetal.programme.sources.register import sources
from bimetal.programme.sources.source import CLASSES, UNKNOWN, Source
from bimetal.programme.sources.spelling import allows

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.programme.programme import Programme

RULE = "rule endpoint-registered: rows reach an endpoint only if it is registered for their class and region"


def may_reach(programme: Programme, rows: pa.Table, endpoint_name: str, parents: Iterable[str] = ()) -> None:
    """Raise PolicyError, naming rows and the way out, where rows may not be sent to an endpoint.

    `parents` are the snapshots that prompts were derived from, where the rows themselves do not say so.
    """
    endpoint = _endpoint(programme, endpoint_name)
    behind = Ancestry(programme).of_rows(rows, parents)
    held_back = {each: refusal for each in set(behind) if (refusal := _refusal(each, endpoint))}
    broken = [row for row, each in enumerate(behind) if each in held_back]
    if broken:
        detail, way_out = held_back[behind[broken[0]]]
        count = "1 row breaks it" if len(broken) == 1 else f"{len(broken):,} rows break it"
        raise PolicyError(f"{RULE}; {detail}; {count}: {row_names(rows, broken)}", way_out)


def _endpoint(programme: Programme, name: str) -> Source:
    held = sources(programme)
    found = held.get(name)
    if found is not None and found.kind == "endpoint":
        return found
    endpoints = [each.name for each in held.values() if each.kind == "endpoint"]
    close = difflib.get_close_matches(name, endpoints, n=1)
    what = f"{name[:100]!r} is {found.kind}, no endpoint" if found else f"no endpoint is called {name[:100]!r}"
    add = f"run: bimetal source add {'NAME' if found else quote(name)} --kind endpoint --url URL --region REGION"
    raise PolicyError(f"{RULE}; {what}", f"did you mean {close[0]!r}?" if close else f"{add} --accepts CLASS")


def _refusal(behind: frozenset[Behind], endpoint: Source) -> tuple[str, str] | None:
    """Say why rows may not go, and the way out; None where they may."""
    accepted = endpoint.accepts if endpoint.accepts in CLASSES else CLASSES[0]
    for each in sorted(behind, key=lambda each: (-CLASSES.index(each.level), each.name)):
        if CLASSES.index(each.level) > CLASSES.index(accepted):
            said = _accepts(endpoint)
            return f"{each.why}, and {endpoint.name!r} {said}", _way_out(each)
        if not allows(each.region, endpoint.region):
            where = {UNKNOWN: "is not said to go anywhere", "local": "stays local"}
            may = where.get(each.region, f"may be processed in {each.region}")
            runs = "does not say where it runs" if endpoint.region == UNKNOWN else f"runs in {endpoint.region}"
            return f"{_called(each)} {may}, and {endpoint.name!r} {runs}", _region_way_out(each, endpoint)
    return None


def _accepts(endpoint: Source) -> str:
    if endpoint.accepts == UNKNOWN:
        return "does not say what it accepts"
    return (
        "accepts no data about people" if endpoint.accepts == CLASSES[0] else f"accepts {endpoint.accepts} data at most"
    )


def _way_out(each: Behind) -> str:
    if each.why.endswith("treated as personal") and each.name:
        return f"say what it holds: bimetal source add {quote(each.name)} --personal-data CLASS"
    if not each.name:
        return "add the rows again with --source, or leave them out"
    return f"leave them out, or choose an endpoint registered with --accepts {each.level}"


def _region_way_out(each: Behind, endpoint: Source) -> str:
    if endpoint.region == UNKNOWN:
        return f"say where it runs: bimetal source add {quote(endpoint.name)} --region REGION"
    if each.region == UNKNOWN and each.name:
        return f"say where it may be processed: bimetal source add {quote(each.name)} --region REGION"
    return f"choose an endpoint that runs in {each.region if each.region != UNKNOWN else 'local'}, or leave them out"


def _called(each: Behind) -> str:
    return repr(each.name) if each.name else "a source that nobody named"
