"""What the shelf's contract test draws with: small settings for costly generators, seed rows, answers for those that ask."""

import io
import wave
from functools import cache

import numpy as np
import pyarrow as pa
from PIL import Image

from bimetal.endpoints.noise import noise
from bimetal.endpoints.programs import program
from bimetal.plugins import find
from bimetal.types import Reply
from tests.endpoints import pretend

LIGHT = {  # name: arguments that make a costly generator quick; others are drawn as they come
    "private_table": {"epsilon": 1000.0},  # forty rows tell nothing under an epsilon that protects them
    "image_diffusion": {"steps": 5, "width": 8},
    "document": {"kinds": ("identity_card", "invoice"), "captures": ("flat",), "locales": ("en_US", "el_GR")},
    "bodies": {"size": 32, "objects": 3, "clutter": 0},
    "scene": {"size": 32, "objects": 4},
    "sound": {"seconds": 0.2},
    "table_gan": {"steps": 20, "width": 8},
    "table_diffusion": {"steps": 20, "width": 8},
}
STEERED = {"bodies": "moment", "scene": "weather"}  # name: the column the contract steers, where it is not the label
FEWER = {
    "bodies": 120,
    "document": 300,
    "scene": 400,
    "adversarial_image": 300,
    "speech": 120,
}  # name: rows to draw where 1,024 would take long
ANSWERS = {  # door: function of one request that gives its reply, always the same to the same
    "noise": lambda request: noise(bytes(32), "these tests")((request,))[0],
    "chat": lambda request: chatted(request),  # noqa: PLW0108 - it stands below
    "espeak-ng": lambda request: espeak()((request,))[0],
}


def chatted(request):
    said = pretend.content(dict(request.body), request.sample)
    return Reply((said or "").encode(), {"model": "pretend"}, "" if said else "I would rather not")


@cache
def espeak():
    return program("espeak-ng")


def table_rows():
    rng = np.random.default_rng(0)
    return {
        "height": rng.normal(170, 10, 40),
        "children": rng.integers(0, 5, 40),
        "town": ["east", "west"] * 20,
    }


def text_rows():
    return {"text": [f"my card number {row} was {'lost' if row < 30 else 'stolen'} in town" for row in range(40)]}


def image_rows():
    grey = np.random.default_rng(0).integers(0, 256, (40, 8, 8)).astype(np.uint8)
    grey[30:] //= 2
    return {"image": pa.array([_png(each) for each in grey], pa.binary())}


def audio_rows():
    rng, at = np.random.default_rng(0), np.arange(4000) / 16_000
    tones = [np.sin(2 * np.pi * (300 if row < 30 else 900) * at) * rng.uniform(0.2, 0.8) for row in range(40)]
    return {"audio": pa.array([_wav(each) for each in tones], pa.binary())}


PAYLOADS = {"table": table_rows, "text": text_rows, "image": image_rows, "audio": audio_rows}


def seed_rows(name):
    """Labelled real rows for a generator that learns, None for one that does not."""
    cls = find("generators", name)
    if not getattr(cls, "learns", False):
        return None
    ids, labels = [f"real-{row}" for row in range(40)], ["no"] * 30 + ["yes"] * 10
    return pa.table({"id": ids, **PAYLOADS[getattr(cls, "payload", "table")](), "label": labels})


def answer(requests):
    """Reply to what a generator asks, each request by itself."""
    return tuple(ANSWERS[each.to](each) for each in requests)


def _png(grey):
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG")
    return stream.getvalue()


def _wav(samples):
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes((samples * 32767).astype("<i2").tobytes())
    return stream.getvalue()
