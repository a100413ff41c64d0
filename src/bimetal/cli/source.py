"""bimetal source: the register of where data come from, and of where they may be sent."""

from __future__ import annotations

import hashlib
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, findings, say, table
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.programme import Programme
    from bimetal.programme.sources import Source

EXAMPLE = "bimetal source add archive --kind people --origin 'scans of 2025' --personal-data none --licence CC-BY-4.0"
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Keep the register of sources. Every row names one, every endpoint stands in it.",
)
Text = str | None


@app.command(epilog="Example: bimetal source add judge --kind endpoint --url http://localhost:8080/v1 --region local")
def add(
    name: Annotated[Text, typer.Argument(help="What rows carry in their column source.")] = None,
    kind: Annotated[Text, typer.Option(help="One of people, public, vendor, production, generator, endpoint.")] = None,
    origin: Annotated[Text, typer.Option(help="Where the data come from, in words or an address.")] = None,
    collector: Annotated[Text, typer.Option(help="Who collected them, or who runs the endpoint.")] = None,
    collected: Annotated[Text, typer.Option(help="When: 2025-01-01 or 2025-01-01/2025-06-30.")] = None,
    purpose: Annotated[Text, typer.Option(help="What they were first collected for.")] = None,
    basis: Annotated[Text, typer.Option(help="Consent, contract, legal obligation, ... or not personal.")] = None,
    personal_data: Annotated[Text, typer.Option(help="One of none, pseudonymous, personal, special.")] = None,
    geography: Annotated[Text, typer.Option(help="Where the data are from.")] = None,
    region: Annotated[
        Text, typer.Option(help="Where they may be processed, or an endpoint runs: EU, EU,US, any, local.")
    ] = None,
    licence: Annotated[Text, typer.Option(help="As it is written, best an SPDX expression.")] = None,
    contract: Annotated[Path | None, typer.Option(help="A file; its SHA-256 and name are kept, not the file.")] = None,
    claims: Annotated[Text, typer.Option(help="What the vendor claims.")] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--input", help="ROLE=NAME:LICENCE, what it was made with; repeat it.")
    ] = None,
    accepts: Annotated[Text, typer.Option(help="Endpoint: the highest class of personal data it may get.")] = None,
    url: Annotated[Text, typer.Option(help="Endpoint: its address, without secrets.")] = None,
    because: Annotated[str, typer.Option(help="Why a fact that was stated changes.")] = "",
    from_file: Annotated[Path | None, typer.Option("--from", help="A .toml file of [[source]] tables.")] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Put a source into the register, or say more of one. Options that are not given keep what stands."""
    from bimetal.programme import opened

    given: dict[str, Any] = {
        "kind": kind,
        "origin": origin,
        "collector": collector,
        "collected": collected,
        "purpose": purpose,
        "basis": basis,
        "personal_data": personal_data,
        "geography": geography,
        "region": region,
        "licence": licence,
        "claims": claims,
        "inputs": inputs,
        "accepts": accepts,
        "url": url,
    }
    stated = {key: value for key, value in given.items() if value is not None}
    stated |= _contract(contract) if contract else {}
    if (name is None) == (from_file is None) or (from_file and stated):
        raise InputError("say one source or a file of many", "write: source add NAME ..., or: source add --from FILE")
    with opened(folder) as programme:
        many = _entered(programme, from_file, because) if from_file else []
        entered = many or [_one(programme, str(name), stated, because)]
    if as_json:
        emit([each.json() for each in entered])
        return
    for each in entered:
        _said(each)


@app.command(epilog="Example: bimetal source show archive --json")
def show(
    name: Annotated[Text, typer.Argument(help="One source in full; without it, all of them.")] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Show the register, or one source in full: its facts, what it owes, the datasets that hold its rows."""
    from bimetal.programme import opened
    from bimetal.programme.quarantine import in_quarantine
    from bimetal.programme.sources import rows_of, source, sources

    with opened(folder) as programme:
        held = [source(programme, name)] if name else list(sources(programme).values())
        used = rows_of(programme)
        waiting = {each.name for each in programme.datasets() if in_quarantine(programme, each)}
    full = [_full(each, used.get(each.name, {}), waiting) for each in held]
    if as_json:
        emit(full[0] if name else full)
    elif name:
        _in_full(held[0], used.get(name, {}), waiting)
    elif held:
        _listed(full)
    else:
        say("no source is registered yet; run: bimetal source add NAME --kind KIND")


