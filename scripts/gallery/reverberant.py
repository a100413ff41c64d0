"""One recording, a struck bar, and what other rooms, noises and codecs make of it."""

import numpy as np
import pyarrow as pa
from gallery.hearing import sheet

from bimetal.generators._sound.hearing import wav
from bimetal.generators.reverberant import Reverberant


def picture():
    """The recording, then seven drawn from it."""
    at = np.arange(20_000) / 16_000
    strokes = sum(np.exp(-9 * np.clip(at - s, 0, None)) * np.sin(6.283 * f * at) * (at >= s) for s, f in STROKES)
    seed = pa.table({"id": ["a"], "audio": [wav(strokes / 3)], "label": ["struck bar"]})
    kinds = [("dry", "low", "none"), ("small", "clean", "none"), ("large", "clean", "none"), ("large", "high", "lossy")]
    kinds += [("medium", "medium", "telephone"), ("medium", "high", "muffled"), ("small", "medium", "clipped")]
    drawn = [seed.select(["audio"])]
    for k, (room, snr, codec) in enumerate(kinds):
        generator = Reverberant(rooms=(room,), snrs=(snr,), codecs=(codec,))
        drawn.append(pa.Table.from_batches(generator(1, np.random.default_rng(k), seed)).select(["audio"]))
    titles = [
        ("recording", "as it is"),
        *((f"{room} room".replace("dry room", "dry"), f"{snr} ratio, codec {codec}") for room, snr, codec in kinds),
    ]
    return sheet(pa.concat_tables(drawn), titles)


STROKES = ((0.1, 880), (0.1, 2429), (0.45, 1320), (0.45, 3643), (0.8, 1760), (0.8, 4858))
