"""Contact sheets hold every picture at its place, enlarged or shrunk without being bent."""

import io
import wave

import numpy as np
import pytest
from PIL import Image

from bimetal.report.sheet import GAP, contact_sheet, spectrogram


def png(colour, size=(8, 8)):
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


def opened(sheet):
    return np.asarray(Image.open(io.BytesIO(sheet)).convert("RGB"))


@pytest.mark.parametrize("side", [4, 32])
def test_pictures_stand_in_lines_and_bands_in_order(side):
    red, blue = (255, 0, 0), (0, 0, 255)
    sheet = opened(contact_sheet([[png(red), png(blue), png(blue)], [png(red)]], across=2, side=side))
    at = GAP + side // 2
    step = side + GAP
    assert tuple(sheet[at, at]) == red
    assert tuple(sheet[at, at + step]) == blue
    assert tuple(sheet[at + step, at]) == blue
    assert tuple(sheet[at + 2 * step + 2 * GAP, at]) == red


def test_a_wide_picture_keeps_its_shape():
    sheet = opened(contact_sheet([[png((0, 255, 0), (40, 10))]], across=1, side=40))
    green = (sheet == (0, 255, 0)).all(axis=2)
    assert (green.any(axis=0).sum(), green.any(axis=1).sum()) == (40, 10)


def test_a_high_tone_is_drawn_above_a_low_one():
    def bright(pitch):
        stream = io.BytesIO()
        with wave.open(stream, "wb") as sound:
            sound.setparams((1, 2, 16_000, 0, "NONE", ""))
            tone = np.sin(2 * np.pi * pitch * np.arange(16_000) / 16_000)
            sound.writeframes((tone * 20_000).astype("<i2").tobytes())
        picture = opened(spectrogram(stream.getvalue()))[:, :, 0].astype(float)
        return picture.sum(axis=1).argmax()

    assert bright(3000) < bright(300)


def test_what_is_no_sound_is_drawn_black():
    assert opened(spectrogram(b"nonsense")).max() == 0
