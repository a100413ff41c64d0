"""bimetal pilot: people, synthetic data and both, compared on real held-out rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from bimetal.cli import pilot_start
from bimetal.cli._screen import (
    HERE,
    AsJson,
    Folder,
    Out,
    aside,
    emit,
    findings,
    progress,
    refuse_out,
    say,
    table,
    write_page,
)
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.pilot import PilotData, PilotResult, Spent
    from bimetal.programme.pilots import Order

EXAMPLE = "bimetal pilot real.csv --label digit --synthetic digits --panel panel.csv --out pilot.html"


class MeasureFirst(TyperGroup):
    """`bimetal pilot TABLE` measures; a first word that is a command of its own runs that one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["measure", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=MeasureFirst,
    help="Measure how many human labels synthetic data saves. Without a command: measure, on labels at hand; "
    "`bimetal pilot measure --help` lists its options.",
)


@app.command(epilog=f"Example: {EXAMPLE}")
def measure(
    context: typer.Context,
    rows: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="Real labelled rows; without it, the programme's own.")
    ] = None,
    label: Annotated[str, typer.Option(help="The label column.")] = "label",
    synthetic: Annotated[
        list[str] | None,
        typer.Option(help="A table of synthetic rows or a generator's name, as it is or NAME=TABLE; may be repeated."),
    ] = None,
    panel: Annotated[
        str, typer.Option(help="Held-out real rows labelled by people, or the share of TABLE to hold out.")
    ] = "0.3",
    learner: Annotated[str | None, typer.Option(help="See: bimetal list learners. By default by payload.")] = None,
    metric: Annotated[
        str | None, typer.Option(help="See: bimetal list metrics; as NAME or NAME:key=value. By default by the labels.")
    ] = None,
    sizes: Annotated[str, typer.Option(help="Numbers of human labels to try.")] = "10,25,60,150,400",
    seeds: Annotated[int, typer.Option(help="Repetitions of every size.")] = 5,
    target: Annotated[list[float] | None, typer.Option(help="A value of the metric, 0-1; may be repeated.")] = None,
    margin: Annotated[float, typer.Option(help="The difference that counts, 0-1.")] = 0.01,
    arm: Annotated[
        list[str] | None, typer.Option(help="An arm beside the three that always run; may be repeated.")
    ] = None,
    sweep: Annotated[bool, typer.Option(help="Also try half, one, three and thirty synthetic rows a label.")] = False,
    group: Annotated[str, typer.Option(help="Column whose rows belong together: patient, speaker, customer.")] = "",
    time: Annotated[str, typer.Option(help="Column to order by; the panel is the latest rows.")] = "",
    slices: Annotated[list[str] | None, typer.Option("--slice", help="Column to look into; may be repeated.")] = None,
    unlabelled: Annotated[str | None, typer.Option(help="More real rows, for self-training.")] = None,
    raters: Annotated[int, typer.Option(help="People who label each item.")] = 1,
    gold: Annotated[int, typer.Option(help="Gold items that check the people.")] = 0,
    seed_labels: Annotated[
        int | None, typer.Option(help="Human labels that the synthetic tables were fitted on; 0 if none.")
    ] = None,
    label_price: Annotated[float | None, typer.Option(help="Money for one person's answer; assumed without.")] = None,
    synthetic_price: Annotated[float, typer.Option(help="Money for one synthetic row.")] = 0.001,
    generator_cost: Annotated[float, typer.Option(help="Money to build the generator.")] = 0.0,
    budget: Annotated[float | None, typer.Option(help="Money there is for labels and synthetic rows.")] = None,
    rng_seed: Annotated[int, typer.Option(help="The same seed gives the same pilot.")] = 0,
    out: Out = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Measure how many labels synthetic data saves. It may well be none."""
    refuse_out(out)
    if rows is None:
        _refuse_options(context)
        result = _programme_pilot(folder)
    else:
        result = _table_pilot(_order(rows, context.params), folder)
    unwritten = write_page(result.page(), out) if out else None
    _show(result, as_json)
    if unwritten:
        raise unwritten
    if out and not as_json:
        say(f"report: {out}")


def _refuse_options(context: typer.Context) -> None:
    sources = {name: context.get_parameter_source(name) for name in context.params if name not in OF_A_PROGRAMME}
    typed = [f"--{name.replace('_', '-')}" for name, each in sources.items() if each and each.name == "COMMANDLINE"]
    if typed:
        raise InputError(
            f"{', '.join(typed)} without a TABLE: the programme's own pilot is set in bimetal.toml",
            "write sizes, seeds and targets in its [pilot] table and the rest in [learner], [generator] and "
            "[programme], or pass a TABLE",
        )


OF_A_PROGRAMME = ("rows", "out", "folder", "as_json")


def _programme_pilot(folder: Path) -> PilotResult:
    from bimetal.programme import opened
    from bimetal.programme.pilots import pilot

    with opened(folder) as programme, progress("fitting") as bar:
        return pilot(programme, bar)


def _table_pilot(order: Order, folder: Path) -> PilotResult:
    from bimetal.programme import opened
    from bimetal.programme.config import FILE
    from bimetal.programme.pilots import pilot_alone, pilot_in, remembered

    if (folder / FILE).exists():
        with opened(folder) as programme, progress("fitting") as bar:
            return pilot_in(programme, order, bar)
    with progress("fitting") as bar:
        return pilot_alone(order, remembered(), bar)


def _order(rows: str, typed: dict[str, Any]) -> Order:
    from bimetal.pilot import Design
    from bimetal.pilot.arms import SWEEP
    from bimetal.programme.pilots import Order, arms_of, default_learner, default_metric, default_task
    from bimetal.types import Spec

    data = _data(rows, typed)
    arms = arms_of(tuple(typed["arm"] or ()), SWEEP if typed["sweep"] else ())
    task = default_task(data.real, data.label)
    learner = Spec("learners", typed["learner"]) if typed["learner"] else default_learner(data.real, task)
    metric = metric_named(typed["metric"]) if typed["metric"] else default_metric(task)
    targets, seed = tuple(typed["target"] or ()), typed["rng_seed"]
    sizes = whole_numbers(typed["sizes"], "--sizes")
    design = Design(sizes, typed["seeds"], arms, targets, typed["margin"], metric=metric, rng_seed=seed)
    return Order(data, learner, design, _spent(typed, data))


def _spent(typed: dict[str, Any], data: PilotData) -> Spent:
    from math import inf

    from bimetal.pilot import Spent
    from bimetal.pilot.prices import Limits, Prices

    priced = typed["label_price"] is not None
    prices = Prices(typed["label_price"], typed["synthetic_price"], typed["generator_cost"]) if priced else None
    limits = Limits(budget=inf if typed["budget"] is None else typed["budget"])
    return Spent(typed["raters"], typed["gold"], seed_labels_of(typed["seed_labels"], data.synthetic), prices, limits)


def _data(rows: str, typed: dict[str, Any]) -> PilotData:
    import numpy as np

    from bimetal.pilot import PilotData
    from bimetal.pilot.split import hold_out, without_repeats
    from bimetal.store.tables import read_table

    label, group, time = typed["label"], typed["group"], typed["time"]
    columns = ("id", label, group)
    made = sources(typed["synthetic"], columns)
    real = read_table(rows, columns)
    share = _share(typed["panel"])
    if share is None:
        panel = read_table(typed["panel"], columns)
    else:
        rest, panel = hold_out(real, share, np.random.default_rng([typed["rng_seed"], 8]), group, time)
        real = without_repeats(rest, panel, (label, group, time))
        if real.num_rows < rest.num_rows:
            aside(f"{rest.num_rows - real.num_rows} rows repeat an item of the panel and are not trained on")
    unlabelled = read_table(typed["unlabelled"], columns) if typed["unlabelled"] else None
    return PilotData(real, panel, made, label, unlabelled, group, time, tuple(typed["slices"] or ()))


def sources(given: list[str] | None, columns: tuple[str, ...]) -> Any:
    """Read what --synthetic names: one table or generator, or several by name."""
    from bimetal.plugins import names
    from bimetal.store.tables import read_table

    if not given:
        raise InputError(
            "a pilot needs --synthetic beside the real rows",
            "name a table of synthetic rows or a generator: bimetal list generators",
        )
    found = {}
    for each in given:
        name, named, source = each.rpartition("=")
        made = _generator(source) if source in names("generators") else read_table(source, columns)
        found[name if named else Path(source).stem] = made
    if len(found) < len(given):
        raise InputError(f"two of --synthetic have one name: {', '.join(given)}", "write them as NAME=TABLE")
    return found if len(found) > 1 else next(iter(found.values()))


def _generator(name: str) -> Any:
    from bimetal.plugins import make
    from bimetal.types import Spec

    made = make(Spec("generators", name))
    if asks := getattr(made, "asks", ""):
        raise InputError(
            f"{name} asks {asks}, and a pilot draws its rows again and again",
            f"draw them once: bimetal generate {name} -n N -o FILE, then pass --synthetic FILE",
        )
    return made


def seed_labels_of(typed: int | None, synthetic: Any) -> int | None:
    """Read from a generated table's own recipe what nobody typed: a recipe without seed rows used no label."""
    import json
    from collections.abc import Mapping

    if typed is not None:
        return typed
    given = synthetic.values() if isinstance(synthetic, Mapping) else [synthetic]
    texts = [(each.schema.metadata or {}).get(b"bimetal.recipe") for each in given if not callable(each)]
    known = all(text is not None and json.loads(text).get("seed_rows") is None for text in texts)
    return 0 if known else None


