"""Every family of events once, in whatever room, noise and codec came up."""

import numpy as np
import pyarrow as pa
from gallery.hearing import sheet

from bimetal.generators._sound.events import FAMILIES
from bimetal.generators.sound import Sound


def picture():
    """One clip a family, with its room and codec."""
    clips = []
    for k, name in enumerate(FAMILIES):
        sound = Sound(events=(name,), snrs=("high", "medium"), seconds=1.6)
        clips.append(pa.Table.from_batches(sound(1, np.random.default_rng(k))))
    rows = pa.concat_tables(clips).slice(0, 16)
    titles = [(row["label"], f"{row['room']}, {row['snr_db']:.0f} dB, {row['codec']}") for row in rows.to_pylist()]
    return sheet(rows, titles)
