"""Who answers a generator that asks outside: a model endpoint with its ledger, a program, or noise from a key."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bimetal.endpoints import Budget, Endpoint, Ledger, Totals, recorded
from bimetal.errors import InputError
from bimetal.plugins import find
from bimetal.programme.clock import now
from bimetal.programme.sources import may_reach, sources
from bimetal.store.keys import keys_folder, sealed_key
from bimetal.store.schema import rfc3339
from bimetal.types import UNKNOWN_LICENCE, Recipe, Reply, Request, Spec

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Answer
    from bimetal.programme.programme import Programme

CHAT, NOISE = "chat", "noise"
LEDGER = "chat.ledger"
SPENT = "endpoint.spent"


@dataclass(frozen=True)
class Doors:
    """How to ask: an endpoint's name in bimetal.toml or its address, what is said of it here, and what may be spent.

    What is empty stands in bimetal.toml or has its default. `ledger` is where replies are kept outside a programme;
    with `replay` they come from the ledger alone.
    """

    endpoint: str = ""
    model: str = ""
    key_env: str = ""
    licence: str = ""
    prices: tuple[float, float] | None = None
    budget: Budget = field(default_factory=Budget)
    ledger: Path | None = None
    replay: bool = False


def ledger_beside(out: str) -> Path:
    """Name the ledger of rows that are written to a file.

    >>> str(ledger_beside("intents.parquet"))
    'intents.parquet.ledger'
    """
    return Path(LEDGER if out == "-" else f"{out}.ledger")


def asks(spec: Spec) -> str:
    """Say which door a generator asks at, "" for none."""
    return str(getattr(find(spec.kind, spec.name), "asks", ""))


def bound(programme: Programme | None, spec: Spec, doors: Doors) -> Spec:
    """Write the endpoint's model and licence into the spec of a generator that asks `chat`, for its recipe to hold.

    What the spec says already stands. Raises InputError where no endpoint or model can be told.
    """
    if asks(spec) != CHAT:
        return spec
    taken = {each.name for each in fields(find(spec.kind, spec.name))}
    said = {"model": doors.model, "licence": doors.licence}
    try:
        endpoint = _endpoint(programme, doors, str(spec.args.get("model") or ""))
        said = {"model": endpoint.model, "licence": endpoint.licence if endpoint.licence != UNKNOWN_LICENCE else ""}
    except InputError:
        if not doors.replay:  # which needs a ledger and no endpoint
            raise
    given = {name: value for name, value in said.items() if value and name in taken and not spec.args.get(name)}
    return replace(spec, args={**spec.args, **given})


@contextlib.contextmanager
def answers(
    programme: Programme | None, recipe: Recipe, doors: Doors, seed_rows: pa.Table | None = None
) -> Iterator[Answer]:
    """Lend what answers a recipe's requests, each at its door, opened when first asked.

    In a programme the ledger stands in its memory, what was spent enters the log, and seed rows go only to an endpoint
    that is registered for them. Raises PolicyError, EndpointError, StoreError or InputError, each with the way out.
    """
    open_doors: dict[str, Answer] = {}
    with ExitStack() as stack:
        opening = _Opening(programme, recipe, doors, seed_rows, stack)

        def answer(requests: tuple[Request, ...]) -> tuple[Reply, ...]:
            replies: dict[int, Reply] = {}
            for to in dict.fromkeys(each.to for each in requests):
                if to not in open_doors:
                    open_doors[to] = opening.door(to)
                places = [place for place, each in enumerate(requests) if each.to == to]
                said = open_doors[to](tuple(requests[place] for place in places))
                replies.update(zip(places, said, strict=True))
            return tuple(replies[place] for place in range(len(requests)))

        yield answer


@dataclass(frozen=True)
class _Opening:
    """What a door needs to open: whose it is, and where to put what must be closed."""

    programme: Programme | None
    recipe: Recipe
    doors: Doors
    seed_rows: pa.Table | None
    stack: ExitStack

    def door(self, to: str) -> Answer:
        if to == CHAT:
            return self._chat()
        if to == NOISE:
            from bimetal.endpoints.noise import noise

            return noise(sealed_key(f"{self._owner()}.noise", keys_folder()), self.recipe.seed_rows or "")
        from bimetal.endpoints.programs import program

        return program(to)

    def _chat(self) -> Answer:
        from bimetal.endpoints.chat import chat

        path = self._ledger()
        if self.doors.replay:
            return self._replay(path)
        endpoint = _endpoint(self.programme, self.doors, str(self.recipe.spec.args.get("model") or ""))
        if self.programme is not None and self.seed_rows is not None:
            _refuse_unreachable(self.programme, self.seed_rows, (self.doors.endpoint, endpoint.url), self.recipe)
        ledger = self.stack.enter_context(Ledger(path))
        if self.programme is not None:
            self.stack.callback(_log_spending, self.programme, ledger, endpoint)
        return self.stack.enter_context(chat(endpoint, ledger, self.doors.budget, _moment(self.programme)))

    def _replay(self, path: Path) -> Answer:
        model = str(self.recipe.spec.args.get("model") or self.doors.model)
        if not self.doors.endpoint:
            return recorded(path)
        return recorded(path, _endpoint(self.programme, self.doors, model).url, model)

    def _ledger(self) -> Path:
        if self.programme is not None:
            return self.programme.memory / LEDGER
        return self.doors.ledger or Path(LEDGER)

    def _owner(self) -> str:
        """Name the key: a programme's own, else one for all files this person draws."""
        if self.programme is None:
            return "files"
        return (self.programme.memory / "origin").read_text(encoding="ascii")