@app.command(epilog="Example: bimetal source check archive")
def check(
    name: Annotated[Text, typer.Argument(help="One source; without it, all of them and every row.")] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Say what sources still owe, and which rows name none of them. Exits with 1 if any finding fails."""
    from bimetal.programme import opened
    from bimetal.programme.sources import duties, nameless, source, sources

    with opened(folder) as programme:
        held = [source(programme, name)] if name else list(sources(programme).values())
        found = [*(each for one in held for each in duties(one)), *([] if name else nameless(programme))]
    if as_json:
        emit([each.json() for each in found])
    else:
        owed = [each for each in found if each.verdict != "pass"]
        findings(owed)
        say(_outcome(len(held), len(owed)))
    if any(each.verdict == "fail" for each in found):
        raise typer.Exit(1)


def _outcome(held: int, owed: int) -> str:
    if not held and not owed:
        return "no source is registered yet"
    checked = "1 source checked" if held == 1 else f"{held} sources checked"
    return f"{checked}, {'1 fact is' if owed == 1 else f'{owed} facts are' if owed else 'nothing is'} missing"


def _one(programme: Programme, name: str, stated: dict[str, Any], because: str) -> Source:
    """Register one source: what is stated now goes over what stands."""
    from bimetal.programme.sources import KINDS, Source, SourceInput, register, sources

    before = sources(programme).get(name)
    if before is None and "kind" not in stated:
        raise InputError(f"{name!r} is not in the register yet", f"say what it is with --kind: {', '.join(KINDS)}")
    said = before.json() if before else {"name": name}
    inputs = [SourceInput.parse(each) for each in stated.pop("inputs", [])]
    named = {(each.role, each.name) for each in inputs}
    kept = [each for each in (before.inputs if before else ()) if (each.role, each.name) not in named]
    after = Source.from_json({**said, **stated, "inputs": [each.json() for each in (*kept, *inputs)]})
    register(programme, after, because)
    return after


def _entered(programme: Programme, path: Path, because: str) -> list[Source]:
    """Register every source of a file; nothing enters where one of them cannot be meant."""
    from bimetal.programme.sources import Source, register

    read = []
    for number, said in enumerate(_tables(path), 1):
        try:
            contract = said.pop("contract", None)
            read.append(Source.from_json({**said, **(_contract(path.parent / str(contract)) if contract else {})}))
        except InputError as fault:
            raise InputError(f"source {number} of {path}: {fault.message}", fault.hint) from fault
    for each in read:
        register(programme, each, because)
    return read


def _tables(path: Path) -> list[dict[str, Any]]:
    import tomllib

    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InputError(
            f"{path} cannot be read: {_reason(fault)}", "write a TOML file of [[source]] tables"
        ) from fault
    tables = said.get("source")
    if not isinstance(tables, list) or set(said) != {"source"} or not all(isinstance(each, dict) for each in tables):
        raise InputError(f"{path} holds no list of sources", "write each as a [[source]] table with name and kind")
    return [{key.replace("-", "_"): _plain(value) for key, value in each.items()} for each in tables]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value  # TOML knows dates


def _contract(path: Path) -> dict[str, str]:
    try:
        return {"contract": hashlib.sha256(path.read_bytes()).hexdigest(), "contract_file": path.name}
    except OSError as fault:
        raise InputError(
            f"the contract {path} cannot be read: {_reason(fault)}", "name a file with --contract"
        ) from fault


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault).lower()


def _full(source: Source, used: dict[str, int], waiting: set[str]) -> dict[str, Any]:
    from bimetal.programme.sources import duties

    told = {"duties": [each.json() for each in duties(source)], "datasets": used}
    return {**source.json(), **told, "quarantine": sorted(waiting & used.keys())}


def _said(source: Source) -> None:
    from bimetal.programme.sources import missing

    say(f"{source.name} stands in the register ({source.kind})")
    owed = missing(source)
    for verdict, words in (("fail", "still owed"), ("warn", "worth saying")):
        facts = [each.check.removeprefix("source-") for each in owed if each.verdict == verdict]
        if facts:
            say(f"{words}: {', '.join(facts)}")
    if owed:
        say(f"how: bimetal source check {quote(source.name)}")


def _listed(full: list[dict[str, Any]]) -> None:
    from rich.markup import escape

    rows = []
    for each in full:
        owed = sum(duty["verdict"] != "pass" for duty in each["duties"])
        held = f"accepts {each['accepts']}" if each["kind"] == "endpoint" else each["personal_data"]
        count = f"{sum(each['datasets'].values()):,}"
        rows.append((each["name"], each["kind"], held, each["region"], escape(each["licence"]), count, str(owed)))
    table(("source", "kind", "personal data", "region", "licence", "rows", "owed"), rows)


def _in_full(source: Source, used: dict[str, int], waiting: set[str]) -> None:
    from bimetal.programme.sources import missing

    for fact, said in source.json().items():
        if said and fact != "inputs" and (source.kind == "endpoint" or fact not in {"accepts", "url"}):
            say(f"{fact.replace('_', ' '):<14} {said}")
    for each in source.inputs:
        say(f"{'made with':<14} {each.role}: {each.name} ({each.licence})")
    for name, count in used.items():
        say(f"{'rows':<14} {count:,} in {name}{', in quarantine' if name in waiting else ''}")
    owed = missing(source)
    findings(owed)
    if not owed:
        say("nothing is owed")
