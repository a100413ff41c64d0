"""Digits: the pictures look as asked, slices mean what they say, and real digits are read from synthetic ones alone."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators._curves import curve
from bimetal.generators._glyphs import FACES, glyph
from bimetal.generators._strokes import PATHS, VARIANTS
from bimetal.generators.digits import Digits
from bimetal.payload import pixels
from bimetal.types import Target


def drawn(n=256, seed=1, targets=(), **settings):
    return pa.Table.from_batches(Digits(**settings)(n, np.random.default_rng(seed), targets=targets))


@pytest.mark.parametrize("size", [8, 13, 28, 32, 128])
@pytest.mark.parametrize("capture", ["boxed", "centred"])
def test_pictures_have_the_size_asked_for_and_ink_on_black(size, capture):
    images = pixels(drawn(6, size=size, capture=capture))
    assert images.shape == (6, size, size)
    assert (images.max(axis=(1, 2)) > 100).all()
    assert (images == 0).mean() > 0.2


def test_boxed_pictures_count_sixteen_cells_a_pixel():
    levels = np.unique(pixels(drawn(size=8)))
    assert set(levels) <= set(np.rint(np.arange(17) * 255 / 16).astype(np.uint8))


def test_boxed_digits_fill_the_height():
    images = pixels(drawn(size=8))
    assert images[:, [0, 7]].max(axis=2).all(axis=1).mean() > 0.95


def test_centred_digits_keep_a_margin_and_their_mass_in_the_middle():
    images = pixels(drawn(size=28)).astype(float)
    side = np.arange(28) - 13.5
    weight = images.sum(axis=(1, 2))
    down, across = (images.sum(axis=axis) @ side / weight for axis in (2, 1))
    assert np.quantile(np.abs(down), 0.9) < 1
    assert np.quantile(np.abs(across), 0.9) < 1


def test_thickness_and_slant_say_what_is_drawn():
    ink, lean = {}, {}
    for value in ("thin", "medium", "thick"):
        rows = drawn(128, targets=(Target("thickness", value, 1.0), Target("label", "0", 1.0)))
        ink[value] = pixels(rows).mean()
    assert ink["thin"] < ink["medium"] < ink["thick"]
    for value in ("left", "upright", "right"):
        rows = drawn(128, targets=(Target("slant", value, 1.0), Target("variant", "1-plain", 1.0)))
        images = pixels(rows).astype(float)
        side = np.arange(28) - 13.5
        lean[value] = -(images * side[:, None] * side).sum() / (images * side[:, None] ** 2).sum()
    assert lean["left"] < -0.1 < lean["upright"] < 0.15 < lean["right"]


def test_labels_are_even_unless_steered_and_columns_are_steered_together():
    n = 2048
    labels = drawn(n, size=8)["label"].to_pylist()
    counts = np.array([labels.count(str(k)) for k in range(10)])
    assert ((counts - n / 10) ** 2 / (n / 10)).sum() < 27.9  # chi-square, 9 degrees of freedom, p = .001
    rows = drawn(n, size=8, targets=(Target("variant", "7-barred", 0.3), Target("slant", "left", 0.5)))
    for column, value, share in (("variant", "7-barred", 0.3), ("slant", "left", 0.5)):
        seen = rows[column].to_pylist().count(value) / n
        assert abs(seen - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_a_style_draws_itself_alone_and_refuses_to_be_steered_elsewhere():
    assert set(drawn(64, size=8, style="font")["variant"].to_pylist()) <= set(FACES)
    assert set(drawn(64, size=8, style="stroke")["style"].to_pylist()) == {"stroke"}
    with pytest.raises(InputError, match="style is never 'font' here; choose one of: stroke"):
        drawn(4, style="stroke", targets=(Target("style", "font", 0.5),))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"size": 7}, "size is 7, expected a whole number from 8 to 128"),
        ({"size": 28.0}, "size is 28.0"),
        ({"style": "cursive"}, "style is 'cursive'; choose one of: mixed, stroke, font"),
        ({"capture": "photo"}, "capture is 'photo'; choose one of: auto, boxed, centred"),
        ({"wildness": float("nan")}, "wildness is nan"),
        ({"wildness": "very"}, "wildness is 'very'"),
    ],
)
def test_settings_that_make_no_digit_are_refused(settings, reason):
    with pytest.raises(InputError, match=reason):
        Digits(**settings)


def test_every_variant_has_a_name_of_its_own_and_a_curve_through_its_path():
    assert len(PATHS) == sum(map(len, VARIANTS.values()))
    assert sorted(VARIANTS) == list("0123456789")
    for path in PATHS.values():
        line = curve(path, 80)
        np.testing.assert_allclose(line.basis.sum(axis=1), 1, atol=1e-9)
        np.testing.assert_allclose(line.basis[0] @ line.knots, line.knots[0], atol=1e-9)
        np.testing.assert_allclose(line.basis[-1] @ line.knots, line.knots[-1], atol=1e-9)


@pytest.mark.parametrize("face", FACES)
def test_discs_of_a_glyph_cover_a_digit(face):
    points, radius = glyph(face, "8", 80)
    assert np.ptp(points[:, 1]) == pytest.approx(1)
    assert 0.3 < np.ptp(points[:, 0]) < 1
    assert (radius > 0).all()


def test_a_classifier_that_saw_only_synthetic_digits_reads_real_ones():
    from sklearn.datasets import load_digits
    from sklearn.svm import SVC

    bunch = load_digits()
    development = np.random.default_rng(20260101).permutation(1797)[597:]  # the first 597 are the published panel
    rows = drawn(2048, seed=0, size=8)
    model = SVC(C=10).fit(pixels(rows).reshape(-1, 64) / 255, rows["label"].to_pylist())
    found = model.predict(bunch.data[development] / 16)
    assert (found == bunch.target[development].astype(str)).mean() > 0.88
