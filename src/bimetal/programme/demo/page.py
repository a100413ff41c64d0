"""The demo's report: one page a data lead could forward, the answer first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bimetal.pilot import figures as pilot_figures
from bimetal.pilot import page as pilot_page
from bimetal.programme import queue
from bimetal.report import (
    Bar,
    Facts,
    Figure,
    Findings,
    Page,
    Picture,
    Section,
    Share,
    Table,
    Text,
    Window,
    bars,
    count,
    money,
    percent,
    stacked_share,
    timeline,
)
from bimetal.report.sheet import contact_sheet
from bimetal.types import Finding, Interval

if TYPE_CHECKING:
    from bimetal.programme.demo.outcome import Outcome
    from bimetal.programme.programme import Programme

LABEL_PRICE = 0.035  # USD per image-class label: Google Cloud data labelling, list price before it was retired


def page(programme: Programme, outcome: Outcome) -> Page:
    """Lay the whole programme out as a page."""
    return Page(
        title=f"{programme.config.programme.name}: {programme.config.programme.purpose}",
        answer=outcome.pilot.answer,
        subtitle=pilot_page.labels_note(outcome.pilot),
        sections=(
            Section("The pilot", (pilot_figures.curves(outcome.pilot), pilot_figures.differences(outcome.pilot))),
            Section("The decision", _decision(outcome)),
            Section("The mix and its cost so far", _mix(programme)),
            Section("The cycle in production", _cycle(outcome)),
            Section("What the checks found in the synthetic rows", _checks(programme, outcome)),
            Section("Proof", _proof(programme, outcome)),
            Section("Every number", (pilot_page.accuracies(outcome.pilot), pilot_page.how(outcome.pilot))),
        ),
        footer="Made by bimetal demo; every number comes from this run.",
    )


def _decision(outcome: Outcome) -> tuple[Text | Table, ...]:
    before, now = outcome.decisions
    answers = [(each.question, each.value, each.evidence) for each in now.answers]
    return (
        Text(f"{now.sentence}\n\nBefore the pilot the same answers said: {before.sentence}"),
        Table(("Question", "Answer", "Evidence"), answers, "The six answers; the pilot gave the one on transfer."),
        Table(("Because",), [(str(reason),) for reason in now.reasons]),
        Table(("People label",), [(each,) for each in now.human_subset]),
    )


def _mix(programme: Programme) -> tuple[Figure | Facts, ...]:
    rows = programme.rows("train")
    assert rows is not None  # the demo has trained on them
    counts = Counter(rows["label_origin"].to_pylist())
    parts = [("replayed", counts["replayed"]), ("synthetic", counts["construction"])]
    answers = len(queue.answers(programme))
    spent = money(answers * LABEL_PRICE, "USD")
    return (
        Figure(
            stacked_share([Share("Trained on", parts)]),
            "What the model in service was trained on.",
            "Replayed labels are published ones given again by three simulated raters with 3 % errors.",
        ),
        Facts(
            (
                ("Answers given", f"{count(answers)} by {programme.config.cycle.raters} raters an item"),
                (
                    "They would cost",
                    f"{spent}, assuming {LABEL_PRICE * 100:g} cents an answer: the list price of a retired service",
                ),
                ("Synthetic rows", f"{count(counts.get('construction', 0))}, drawn on this machine at no price"),
            )
        ),
    )


def _cycle(outcome: Outcome) -> tuple[Figure | Table | Text, ...]:
    whole = [(turn, _overall(turn)) for turn in outcome.turns]
    windows = [
        Window(turn["window"], Interval(each.statistic or 0.0, float("nan"), float("nan")), turn["drifted"])
        for turn, each in whole
    ]
    was, now = outcome.unasked
    rows = [
        (
            turn["window"],
            "found" if turn["drifted"] else "not found",
            str(turn["labels"]),
            *_panel(turn),
            "promoted" if turn["promoted"] else "kept the old",
        )
        for turn in outcome.turns
    ]
    header = ("Window", "Drift", "Labels", "Panel before", "Panel after", "Model")
    return (
        Figure(
            timeline(windows, whole[0][1].limit, measure="Told apart from the pool by a classifier (AUC)"),
            "Drift by production window; .5 is no drift, 1 is full.",
            whole[-1][1].guarantee,
        ),
        Figure(
            bars([Bar("Drifted items, unasked", now, before=was)], measure="Accuracy"),
            f"On drifted items nobody was asked about: {percent(was.estimate, 1)}, then {percent(now.estimate, 1)}.",
            "Known here because the labels are published; your programme estimates it from its random stream.",
        ),
        Table(header, rows, "Turn by turn.", ("left", "left", "right", "right", "right", "left")),
    )


def _overall(turn: dict[str, Any]) -> Finding:
    """Return the finding about the window as a whole: how well a classifier tells it from the reference."""
    return next(Finding(**each) for each in turn["drift"] if each["where"] == "overall")


def _panel(turn: dict[str, Any]) -> tuple[str, str]:
    return percent(turn["before"]["panel"]["mean"], 1), percent(turn["after"]["panel"]["mean"], 1)


def _checks(programme: Programme, outcome: Outcome) -> tuple[Picture | Text | Findings, ...]:
    harm = "is harmed" if any(each.harms for each in outcome.pilot.differences) else "is not harmed"
    note = (
        f"Checks say how synthetic rows differ from real ones; the pilot says whether it matters: here the mix {harm}."
    )
    return _sheet(programme), Text(note), Findings(outcome.findings)


def _sheet(programme: Programme) -> Picture:
    made = programme.load(programme.dataset("synthetic")).rows
    real = programme.load(programme.dataset("panel")).rows
    bands = [[each or b"" for each in rows["image"].slice(0, 40).to_pylist()] for rows in (made, real)]
    png = contact_sheet(bands, across=20, side=32)
    return Picture(
        png, "Synthetic digits (above) beside real ones (below).", "Two grids of forty small handwritten digits."
    )


def _proof(programme: Programme, outcome: Outcome) -> tuple[Facts | Text, ...]:
    proof = outcome.proof
    return (
        Facts(
            (
                ("Log entries", f"{count(proof.size)}, all verified"),
                ("Root", proof.root),
                ("Signed by", str(programme.log.verifier)),
            )
        ),
        Text(f"One byte was flipped in a copy of the log, and verification said: {proof.tampered}."),
    )
