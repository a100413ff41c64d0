"""One whole programme on real handwritten digits: decide, generate, pilot, cycle, check, prove, report."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bimetal.annotation import replay
from bimetal.decision import decide
from bimetal.errors import InputError, LogError
from bimetal.payload import where
from bimetal.programme import queue
from bimetal.programme.checking import check_programme
from bimetal.programme.config import FILE, Config, load, read
from bimetal.programme.cycle import Turn, Waiting, advance, champion, history, promotions
from bimetal.programme.deciding import decide_programme
from bimetal.programme.demo import digits
from bimetal.programme.demo.outcome import Outcome, Proof
from bimetal.programme.demo.page import page
from bimetal.programme.generation import Order, generate
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.pilots import pilot
from bimetal.programme.programme import Programme, create, opened
from bimetal.programme.sources import register
from bimetal.report import to_html
from bimetal.store.audit import verify_folder
from bimetal.types import Interval

Tell = Callable[[str], None]
RATERS = ("rater-1", "rater-2", "rater-3")
ERROR_RATE = 0.03
SYNTHETIC_ROWS = 2000
DEMOS = ("digits",)


def run_demo(name: str, folder: Path, tell: Tell, on_cell: Callable[[int, int, Any], None] | None = None) -> Outcome:
    """Run the demo in a folder; a run cut off goes on where it stopped. Raises InputError for a folder in other use."""
    if name not in DEMOS:
        raise InputError(f"no demo is called {name!r}", f"choose one of: {', '.join(DEMOS)}")
    decided = _config()
    if not (folder / FILE).exists():
        create(folder, decided)
    elif load(folder).programme.name != decided.programme.name:
        raise InputError(f"{folder} holds another programme", "choose another folder with --dir")
    with opened(folder) as programme, programme.alone("demo"):
        return _run(programme, tell, on_cell)


def _run(programme: Programme, tell: Tell, on_cell: Callable[[int, int, Any], None] | None) -> Outcome:
    truth = digits.load()
    tell("decide: six answers, transfer not measured yet")
    if not list(programme.log.entries(action="decided")):
        decide_programme(programme)
    before = decide(programme.config.six, programme.config.facts)
    tell("add: panel, first labels from three replayed raters, pool, four production windows")
    _bring_in(programme, truth)
    tell(f"generate: {SYNTHETIC_ROWS} synthetic digits")
    made = generate(programme, Order(SYNTHETIC_ROWS, "synthetic", programme.config.programme.rng_seed))
    tell("pilot: people, synthetic data and both, on the real panel")
    found = pilot(programme, on_cell)
    decision = decide_programme(programme).record
    champion(programme)
    tell("cycle: four production windows, the last two from a new scanner")
    _turn_all(programme, truth, tell)
    turns = tuple(history(programme))
    unasked = _unasked(programme, truth)
    tell("check: what was generated, against real rows")
    reference = programme.load(programme.dataset("first-labels"))
    findings = tuple(check_programme(programme, programme.load(made), reference))
    tell("prove: verify the log, then a copy with one byte flipped")
    proof = _prove(programme)
    outcome = Outcome((before, decision), found, turns, unasked, findings, proof, programme.folder / "report.html")
    outcome.report.write_text(to_html(page(programme, outcome)), encoding="utf-8")
    return outcome


def _config() -> Config:
    from importlib.resources import files

    return read(Path(str(files("bimetal.programme.demo") / "digits.toml")))


def _bring_in(programme: Programme, truth: digits.Digits) -> None:
    register(programme, digits.REGISTERED)
    real = Declared("real", "human")
    _add(programme, truth.panel, "panel", "panel", real)
    if not programme.datasets(name="first-labels"):
        ids = truth.labelled["id"].to_pylist()
        if not queue.queued(programme, "first-labels"):
            queue.send(programme, "first-labels", [(str(item), "first labels", 1.0) for item in ids], turn=0)
        _answer(programme, truth.labelled, seed=0)
        rows = queue.labelled(programme, "first-labels", truth.labelled).drop_columns("reason")
        _add(programme, rows, "first-labels", "train", Declared("real", "replayed"))
    _add(programme, truth.pool.drop_columns("label"), "pool", "pool", Declared("real", "undeclared"))
    for at, window in enumerate(truth.production, start=1):
        _add(programme, window.drop_columns("label"), f"window-{at}", "production", Declared("real", "undeclared"))


def _add(programme: Programme, rows: pa.Table, name: str, role: Any, declared: Declared) -> None:
    if not programme.datasets(name=name):
        source, licence = digits.SOURCE, digits.LICENCE
        add(programme, Arrival(rows, name, role, source, None, licence, declared))


def _answer(programme: Programme, items: pa.Table, seed: int) -> None:
    rng = np.random.default_rng([programme.config.programme.rng_seed, 8, seed])
    queue.answer(programme, replay(items, RATERS, ERROR_RATE, rng, programme.now(), seed))


def _turn_all(programme: Programme, truth: digits.Digits, tell: Tell) -> None:
    known = pa.concat_tables(truth.production)
    while outcome := advance(programme, tell):
        if isinstance(outcome, Waiting):
            asked = [each["item"] for each in queue.queued(programme, outcome.window)]
            turn = len(history(programme)) + 1
            _answer(programme, where(known, "id", *asked), turn)
        elif isinstance(outcome, Turn):
            tell(f"{outcome.window}: {'promoted' if outcome.promoted else 'kept the old model'}")


def _unasked(programme: Programme, truth: digits.Digits) -> tuple[Interval, Interval]:
    from bimetal.stats import wilson

    drifted = pa.concat_tables(truth.production[2:])
    asked = {each["item"] for at in (3, 4) for each in queue.queued(programme, f"window-{at}")}
    unasked = where(drifted, "id", *(set(drifted["id"].to_pylist()) - asked))
    digest, models = programme.snapshots.put(unasked), promotions(programme)
    was, now = (model.correct(unasked, digest) for model in (models[0], models[-1]))
    return wilson(int(was.sum()), len(was)), wilson(int(now.sum()), len(now))


def _prove(programme: Programme) -> Proof:
    programme.log.publish()
    verified = programme.log.verify()
    copy = programme.memory / "tampered"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(programme.memory / "log", copy)
    bundle = max((copy / "tile" / "entries").rglob("*.p/*"), key=lambda path: path.stat().st_size)
    damaged = bytearray(bundle.read_bytes())
    damaged[damaged.index(b'"body"', len(damaged) // 2) + 10] ^= 1
    bundle.chmod(0o644)
    bundle.write_bytes(damaged)
    try:
        verify_folder(copy, programme.log.verifier)
    except LogError as caught:
        return Proof(verified.size, verified.root.hex(), caught.message)
    finally:
        shutil.rmtree(copy)
    raise LogError("a flipped byte was not noticed", "report this: the log cannot be trusted")
