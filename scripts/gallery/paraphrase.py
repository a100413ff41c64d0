"""Texts and what a stand-in for a model made of them: numbers and slots kept, the words strung together."""

import pyarrow as pa
from gallery.paper import sheet
from gallery.prompted import drawing

from bimetal.generators.paraphrase import Paraphrase

SEEDS = {
    "I paid 42.50 twice on 3.11.2026 and want it back": "refund",
    "Order 88213 to {city} never came": "delivery",
    "Please write to ana@shop.example about my invoice": "billing",
}


def picture():
    """Nine paraphrases beside their twins."""
    seeds = pa.table({"id": ["a", "b", "c"], "text": list(SEEDS), "label": list(SEEDS.values())})
    twins = dict(zip(seeds["id"].to_pylist(), SEEDS, strict=True))
    drawn = sorted(drawing(Paraphrase(), 9, seeds), key=lambda each: each["twin"])
    rows = [(twins[each["twin"]], each["label"], each["style"], each["text"]) for each in drawn]
    return sheet(
        ("twin", "label", "style", "said again, by a stand-in that strings words together"), rows, (400, 90, 110, 520)
    )
