"""bimetal pilot start and next: a pilot before labels exist, questions out and answers in, rung by rung."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._screen import AsJson, emit, findings, progress, say, table
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.pilot import Terms
    from bimetal.programme.opening import Opening
    from bimetal.programme.prospective import Turn

EXAMPLE = "bimetal pilot start queries.csv --labels refund,card,other --synthetic made.csv --target 0.95 --budget 500"
EXAMPLE_NEXT = "bimetal pilot next pilot-queries"


def start(
    rows: Annotated[str, typer.Argument(metavar="TABLE", help="Unlabelled real rows: the target population.")],
    synthetic: Annotated[
        list[str],
        typer.Option(help="A table of synthetic rows or a generator's name, as it is or NAME=TABLE; may be repeated."),
    ],
    target: Annotated[float, typer.Option(help="The score to reach, 0-1.")],
    budget: Annotated[float, typer.Option(help="Money for everything: panel, rungs and what is bought at the end.")],
    labels: Annotated[str, typer.Option(help="Labels people choose from; by default the synthetic table's.")] = "",
    label: Annotated[str, typer.Option(help="Name of the label column.")] = "label",
    label_price: Annotated[float, typer.Option(help="Money for one person's answer.")] = 0.25,
    raters: Annotated[int, typer.Option(help="People who answer each item.")] = 1,
    synthetic_price: Annotated[float, typer.Option(help="Money for one synthetic item.")] = 0.001,
    generator_cost: Annotated[float, typer.Option(help="Money still to pay for the generator, if it is used.")] = 0.0,
    difference: Annotated[float, typer.Option(help="Smallest difference the panel should see.")] = 0.04,
    panel_size: Annotated[int | None, typer.Option(help="Items in the panel.", show_default="by --difference")] = None,
    rungs: Annotated[str, typer.Option(help="Numbers of labels to buy up to.")] = "20,50,100,200,400",
    weight: Annotated[str, typer.Option(help="Column: how often a row's like occurs in the target population.")] = "",
    stratify: Annotated[str, typer.Option(help="Column whose values keep their shares in the panel.")] = "",
    group: Annotated[str, typer.Option(help="Column whose rows belong together: patient, speaker, customer.")] = "",
    time: Annotated[str, typer.Option(help="Column to order by; the panel is the latest rows.")] = "",
    learner: Annotated[str | None, typer.Option(help="See: bimetal list learners. By default by payload.")] = None,
    metric: Annotated[str, typer.Option(help="See: bimetal list metrics; as NAME or NAME:key=value.")] = "accuracy",
    arm: Annotated[list[str] | None, typer.Option(help="Arms beside the three plain ones; may be repeated.")] = None,
    seeds: Annotated[int, typer.Option(help="Repetitions of every size.")] = 5,
    probability: Annotated[float, typer.Option(help="How sure the target shall be reached.")] = 0.8,
    worth: Annotated[float | None, typer.Option(help="Money the target is worth.", show_default="the budget")] = None,
    seed_labels: Annotated[
        int | None, typer.Option(help="Human labels that the synthetic tables were fitted on; 0 if none.")
    ] = None,
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "EUR",
    rng_seed: Annotated[int, typer.Option(help="The same seed draws the same panel.")] = 0,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Folder for questions and answers.", show_default="pilot-TABLE")
    ] = None,
    files: Annotated[
        bool,
        typer.Option("--files", help="Write files to fill in, inside a programme too, whose queue asks otherwise."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Begin without labels: draw a panel, ask the first questions in the programme's queue or in files to fill in."""
    from bimetal.programme.prospective import start as begun

    typed = {name: value for name, value in locals().items() if name not in {"begun", "as_json", "folder", "files"}}
    place = folder or Path(f"pilot-{Path(rows).stem}")
    opening = _opening(rows, typed)
    turn = begun(place, opening, files=files)
    if as_json:
        emit({**turn.json(), "upfront": opening.terms.upfront, "panel": opening.terms.panel})
        return
    for line in _said(opening):
        say(line)
    _fill_in(turn, place)


