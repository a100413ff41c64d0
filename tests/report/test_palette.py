"""Colours keep their contrast on both papers and stay apart for colour-blind readers."""

import itertools

import numpy as np
import pytest

from bimetal.errors import InputError
from bimetal.report.palette import COLOURS, css, light, variables

DATA = ("human", "synthetic", "hybrid", "real", "replayed")
WORDS = ("ink", "muted", *DATA, "pass", "warn", "fail", "skip")
# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    channels = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(channels):
    xyz = TO_XYZ @ channels / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one, other):
    low, high = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("role", WORDS)
def test_every_colour_that_carries_words_is_legible(role, side):
    assert contrast(COLOURS[role][side], COLOURS["paper"][side]) >= 4.5


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("vision", "least"), [("normal", 28), ("protanopia", 28), ("deuteranopia", 28), ("tritanopia", 17)]
)
def test_data_colours_stay_apart_for_every_eye(vision, least, side):
    seen = [lab(np.clip(VISION[vision] @ linear(COLOURS[role][side]), 0, 1)) for role in DATA]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= least  # CIE 1976 delta E


def test_a_light_colour_names_one_role():
    assert len({colour.light for colour in COLOURS.values()}) == len(COLOURS)


def test_an_unknown_role_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"no colour has the role 'humna'.*human"):
        light("humna")


def test_every_role_is_declared_for_light_and_dark():
    for colour in COLOURS.values():
        assert css().count(colour.light) >= 1
        assert colour.dark in css().partition("dark")[2]


def test_only_paint_becomes_a_variable():
    assert variables('<a fill="#b05302" id="#b05302" data-fill="#b05302" stroke="#123456">') == (
        '<a fill="var(--human,#b05302)" id="#b05302" data-fill="#b05302" stroke="#123456">'
    )
