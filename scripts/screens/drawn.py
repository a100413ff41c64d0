"""Pictures and a sound for the screens: streets of simple shapes, figures, scikit-learn's digits, a bell."""

import io
import json
import wave

import numpy as np
from PIL import Image, ImageDraw

SIZE = (960, 600)
SKY, ROAD, PATH = "#cfe3f2", "#6b7078", "#c9c4ba"
HOUSES = ("#d98e73", "#e8cf9f", "#8fb0c4", "#b9a5cf", "#93b58c")
HOUSE_AT = ((20, 150, 190, 400), (200, 90, 400, 400), (410, 180, 560, 400), (570, 120, 760, 400), (770, 170, 945, 400))
CARS = ((120, 430, 330, 520, "#c0392b"), (560, 420, 740, 500, "#2d6cb5"))
PEOPLE = ((420, 360, "#374151"), (835, 370, "#7c3f58"))


def png(image):
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


def street(shift=0):
    """Draw houses, two cars and two people on foot; `shift` pixels set one street apart from the next."""
    image = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(image)
    pen.ellipse((800, 30, 870, 100), fill="#f6d365")
    for (x0, y0, x1, y1), colour in zip(HOUSE_AT, HOUSES, strict=True):
        house(pen, (x0, y0 + shift % 30, x1, y1), colour)
    pen.rectangle((0, 400, 960, 440), fill=PATH)
    pen.rectangle((0, 440, 960, 600), fill=ROAD)
    for x in range(0, 960, 120):
        pen.rectangle((x + 20, 550, x + 80, 558), fill="#e5e7eb")
    for x, y, coat in PEOPLE:
        person(pen, x, y, coat)
    for x0, y0, x1, y1, paint in CARS:
        car(pen, (x0 + shift, y0, x1 + shift, y1), paint)
    return png(image)


def house(pen, box, colour):
    x0, y0, x1, y1 = box
    pen.rectangle(box, fill=colour)
    pen.polygon([(x0 - 8, y0), ((x0 + x1) // 2, y0 - 55), (x1 + 8, y0)], fill="#7a4b3a")
    for x in range(x0 + 20, x1 - 40, 50):
        for y in range(y0 + 25, y1 - 90, 65):
            pen.rectangle((x, y, x + 28, y + 38), fill="#eef4f8", outline="#5b6570", width=2)
    middle = (x0 + x1) // 2
    pen.rectangle((middle - 18, y1 - 62, middle + 18, y1), fill="#5a4632")


def car(pen, box, paint):
    x0, y0, x1, y1 = box
    wide = x1 - x0
    pen.polygon(
        [(x0 + wide * 0.2, y0 + 35), (x0 + wide * 0.32, y0), (x1 - wide * 0.28, y0), (x1 - wide * 0.12, y0 + 35)],
        fill="#dbe7ef",
    )
    pen.rounded_rectangle((x0, y0 + 32, x1, y1 - 14), 14, fill=paint)
    for x in (x0 + wide * 0.2, x1 - wide * 0.2):
        pen.ellipse((x - 20, y1 - 38, x + 20, y1), fill="#1f2328")
        pen.ellipse((x - 8, y1 - 26, x + 8, y1 - 12), fill="#c9ced6")


def person(pen, x, y, coat):
    pen.ellipse((x - 11, y - 24, x + 11, y), fill="#e0b18f")
    pen.rounded_rectangle((x - 15, y, x + 15, y + 45), 8, fill=coat)
    pen.rectangle((x - 11, y + 42, x - 2, y + 75), fill="#23272e")
    pen.rectangle((x + 2, y + 42, x + 11, y + 75), fill="#23272e")


def boxes():
    """Spell the boxes that belong to `street()`."""
    cars = [{"x0": x0, "y0": y0, "x1": x1, "y1": y1, "label": "car"} for x0, y0, x1, y1, _ in CARS]
    people = [{"x0": x - 18, "y0": y - 26, "x1": x + 18, "y1": y + 78, "label": "person"} for x, y, _ in PEOPLE]
    return json.dumps([*cars, *people])


def outlines():
    """Spell the outlines of three houses of `street()`."""
    chosen = (HOUSE_AT[1], HOUSE_AT[3], HOUSE_AT[0])
    return json.dumps([{"points": roofed(each), "label": "house"} for each in chosen])


def roofed(box):
    x0, y0, x1, y1 = box
    return [[x0 - 8, y0], [(x0 + x1) // 2, y0 - 55], [x1 + 8, y0], [x1, y0 + 4], [x1, y1], [x0, y1], [x0, y0 + 4]]


JOINTS = {
    "head": (480, 120), "left hand": (340, 300), "right hand": (640, 200), "left foot": (420, 545), "right foot": (560, 540),
}  # fmt: skip


def dancer():
    """Draw one figure with its arms and legs apart."""
    image = Image.new("RGB", SIZE, "#e9e4d8")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 545, 960, 600), fill="#b8ab94")
    neck, hip = (480, 180), (485, 360)
    lines = [
        (neck, (400, 255)),
        ((400, 255), JOINTS["left hand"]),
        (neck, (570, 240)),
        ((570, 240), JOINTS["right hand"]),
    ]
    lines += [
        (hip, (430, 455)),
        ((430, 455), JOINTS["left foot"]),
        (hip, (545, 450)),
        ((545, 450), JOINTS["right foot"]),
    ]
    for one, other in lines:
        pen.line([one, other], fill="#3f5d7d", width=30, joint="curve")
        for x, y in (one, other):
            pen.ellipse((x - 15, y - 15, x + 15, y + 15), fill="#3f5d7d")
    pen.line([neck, hip], fill="#c05746", width=84)
    x, y = JOINTS["head"]
    pen.ellipse((x - 48, y - 52, x + 48, y + 52), fill="#e0b18f")
    return png(image)


def posed():
    """Spell the figure's points, one hand not set yet."""
    points = {name: list(at) for name, at in JOINTS.items() if name != "right hand"}
    return json.dumps([{"points": points, "label": "dancer"}])


def digits(n):
    """Give the first handwritten digits of scikit-learn's set as pictures, and what they are."""
    from sklearn.datasets import load_digits

    held = load_digits()
    pictures = [png(Image.fromarray(np.round(each * 255 / 16).astype("uint8"), "L")) for each in held.images[:n]]
    return pictures, [str(each) for each in held.target[:n]]


def bell(strokes=5, rate=16_000):
    """Strike a bell a few times, each fainter and later than the one before."""
    at = np.arange(4 * rate) / rate
    heard = np.zeros_like(at)
    for k in range(strokes):
        after = np.clip(at - 0.15 - 0.75 * k, 0, None)
        ring = sum(np.sin(2 * np.pi * f * after) / (n + 1) for n, f in enumerate((440, 880, 1318)))
        heard += (at > 0.15 + 0.75 * k) * ring * np.exp(-4.5 * after) * 0.85**k
    spoken = (np.clip(heard / np.abs(heard).max(), -1, 1) * 30_000).astype("<i2")
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(spoken.tobytes())
    return held.getvalue()
