"""How data enter: declared, warned about, and refused where a panel or an id would be made false."""

import pyarrow as pa
import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme.intake import Arrival, Declared, add

VOUCHED = Declared("real", "human")


def arrive(rows, role="train", name="rows", **more):
    return Arrival(rows, name, role, "archive", **more)


def test_a_plain_table_comes_in_as_undeclared_with_warnings(programme, blobs):
    stored, warnings = add(programme, arrive(blobs(5)))
    rows = programme.snapshots.get(stored.digest)
    assert set(rows["item_origin"].to_pylist()) == {"undeclared"}
    told = ("origin-known", "labels-known", "source-registered", "licence-inherited")
    assert [warning.split(":")[0] for warning in warnings] == [f"rule {name}" for name in told]


def test_a_declaration_stands_in_the_log_with_the_name_of_who_made_it(programme, blobs):
    stored, warnings = add(programme, arrive(blobs(5), declared=VOUCHED, licence="CC-BY-4.0"))
    entry = list(programme.log.entries(action="dataset.added"))[-1]
    assert (entry.actor, entry.body["declared_by"], entry.subject) == ("ana", "ana", stored.digest)
    assert [warning.split(":")[0] for warning in warnings] == ["rule source-registered"]


def test_rows_that_say_they_are_synthetic_are_believed_and_rows_that_say_they_are_real_are_not(programme, blobs):
    rows = blobs(2).append_column("item_origin", pa.array(["synthetic", "real"]))
    rows = rows.append_column("label_origin", pa.array(["construction", "human"]))
    stored, _ = add(programme, arrive(rows))
    kept = programme.snapshots.get(stored.digest)
    assert kept["item_origin"].to_pylist() == ["synthetic", "undeclared"]
    assert kept["label_origin"].to_pylist() == ["construction", "undeclared"]


@pytest.mark.parametrize("declared", [Declared(), Declared("real", "model"), Declared("synthetic", "human")])
def test_a_panel_takes_only_real_items_with_human_labels(programme, blobs, declared):
    with pytest.raises(PolicyError, match=r"an evaluation panel takes only .* 5 rows break it: row-0-0"):
        add(programme, arrive(blobs(5), "panel", declared=declared))
    assert not programme.datasets("panel")


def test_a_panel_that_overlaps_is_refused_from_either_side(programme, blobs):
    add(programme, arrive(blobs(10), declared=VOUCHED))
    with pytest.raises(PolicyError, match="2 panel rows also stand in the rows table: row-0-3, row-0-4"):
        add(programme, arrive(blobs(10).slice(3, 2), "panel", "panel", declared=VOUCHED))
    add(programme, arrive(blobs(10, seed=1), "panel", "panel", declared=VOUCHED))
    with pytest.raises(PolicyError, match="the panel 'panel' is sealed: 1 panel rows also stand in the arriving table"):
        add(programme, arrive(blobs(10, seed=1).slice(0, 1), name="more", declared=VOUCHED))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.drop_columns("label"), "no column 'label'"),
        (lambda rows: rows.set_column(0, "id", pa.array(["a"] * 5)), "1 ids stand more than once: a"),
        (lambda rows: rows.set_column(0, "id", pa.array([None, "b", "c", "d", "e"])), "1 rows have no id"),
        (lambda rows: rows.set_column(3, "label", pa.array(["c9"] * 5)), "label 'c9' is not one of the task's"),
        (lambda rows: rows.select(["id", "label"]), "no payload"),
    ],
)
def test_rows_that_cannot_be_used_are_refused_and_nothing_is_kept(programme, blobs, change, words):
    with pytest.raises(InputError, match=words):
        add(programme, arrive(change(blobs(5))))
    assert not programme.datasets()


def test_a_broken_picture_names_its_row(programme):
    rows = pa.table({"id": ["a", "b"], "image": [b"\x89PNG no", b"GIF"], "label": ["c0", "c1"]})
    with pytest.raises(InputError, match="row 'a' holds a broken picture"):
        add(programme, arrive(rows))


def test_words_that_declare_nothing_are_refused():
    with pytest.raises(InputError, match="--declare got 'genuine'; write ITEM,LABEL"):
        Declared.parse("genuine")


def test_datasets_have_names_and_windows_items_of_their_own(programme, blobs):
    add(programme, arrive(blobs(5), "production", "march"))
    with pytest.raises(InputError, match="a dataset called 'march' is here already; name this one with --name"):
        add(programme, arrive(blobs(5, seed=1), "train", "march"))
    with pytest.raises(InputError, match="5 ids also stand in the window 'march': row-0-0"):
        add(programme, arrive(blobs(5), "production", "april"))


def test_one_item_is_not_counted_in_two_panels(programme, blobs):
    add(programme, arrive(blobs(5), "panel", "panel", declared=VOUCHED))
    with pytest.raises(PolicyError, match="5 panel rows also stand in the panel table"):
        add(programme, arrive(blobs(5), "panel", "again", declared=VOUCHED))


@pytest.mark.parametrize(("item", "label"), [("Synthetic", "human"), ("real", "model"), ("real", " Replayed ")])
def test_a_declaration_does_not_overrule_what_a_file_says_against_itself(programme, blobs, item, label):
    rows = (
        blobs(5).append_column("item_origin", pa.array([item] * 5)).append_column("label_origin", pa.array([label] * 5))
    )
    with pytest.raises(PolicyError, match="5 rows break it"):
        add(programme, arrive(rows, "panel", declared=VOUCHED))


def test_words_nobody_knows_and_licences_that_contradict_are_refused(programme, blobs):
    with pytest.raises(InputError, match="item_origin says 'genuine'"):
        add(programme, arrive(blobs(5).append_column("item_origin", pa.array(["genuine"] * 5))))
    said = blobs(5).append_column("licence", pa.array(["CC0-1.0"] * 5))
    with pytest.raises(InputError, match=r"the rows say their licence is .CC0-1.0., --licence says 'MIT'"):
        add(programme, arrive(said, licence="MIT"))
    stored, _ = add(programme, arrive(said, declared=VOUCHED))
    assert set(programme.snapshots.get(stored.digest)["licence"].to_pylist()) == {"unknown"}


def test_training_rows_without_a_label_are_pool_rows(programme, blobs):
    rows = blobs(2).set_column(3, "label", pa.array(["c0", None]))
    with pytest.raises(InputError, match="1 train rows have no label; label them, or add them with --role pool"):
        add(programme, arrive(rows))


def test_a_label_column_under_its_own_name_is_not_taken_for_payload(programme, blobs):
    rows = blobs(5).rename_columns(["id", "x", "y", "kind"])
    add(programme, arrive(rows, label="kind"))
    later = blobs(5, seed=1).rename_columns(["id", "x", "y", "kind"])
    with pytest.raises(InputError, match="the table carries 'kind', the label column of 'rows'; pass --label kind"):
        add(programme, arrive(later, "production", "march"))
