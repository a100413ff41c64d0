"""The digit seven in eight languages, as espeak-ng says it in rooms; drawn where that program is installed."""

import numpy as np
import pyarrow as pa
from gallery.hearing import sheet

from bimetal.endpoints.programs import program
from bimetal.generators._asking import answered
from bimetal.generators._sound.phrases import phrases
from bimetal.generators.speech import Speech


def picture():
    """One clip a language; words in scripts that the picture's font lacks stay out of its titles."""
    ask, clips = program("espeak-ng"), []
    for k, language in enumerate(("en", "de", "es", "fr", "ru", "vi", "th", "my")):
        speech = Speech(phrases=(phrases(language)[7],), snrs=("high",), codecs=("none",), rooms=("small", "medium"))
        clips.append(pa.Table.from_batches(answered(speech(1, np.random.default_rng(k)), ask)))
    rows = pa.concat_tables(clips)
    titles = []
    for row in rows.to_pylist():
        words = f' "{row["text"]}"' if row["language"] not in {"th", "my"} else ""
        titles.append((f"{row['language']}: 7{words}", f"{row['voice']}, {row['rate']:.0f} wpm, {row['room']} room"))
    return sheet(rows, titles)
