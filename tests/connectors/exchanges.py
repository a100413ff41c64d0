"""Small exchanges of every task, with everything in them that a format may fail to carry."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from PIL import Image

from bimetal.canonical import canonical_json
from bimetal.plugins import Exchange
from bimetal.types import Annotation

NOON = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
TEXTS = [
    "Ana flew to Paris.",
    "ห้าม👩‍👩‍👧 go, 😀 Łódź now",
    '=cmd()|"x", <script>alert(1)</script>',
    "plain\nlines here",
]


def picture(seed, width=40, height=30):
    sink = io.BytesIO()
    Image.new("L", (width, height), seed % 256).save(sink, "PNG")
    return sink.getvalue()


def spelled(value):
    return canonical_json(value).decode()


def span(text, part, label):
    start = text.index(part)
    return {"start": start, "end": start + len(part), "label": label}


VALUES = {
    "classification": ["cat", "dog, wild", "cat", "=dog"],
    "tags": [spelled(["a", "b"]), spelled([]), spelled(["b"]), spelled(["a", "c d"])],
    "spans": [
        spelled([span(TEXTS[0], "Ana", "PER"), span(TEXTS[0], "Paris", "LOC")]),
        spelled([span(TEXTS[1], "😀", "X"), span(TEXTS[1], "Łódź", "LOC")]),
        spelled([]),
        spelled([span(TEXTS[3], "lines here", "X")]),
    ],
    "boxes": [
        spelled([{"x0": 1, "y0": 2, "x1": 11.5, "y1": 30, "label": "cat"}]),
        spelled([]),
        spelled(
            [
                {"x0": 0, "y0": 0, "x1": 40, "y1": 30, "label": "d og"},
                {"x0": 3, "y0": 3, "x1": 4, "y1": 4, "label": "cat"},
            ]
        ),
        spelled([{"x0": 7.25, "y0": 1, "x1": 9, "y1": 2.125, "label": "cat"}]),
    ],
    "polygons": [spelled([{"points": [[1, 2], [10.5, 3], [4, 20]], "label": "cat"}]), spelled([])] * 2,
    "keypoints": [
        spelled([{"points": {"nose": [1, 2], "tail": [20.5, 3]}, "label": "cat"}]),
        spelled([{"points": {"nose": [5, 6]}, "label": "dog"}, {"points": {"nose": [7, 6]}, "label": "dog"}]),
    ]
    * 2,
    "pairs": ["a", "b", "a", "tie"],
    "ranking": [spelled([["b"], ["a", "c"]]), spelled([["a"], ["b"], ["c"]])] * 2,
    "best-worst": [spelled({"best": "a", "worst": "c"}), spelled({"best": "b", "worst": "a"})] * 2,
    "score": ["3.5", "1", "5", "2"],
    "text": ["Guten Tag", "so\nso", "=1+1", "ก็"],
}
USED = {
    "classification": ("=dog", "cat", "dog, wild"),
    "tags": ("a", "b", "c d"),
    "spans": ("LOC", "PER", "X"),
    "boxes": ("cat", "d og"),
    "polygons": ("cat",),
    "keypoints": ("cat", "dog"),
}


def payload(task):
    if task in {"boxes", "polygons", "keypoints"}:
        return {"image": pa.array([picture(seed) for seed in range(5)], pa.large_binary())}
    if task in {"pairs", "ranking", "best-worst"}:
        names = ["text_a", "text_b"] if task == "pairs" else ["text_a", "text_b", "text_c"]
        return {"prompt": [f"Say {at}" for at in range(5)]} | {
            name: [f"{name} {at} 'x'" for at in range(5)] for name in names
        }
    return {"text": [*TEXTS, "the fifth, unanswered"]}


def rows(task, labels=True):
    """Five items with provenance; the fifth has neither answer nor label."""
    columns = {
        "id": [f"item/{at} ü%" for at in range(5)],
        **payload(task),
        "item_origin": ["real", "synthetic"] * 2 + ["real"],
        "source": ["archive-2026"] * 5,
        "licence": ["CC-BY-4.0", "MIT"] * 2 + ["MIT"],
    }
    if labels:
        columns["label"] = pa.array([*VALUES[task], None], pa.string())
        columns["label_origin"] = ["human"] * 5
    return pa.table(columns)


def answers(task):
    """Two people and a model answer the first four items; one skips, one was shown a suggestion."""
    given = []
    for at, value in enumerate(VALUES[task]):
        item = f"item/{at} ü%"
        first = Annotation(f"x{at}", item, "ann/../é", "human", value, NOON + timedelta(seconds=at), seconds=1.5 + at)
        second = replace(
            first, id=f"y{at}", annotator="bob", guideline=3, round=2, comment='say "hi"\n<b>', suggestion=value
        )
        given += [first, second]
    given[3] = replace(given[3], value=None, status="skipped", reason="picture broken")
    model = Annotation("m0", "item/0 ü%", "net-7", "model", VALUES[task][0], NOON, seconds=0.25)
    return (
        *given,
        model,
        replace(model, id="r1", item="item/1 ü%", value=VALUES[task][1], annotator="old", actor_kind="replayed"),
    )


def exchange(task, *, answered=True, labels=True):
    return Exchange(rows(task, labels), task, USED.get(task, ()), answers(task) if answered else ())


def gathered(pieces):
    """Put a connector's pieces together to files, checking that those of one file follow each other."""
    files, last = {}, None
    for name, piece in pieces:
        assert name == last or name not in files, "pieces of one file follow each other"
        files[name] = files.get(name, b"") + piece
        last = name
    return files


def json_in(raw):
    return json.loads(raw.decode())
