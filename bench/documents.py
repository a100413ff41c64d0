"""Documents a CPU second, flat and as a device sees them, beside the plain way to print a card with Faker and Pillow.

The peer prints a card of the same size: Faker's facts, eight lines of text with their boxes, one rotation with its
quads, saved as PNG with Pillow's defaults. Run: python bench/documents.py [--rows 200]
"""

from __future__ import annotations

import argparse
import io
from time import process_time

import numpy as np
from faker import Faker
from PIL import Image, ImageDraw

from bimetal.generators._document.paper import font
from bimetal.generators.document import Document


def rate(rows: int, **settings: object) -> float:
    """Documents a CPU second, after a few to warm up."""
    generator = Document(**settings)  # type: ignore[arg-type]
    list(generator(32, np.random.default_rng(1)))
    begun = process_time()
    made = sum(batch.num_rows for batch in generator(rows, np.random.default_rng(0)))
    return made / (process_time() - begun)


def plain(rows: int) -> float:
    """Cards a CPU second as the peer prints them."""
    faker, face = Faker("en_US"), font("plain", 18)
    faker.seed_instance(0)
    begun = process_time()
    for _ in range(rows):
        card = Image.new("RGB", (640, 404), (235, 240, 250))
        pen = ImageDraw.Draw(card)
        facts = [faker.last_name(), faker.first_name(), str(faker.date_of_birth()), faker.city(), faker.ssn()]
        facts += [faker.street_address(), faker.state(), faker.bothify("??######")]
        boxes = []
        for k, fact in enumerate(facts):
            pen.text((180, 40 + 40 * k), fact, (20, 20, 20), font=face)
            boxes.append(pen.textbbox((180, 40 + 40 * k), fact, font=face))
        turned = card.rotate(2.0, resample=Image.Resampling.BILINEAR, expand=True)
        angle = np.deg2rad(-2.0)
        spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for x0, y0, x1, y1 in boxes:
            (np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) - (320, 202)) @ spin.T
        turned.save(io.BytesIO(), "PNG")
    return rows / (process_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200)
    rows = parser.parse_args().rows
    print("## Documents a CPU second, one thread\n")
    print("| kind | flat | scanned | photographed |")
    print("|---|---|---|---|")
    for kind in ("identity_card", "invoice", "bank_statement", "proof_of_address"):
        cells = [f"{rate(rows, kinds=(kind,), captures=(how,)):.0f}" for how in ("flat", "scan", "photo")]
        print(f"| {kind} | " + " | ".join(cells) + " |", flush=True)
    print(f"| the peer's card, flat | {plain(rows):.0f} | | |")


if __name__ == "__main__":
    main()
