"""Sentences a CPU second from the grammars that come with the project, beside what plain Python needs to fill patterns.

The peer is the obvious way: a template picked at random, its slots filled with str.format, one sentence at a time.
Run: python bench/grammar.py [--rows 400000]
"""

from __future__ import annotations

import argparse
import random  # noqa: TID251 - the peer, as people write it
from time import process_time

import numpy as np

from bimetal.generators import draw, recipe_for
from bimetal.generators.grammar import Grammar
from bimetal.types import Spec

SLOTS = {
    "room": ["kitchen", "bedroom", "living room", "bathroom", "hall", "office"],
    "device": ["light", "lamp", "fan", "heater", "radio", "blinds"],
    "polite": ["please ", "ok, ", ""],
    "verb": ["turn", "switch"],
}
TEMPLATES = ["{polite}{verb} on the {room} {device}", "{polite}{verb} off the {device} in the {room}"]


def rate(name: str, rows: int, **settings: object) -> float:
    """Sentences a CPU second as the generator gives them, three runs, the best; reading the grammar comes before."""
    generator = Grammar(name, **settings)  # type: ignore[arg-type]
    next(iter(generator(1, np.random.default_rng(0))))
    best = 0.0
    for seed in range(3):
        begun = process_time()
        made = sum(batch.num_rows for batch in generator(rows, np.random.default_rng(seed)))
        best = max(best, made / (process_time() - begun))
    return best


def stamped(name: str, rows: int) -> float:
    """Sentences a CPU second with id, origin, licence and recipe beside each."""
    recipe = recipe_for(Spec("generators", "grammar", {"grammar": name}), rng_seed=1)
    begun = process_time()
    made = sum(batch.num_rows for batch in draw(recipe, rows))
    return made / (process_time() - begun)


def plain(rows: int) -> float:
    """Sentences a CPU second with str.format, one at a time."""
    chance, begun = random.Random(0), process_time()
    for _ in range(rows):
        template = TEMPLATES[chance.randrange(len(TEMPLATES))]
        template.format(**{name: values[chance.randrange(len(values))] for name, values in SLOTS.items()})
    return rows / (process_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    rows = parser.parse_args().rows
    print("## Sentences a CPU second, one thread\n")
    print("| grammar | sentences/s | with every stamp | distinct among 100,000 |")
    print("|---|---|---|---|")
    for name, settings in (("bank", {}), ("home", {}), ("reviews", {}), ("bank", {"typing": 1.0})):
        whole = {
            text for batch in Grammar(name)(100_000, np.random.default_rng(0)) for text in batch["text"].to_pylist()
        }
        said = f"{name}, careless typing" if settings else name
        marked = f"{stamped(name, rows):,.0f}" if not settings else ""
        print(f"| {said} | {rate(name, rows, **settings):,.0f} | {marked} | {len(whole):,} |")
    print(f"| home, as labelled spans | {rate('home', rows // 4, truth='spans'):,.0f} | | |")
    print(f"| str.format in a loop, two templates of four slots | {plain(rows):,.0f} | | |")


if __name__ == "__main__":
    main()
