"""Masks written as COCO's run lengths are the same masks in pycocotools, their boxes the extents."""

import contextlib
import io
import json

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators.scene import Scene
from bimetal.plugins import Exchange, Spec, make


def written(rows, task):
    files = {}
    for name, piece in make(Spec("connectors", "coco", {})).write(Exchange(rows, task)):
        files[name] = files.get(name, b"") + piece
    return files


def scenes(**arguments):
    drawn = pa.Table.from_batches(Scene(size=64, **arguments)(8, np.random.default_rng(5)))
    return drawn.append_column("id", pa.array([f"scene-{row}" for row in range(drawn.num_rows)])), drawn


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pycocotools' own, about NumPy 2
def test_pycocotools_opens_what_is_written_and_finds_the_same_masks_and_boxes(tmp_path):
    coco = pytest.importorskip("pycocotools.coco")
    masks = pytest.importorskip("pycocotools.mask")
    rows, drawn = scenes(truth="masks")
    (tmp_path / "annotations.json").write_bytes(written(rows, "masks")["annotations.json"])
    with contextlib.redirect_stdout(io.StringIO()):
        opened = coco.COCO(str(tmp_path / "annotations.json"))
    from PIL import Image

    for row, picture in enumerate(opened.dataset["images"]):
        instances = np.asarray(Image.open(io.BytesIO(drawn["instances"][row].as_py())))
        found = opened.loadAnns(opened.getAnnIds(picture["id"]))
        assert len(found) == len(json.loads(drawn["label"][row].as_py()))
        for number, each in enumerate(found, 1):
            assert np.array_equal(opened.annToMask(each) > 0, instances == number)
            assert masks.toBbox(opened.annToRLE(each)).tolist() == each["bbox"]
            assert masks.area(opened.annToRLE(each)) == each["area"]


@pytest.mark.parametrize("mask", ["no base64!", "aGVsbG8=", None])
def test_what_is_no_mask_is_refused(mask):
    rows, _ = scenes()
    label = json.dumps([{"mask": mask, "label": "cat"}])
    rows = rows.slice(0, 1).set_column(rows.column_names.index("label"), "label", pa.array([label]))
    with pytest.raises(InputError, match="a mask cannot be read"):
        written(rows, "masks")
