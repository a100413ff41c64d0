"""Small made problems for every task, with rules a person sees at once: each has a floor that guessing reaches."""

import io
import re

import numpy as np
import pyarrow as pa
from PIL import Image
from scipy.io import wavfile

from bimetal.generators.digits import Digits
from bimetal.learners._objects import EDGES
from bimetal.learners.tagger import SPANS
from bimetal.payload import pixels

NAMES = ("Aye", "Hla", "Min", "Thida", "Somchai", "Budi", "Siti", "Nguyen", "Tran", "Maria", "Jose", "Kamala", "Putu")
CITIES = ("Yangon", "Hanoi", "Bangkok", "Jakarta", "Manila", "Penang", "Vientiane", "Ubud", "Davao", "Cebu")
SENTENCES = (
    "send {amount} dollars to {name} in {city}",
    "{name} wants {amount} from the bank in {city}",
    "did {name} arrive in {city} today ?",
    "the branch at {city} is closed",
    "please pay {name} {amount} baht",
    "I live near {city} and owe {amount} to nobody",
    "nothing happened today",
    "call {name} , then {name} , about {amount}",
)
THAI = ("โอน {amount} บาทให้{name}ที่{city}", "{name}อยู่ที่{city}หรือเปล่า", "วันนี้ไม่มีอะไร", "จ่าย{name} {amount} บาท")
THAI_NAMES, THAI_CITIES = ("สมชาย", "มาลี", "วิชัย", "สุดา"), ("กรุงเทพ", "เชียงใหม่", "ภูเก็ต")


def png(levels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG")
    return out.getvalue()


def wav(samples, rate=16_000) -> bytes:
    out = io.BytesIO()
    wavfile.write(out, rate, np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16))
    return out.getvalue()


def chirps(n, seed, noise=0.2) -> pa.Table:
    """Rising, falling and steady tones of any pitch, length and loudness in noise, at two sampling rates."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(["falls", "rises", "steady"], n)
    sounds = []
    for row, kind in enumerate(kinds):
        rate = (16_000, 22_050)[row % 2]
        length = int(rate * rng.uniform(0.4, 0.9))
        low, high = rng.uniform(400, 900), rng.uniform(1200, 2500)
        ends = {"rises": (low, high), "falls": (high, low), "steady": (low + high, low + high)}[kind]
        phase = np.cumsum(np.linspace(*ends, length)) * 2 * np.pi / rate
        sounds.append(wav(rng.uniform(0.1, 0.6) * (np.sin(phase) + noise * rng.standard_normal(length)), rate))
    ids = [f"c{row}" for row in range(n)]
    return pa.table({"id": ids, "audio": pa.array(sounds, pa.large_binary()), "label": kinds.astype(str)})


def marked(n, seed, names=NAMES, cities=CITIES, sentences=SENTENCES) -> pa.Table:
    """Sentences with names, cities and amounts in them."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        text, spans = "", []
        for part in re.split(r"(\{\w+\})", sentences[rng.integers(len(sentences))]):
            words = {"{name}": names, "{city}": cities, "{amount}": [str(rng.integers(1, 9999))]}.get(part)
            said = str(rng.choice(words)) if words else part
            if words:
                spans.append({"start": len(text), "end": len(text) + len(said), "label": part[1:-1]})
            text += said
        texts.append(text)
        labels.append(spans)
    ids = [f"m{row}" for row in range(n)]
    return pa.table({"id": ids, "text": texts, "label": pa.array(labels, SPANS)})


def pairs(n, seed, ties=False) -> pa.Table:
    """Two replies of which people like the politer, and of two alike the longer; they err one time in twelve."""
    rng = np.random.default_rng(seed)
    polite = ("thank you", "please", "with pleasure", "kindly", "I am sorry")
    plain = ("card", "bank", "money", "transfer", "branch", "wait", "number", "send", "pay", "today", "form", "office")
    sides, worth = [], []
    for _ in range(2 * n):
        words = list(rng.choice(plain, rng.integers(3, 15)))
        courtesy = int(rng.integers(0, 3))
        sides.append(" ".join([*rng.choice(polite, courtesy), *words]))
        worth.append(3 * courtesy + 0.3 * len(words))
    one, two = np.array(worth[:n]), np.array(worth[n:])
    labels = np.where(one > two, "a", "b").astype(object)
    wrong = rng.random(n) < 1 / 12
    labels[wrong] = np.where(labels[wrong] == "a", "b", "a")
    if ties:
        labels[np.abs(one - two) < 1] = "tie"
    ids = [f"q{row}" for row in range(n)]
    return pa.table({"id": ids, "text_a": sides[:n], "text_b": sides[n:], "label": pa.array(labels, pa.string())})


def rated(n, seed) -> pa.Table:
    """Four numbers and a category, of which a rating is a sum, with noise of standard deviation 0.5."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, 4))
    town = rng.choice(["Hue", "Ubud"], n)
    rating = numbers @ [2, -1, 0.5, 0] + (town == "Hue") + rng.normal(0, 0.5, n)
    named = {f"x{k}": numbers[:, k] for k in range(4)}
    return pa.table({"id": [f"r{row}" for row in range(n)], **named, "town": town.astype(str), "label": rating})


def scenes(n, seed, kind="boxes", size=80, labels="17") -> pa.Table:
    """Up to three digits on a grey, noisy ground, boxed two pixels outside their ink, or cut out along it."""
    rng = np.random.default_rng(seed)
    drawn = pa.Table.from_batches(Digits(size=28)(60 * n, rng))
    rows = [row for row, label in enumerate(drawn["label"].to_pylist()) if label in labels][: 3 * n]
    digits, names = pixels(drawn.take(rows)).astype(float), drawn.take(rows)["label"].to_pylist()
    pictures, objects = [], []
    for at in range(n):
        canvas, found = np.full((size, size), 60.0), []
        places = rng.permutation([(x, y) for x in (4, 44) for y in (4, 44)])[: rng.integers(0, 4)]
        for place, digit, name in zip(places, digits[3 * at :], names[3 * at :], strict=False):
            x, y = place + rng.integers(0, 8, 2)
            canvas[y : y + 28, x : x + 28] += digit * (195 / 255)
            ink = np.zeros((size, size), bool)
            ink[y : y + 28, x : x + 28] = digit > 60
            across, down = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
            corners = (across[0] - 2.0, down[0] - 2.0, across[-1] + 3.0, down[-1] + 3.0)
            shape = {"mask": png(ink)} if kind == "masks" else dict(zip(EDGES, corners, strict=True))
            found.append({**shape, "label": name})
        pictures.append(png(np.clip(canvas + rng.normal(0, 6, canvas.shape), 0, 255).astype(np.uint8)))
        objects.append(found)
    fields = [("mask", pa.binary())] if kind == "masks" else [(edge, pa.float32()) for edge in EDGES]
    kinds = pa.list_(pa.struct([*fields, ("label", pa.string())]))
    ids = [f"s{row}" for row in range(n)]
    return pa.table({"id": ids, "image": pa.array(pictures, pa.large_binary()), "label": pa.array(objects, kinds)})