def following(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The pilot's folder.")],
    answers: Annotated[
        list[Path] | None, typer.Option(help="A filled file; may be repeated.", show_default="the questions' own files")
    ] = None,
    close: Annotated[bool, typer.Option(help="Go on without the items that nobody has answered.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take answers in from the queue or from files, fit, and ask the next questions or end with a verdict."""
    from bimetal.programme.prospective import proceed

    with progress("fitting") as bar:
        turn = proceed(folder, answers or (), close, bar)
    if as_json:
        emit(turn.json())
        return
    if turn.standing is None:
        _waits(turn)
        return
    _show(turn.standing)
    if not turn.ended:
        _fill_in(turn, folder)


def _opening(rows: str, typed: dict[str, Any]) -> Opening:
    from collections.abc import Mapping

    from bimetal.cli.pilot import seed_labels_of, sources
    from bimetal.pilot import Population
    from bimetal.programme.opening import Opening
    from bimetal.programme.questions import Sheet
    from bimetal.store.tables import read_table
    from bimetal.types import Spec

    columns = ("id", typed["label"], typed["group"])
    given = sources(typed["synthetic"], columns)
    synthetic = dict(given) if isinstance(given, Mapping) else {"": given}
    return Opening(
        rows=read_table(rows, columns),
        synthetic=synthetic,
        terms=_terms(typed),
        sheet=Sheet(typed["label"], _labels(typed["labels"], synthetic, typed["label"]), typed["raters"]),
        population=Population(typed["weight"], typed["stratify"], typed["group"], typed["time"]),
        learner=Spec("learners", typed["learner"]) if typed["learner"] else None,
        seed_labels=seed_labels_of(typed["seed_labels"], given),
    )


def _terms(typed: dict[str, Any]) -> Terms:
    from bimetal.cli.pilot import metric_named, whole_numbers
    from bimetal.pilot import Prices, Terms, arms_named
    from bimetal.pilot.terms import ARMS
    from bimetal.stats import items_needed

    prices = Prices(
        annotation=typed["label_price"],
        synthetic=typed["synthetic_price"],
        generator=typed["generator_cost"],
        currency=typed["currency"],
    )
    plain = ("target", "budget", "raters", "probability", "worth", "seeds", "rng_seed")
    return Terms(
        **{name: typed[name] for name in plain},
        prices=prices,
        panel=items_needed(typed["difference"]) if typed["panel_size"] is None else typed["panel_size"],
        rungs=whole_numbers(typed["rungs"], "--rungs"),
        arms=arms_named(typed["arm"]) if typed["arm"] else ARMS,
        metric=metric_named(typed["metric"]),
    )


def _labels(typed: str, synthetic: dict[str, Any], label: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(each.strip() for each in typed.split(",") if each.strip()))
    tables = [each for each in synthetic.values() if not callable(each) and label in each.column_names]
    found = named or tuple(
        sorted({str(each) for rows in tables for each in rows[label].to_pylist() if each is not None})
    )
    if len(found) < 2:
        raise InputError(
            f"people have {len(found) or 'no'} label{'' if len(found) == 1 else 's'} to choose from",
            "name two or more: --labels a,b,c",
        )
    return found


def _said(opening: Opening) -> list[str]:
    from bimetal.report import count, money, points
    from bimetal.stats import smallest_difference

    terms = opening.terms
    price = money(terms.panel * terms.label_price, terms.prices.currency)
    first = money(terms.rungs[0] * terms.label_price, terms.prices.currency)
    seen = points(smallest_difference(terms.panel)).lstrip("+")
    left = terms.budget - terms.upfront
    rest = money(left, terms.prices.currency)
    return [
        f"The panel: {count(terms.panel)} items for {price}; it can see a difference of {seen} between two models.",
        f"The first rung: {count(terms.rungs[0])} labels for {first}. That leaves {rest} of the budget.",
    ]


def _fill_in(turn: Turn, folder: Path) -> None:
    from bimetal.report import count

    if turn.jobs:
        say(f"{count(turn.waiting)} items wait for people in: {', '.join(turn.jobs)}. They answer at: bimetal serve")
    else:
        say(f"Fill in the label of {count(turn.waiting)} items in: {', '.join(str(each) for each in turn.files)}")
    say(f"Then run: bimetal pilot next {folder}")


def _waits(turn: Turn) -> None:
    from bimetal.report import count

    say(f"{count(turn.new_answers)} new answers are kept; {count(turn.waiting)} items wait for an answer.")
    if turn.tied and turn.jobs:
        say(f"{count(len(turn.tied))} of them wait for an adjudicator.")
    elif turn.tied:
        say(f"{count(len(turn.tied))} of them tie: let one more person answer {', '.join(turn.tied[:5])}.")
    rest = "Let people answer the rest" if turn.jobs else "Fill in the rest"
    say(f"{rest} and run the same command, or go on without them: --close")


def _show(standing: Any) -> None:
    say(standing["answer"])
    scores = [
        [name, f"{each['mean']:.3f} [{each['low']:.3f}, {each['high']:.3f}]"]
        for name, each in standing["scores"].items()
    ]
    table(("arm", f"N = {standing['labels']}"), scores)
    from bimetal.types import Finding

    findings([Finding(**each) for each in standing.get("findings", ()) if each["verdict"] != "pass"])