def spent(programme: Programme) -> Totals:
    """Read from the log what the programme's endpoints came to so far."""
    entries = list(programme.log.entries(action=SPENT))
    names = Totals.__dataclass_fields__
    return Totals(*(entries[-1].body[name] for name in names)) if entries else Totals()


def _endpoint(programme: Programme | None, doors: Doors, model: str) -> Endpoint:
    """Find the endpoint named, or the only one there is (for that model), and put in what is said of it here."""
    held = dict(programme.config.endpoints) if programme is not None else {}
    wanted = doors.model or model
    if "://" in doors.endpoint:
        found = next((each for each in held.values() if each.url == Endpoint(doors.endpoint).url), None)
        made = found or Endpoint(doors.endpoint)
    elif doors.endpoint:
        made = _named(doors.endpoint, held)
    else:
        fitting = [each for each in held.values() if not wanted or each.model in {"", wanted}]
        if len(fitting) != 1:
            raise InputError(
                "no endpoint is named" + (f", and there are {', '.join(held)}" if len(held) > 1 else ""),
                "name one: --endpoint URL --model NAME, or --endpoint NAME of an [endpoints.NAME] in bimetal.toml",
            )
        made = fitting[0]
    said = {"model": wanted, "key_env": doors.key_env, "licence": doors.licence}
    made = replace(made, **{name: value for name, value in said.items() if value})  # type: ignore[arg-type]  # all text
    if doors.prices is not None:
        made = replace(made, price_in=doors.prices[0], price_out=doors.prices[1])
    if not made.model:
        raise InputError(f"no model is named for {made.url}", "name one with --model")
    return made


def _named(name: str, held: dict[str, Endpoint]) -> Endpoint:
    if name not in held:
        close = difflib.get_close_matches(name, held, n=1)
        known = f"endpoints here: {', '.join(held)}" if held else "write --endpoint URL, or [endpoints.NAME] there"
        raise InputError(
            f"no endpoint is called {name[:100]!r} in bimetal.toml", f"did you mean {close[0]!r}?" if close else known
        )
    return held[name]


def _refuse_unreachable(programme: Programme, rows: pa.Table, called: tuple[str, str], recipe: Recipe) -> None:
    """Refuse to send rows to an endpoint that is not registered for them, under its name or its address."""
    name, url = called
    held = sources(programme)
    registered = [each.name for each in held.values() if each.kind == "endpoint" and each.url.rstrip("/") == url]
    known = name if name in held else next(iter(registered), name or url)
    may_reach(programme, rows, known, (recipe.seed_rows,) if recipe.seed_rows else ())


def _log_spending(programme: Programme, ledger: Ledger, endpoint: Endpoint) -> None:
    total = ledger.totals
    if total == spent(programme):
        return
    counts = {name: getattr(total, name) for name in total.__dataclass_fields__}
    programme.record(SPENT, LEDGER, {**counts, "url": endpoint.url, "model": endpoint.model})


def _moment(programme: Programme | None) -> Callable[[], str]:
    clock = programme.now if programme is not None else now
    return lambda: rfc3339(clock())
