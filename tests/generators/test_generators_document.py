"""Documents say what their fields say, where they say it, add up, and cannot be taken for real ones."""

import io
import json
import re

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from bimetal.errors import InputError
from bimetal.generators._document.capture import homography, moved
from bimetal.generators._document.kinds import KINDS, Writer
from bimetal.generators._document.paper import FACES, font, marked
from bimetal.generators._document.words import CAPTIONS, KEYS, LOCALES
from bimetal.generators.document import Document, _faker
from bimetal.types import Target


def rows(n=24, seed=0, targets=(), **settings):
    return pa.Table.from_batches(Document(**settings)(n, np.random.default_rng(seed), targets=targets)).to_pylist()


def paper(kind, place, seed=0):
    return KINDS[kind](Writer(LOCALES[place], _faker(place, seed), np.random.default_rng(seed)))


def cents(text):
    return int(re.sub(r"[^\d]", "", text)) * (-1 if "-" in text else 1)


def said(page, name):
    return [each.text for each in page.fields if each.name == name]


@pytest.mark.parametrize("place", LOCALES)
def test_sums_add_up(place):
    for seed in range(3):
        bill = paper("invoice", place, seed)
        assert cents(*said(bill, "subtotal")) == sum(map(cents, said(bill, "line_amount")))
        assert cents(*said(bill, "total")) == cents(*said(bill, "subtotal")) + cents(*said(bill, "vat"))
        month = paper("bank_statement", place, seed)
        moves = sum(map(cents, said(month, "line_amount")))
        assert cents(*said(month, "balance_after")) == cents(*said(month, "balance_before")) + moves


@pytest.mark.parametrize("place", LOCALES)
def test_every_sign_that_is_printed_has_a_shape(place):
    face = font("plain", 15)
    lacking = bytes(face.getmask("\U0010ffff"))
    printed = "".join(each.text for kind in KINDS for each in paper(kind, place).fields)
    printed += CAPTIONS[LOCALES[place].language] + LOCALES[place].currency
    assert [sign for sign in sorted(set(printed)) if bytes(face.getmask(sign)) == lacking] == []


def test_every_language_has_every_caption():
    assert {language: len(each.split("|")) for language, each in CAPTIONS.items()} == dict.fromkeys(CAPTIONS, len(KEYS))


def test_a_box_holds_its_ink_and_nothing_of_it_lies_outside():
    for kind in KINDS:
        page = paper(kind, "en_GB")
        grey = np.asarray(page.picture.convert("L")).astype(int)
        for each in page.fields:
            x0, y0, x1, y1 = map(int, each.box)
            assert (grey[y0:y1, x0:x1] < 90).any(), each
            around = grey[max(y0 - 2, 0) : y1 + 2, max(x0 - 2, 0) : x1 + 2].copy()
            around[2 : 2 + y1 - y0, 2 : 2 + x1 - x0] = 255
            assert (around >= 90).all(), each


@pytest.mark.parametrize("how", ["flat", "scan", "photo"])
def test_quads_go_along_with_the_picture(how):
    for row in rows(n=12, captures=(how,), kinds=("invoice",)):
        grey = np.asarray(Image.open(io.BytesIO(row["image"])).convert("L")).astype(float)
        dark = []
        for each in json.loads(row["fields"]):
            x0, y0, x1, y1 = (round(one) for one in each["box"])
            assert 0 <= x0 < x1 <= grey.shape[1]
            assert 0 <= y0 < y1 <= grey.shape[0]
            inside = grey[y0:y1, x0:x1]
            dark.append(inside.min() < np.median(grey[max(y0 - 3, 0) : y1 + 3, max(x0 - 3, 0) : x1 + 3]) - 40)
        assert np.mean(dark) > 0.95


def test_no_document_can_pass_for_a_real_one():
    for row in rows(n=24):
        found = Image.open(io.BytesIO(row["image"]))
        notice = found.info.get("Description") or found.info["comment"].decode()
        assert notice.startswith("SPECIMEN")
        assert row["marked"] == "SPECIMEN"
        for each in json.loads(row["fields"]):
            if each["name"] == "account":
                assert re.match(r"[A-Z]{2}00 ", each["text"])


def test_the_mark_crosses_every_quarter_of_the_page():
    for kind in KINDS:
        page = paper(kind, "en_US")
        before = np.asarray(page.picture).astype(int)
        after = np.asarray(marked(page)).astype(int)
        changed = np.abs(after - before).sum(axis=2) > 30
        height, width = changed.shape
        for down in (slice(0, height // 2), slice(height // 2, None)):
            for across in (slice(0, width // 2), slice(width // 2, None)):
                assert changed[down, across].mean() > 0.08


def test_targets_name_kind_place_and_capture():
    drawn = rows(n=300, kinds=("identity_card",), captures=("flat",), targets=(Target("script", "Greek", 0.5),))
    assert abs(np.mean([each["script"] == "Greek" for each in drawn]) - 0.5) < 0.12


def test_boxes_may_be_the_label():
    row = rows(n=1, truth="boxes")[0]
    boxes = json.loads(row["label"])
    assert [each["label"] for each in boxes] == [each["name"] for each in json.loads(row["fields"])]


def test_a_homography_takes_its_corners_where_they_were_asked():
    rng = np.random.default_rng(0)
    before = np.array([[0, 0], [4, 0], [4, 3], [0, 3]], float)
    after = before + rng.uniform(-0.5, 0.5, (4, 2))
    assert np.allclose(moved(before, homography(before, after)), after)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"kinds": ("passport",)}, "kinds has 'passport'"),
        ({"locales": ()}, "locales has nothing"),
        ({"captures": "flat"}, "captures has 'flat'"),
        ({"truth": "words"}, "truth is 'words'"),
    ],
)
def test_what_is_not_known_is_refused(settings, sentence):
    with pytest.raises(InputError, match=sentence):
        Document(**settings)


def test_a_font_that_is_gone_is_one_sentence(monkeypatch):
    monkeypatch.setitem(FACES, "plain", "Gone.ttf")
    font.cache_clear()
    with pytest.raises(InputError, match=r"the font Gone\.ttf cannot be read"):
        font("plain", 15)
    font.cache_clear()