def _share(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def metric_named(text: str) -> Any:
    """Read --metric, NAME or NAME:key=value."""
    import json

    from bimetal.types import Spec

    name, _, rest = text.partition(":")
    args: dict[str, Any] = {}
    for pair in filter(None, rest.split(",")):
        key, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"--metric got {text!r}", "write it as NAME or NAME:key=value")
        try:
            args[key] = json.loads(value)
        except ValueError:
            args[key] = value
    return Spec("metrics", name, args)


def whole_numbers(text: str, option: str) -> tuple[int, ...]:
    """Read whole numbers with commas between them."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as fault:
        raise InputError(f"{option} got {text!r}", "write whole numbers with commas, such as 20,50,100") from fault


def _show(result: PilotResult, as_json: bool) -> None:
    if as_json:
        emit(result.json())
        return
    say(result.answer)
    say(result.net.words)
    if result.plan:
        doubt = f", which is not to act on yet ({result.plan.caution})" if result.plan.caution else ""
        assumed = "" if result.facts.spent.prices else " Prices are assumed."
        say(f"By the law{doubt}: {result.plan.answer}{assumed}")
    accuracies = [
        [name, *(f"{each.estimate:.3f} [{each.low:.3f}, {each.high:.3f}]" for each in curve)]
        for name, curve in result.arms.items()
    ]
    table(("arm", *(f"N = {n}" for n in result.design.sizes)), accuracies)
    findings([each for each in result.facts.findings if each.verdict != "pass"])


app.command("start", epilog=f"Example: {pilot_start.EXAMPLE}")(pilot_start.start)
app.command("next", epilog=f"Example: {pilot_start.EXAMPLE_NEXT}")(pilot_start.following)
