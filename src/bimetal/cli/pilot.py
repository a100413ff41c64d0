"""bimetal pilot: people, synthetic data and both, compared on real held-out rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, progress, say, table
from bimetal.errors import InputError, StoreError

if TYPE_CHECKING:
    from bimetal.pilot import PilotData, PilotResult

EXAMPLE = "bimetal pilot real.csv --label digit --synthetic digits --panel panel.csv --out pilot.html"
OF_A_TABLE = ("label", "synthetic", "panel", "learner", "sizes", "seeds", "target", "rng_seed")


def command(
    context: typer.Context,
    rows: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="Real labelled rows; without it, the programme's own.")
    ] = None,
    label: Annotated[str, typer.Option(help="The label column.")] = "label",
    synthetic: Annotated[str | None, typer.Option(help="A table of synthetic rows, or a generator's name.")] = None,
    panel: Annotated[str | None, typer.Option(help="Held-out real rows, labelled by people.")] = None,
    learner: Annotated[str, typer.Option(help="See: bimetal list learners.")] = "linear",
    sizes: Annotated[str, typer.Option(help="Numbers of human labels to try.")] = "20,50,100,200",
    seeds: Annotated[int, typer.Option(help="Repetitions of every size.")] = 5,
    target: Annotated[list[float] | None, typer.Option(help="An accuracy, 0-1; may be repeated.")] = None,
    rng_seed: Annotated[int, typer.Option(help="The same seed gives the same pilot.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the report page here.")] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Measure how many labels synthetic data saves. It may well be none."""
    from bimetal.compute import run_local
    from bimetal.pilot import Design, run_pilot
    from bimetal.plugins import make
    from bimetal.types import Spec

    if out and not out.parent.is_dir():
        raise _unwritable(out, "its folder does not exist")
    if rows is None:
        _refuse_options(context)
        result = _programme_pilot(folder)
    else:
        design = Design(_numbers(sizes), seeds, targets=tuple(target or ()), rng_seed=rng_seed)
        data = _data(rows, label, synthetic, panel)
        with progress("fitting") as bar:
            result = run_pilot(data, make(Spec("learners", learner)), design, run_local, bar)
    _show(result, as_json)
    if out:
        _write(result, out)
        if not as_json:
            say(f"report: {out}")


def _refuse_options(context: typer.Context) -> None:
    sources = {name: context.get_parameter_source(name) for name in OF_A_TABLE}
    typed = [f"--{name.replace('_', '-')}" for name, each in sources.items() if each and each.name == "COMMANDLINE"]
    if typed:
        raise InputError(
            f"{', '.join(typed)} without a TABLE: the programme's own pilot is set in bimetal.toml",
            "write sizes, seeds and targets in its [pilot] table and the rest in [learner], [generator] and "
            "[programme], or pass a TABLE",
        )


def _programme_pilot(folder: Path) -> PilotResult:
    from bimetal.programme import opened
    from bimetal.programme.pilots import pilot

    with opened(folder) as programme, progress("fitting") as bar:
        return pilot(programme, bar)


def _data(rows: str, label: str, synthetic: str | None, panel: str | None) -> PilotData:
    from bimetal.pilot import PilotData
    from bimetal.plugins import make, names
    from bimetal.store.tables import read_table
    from bimetal.types import Spec

    if synthetic is None or panel is None:
        raise InputError("a pilot needs --synthetic and --panel beside the real rows", "see: bimetal pilot --help")
    columns = ("id", label)
    made = make(Spec("generators", synthetic)) if synthetic in names("generators") else read_table(synthetic, columns)
    return PilotData(read_table(rows, columns), read_table(panel, columns), made, label)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as fault:
        raise InputError(f"--sizes got {text!r}", "write whole numbers with commas, such as 20,50,100") from fault


def _write(result: PilotResult, out: Path) -> None:
    try:
        out.write_text(result.to_html(), encoding="utf-8")
    except OSError as fault:
        raise _unwritable(out, fault.strerror) from fault


def _unwritable(out: Path, why: str | None) -> StoreError:
    return StoreError(f"{out} cannot be written: {why}", "choose another place for --out")


def _show(result: PilotResult, as_json: bool) -> None:
    if as_json:
        emit(result.json())
        return
    say(result.answer)
    accuracies = [
        [name, *(f"{each.estimate:.3f} [{each.low:.3f}, {each.high:.3f}]" for each in curve)]
        for name, curve in result.arms.items()
    ]
    table(("arm", *(f"N = {n}" for n in result.design.sizes)), accuracies)
