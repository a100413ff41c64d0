"""Red-team prompts: converters undo, pairs stand together, nothing harmful is in any row, coverage is even."""

import json
import re
import tomllib
from collections import Counter
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators._redteam.converters import BULKY, CONVERTERS
from bimetal.generators._redteam.taxonomy import SEVERITIES, taxonomy
from bimetal.generators.redteam import Redteam
from bimetal.types import Target

ANY = st.text(st.characters(exclude_categories=["Cs"]))
UNDONE = [name for name, each in CONVERTERS.items() if each.decode is not None]


def drawn(n=600, seed=1, targets=(), **settings):
    return pa.Table.from_batches(Redteam(**settings)(n, np.random.default_rng(seed), targets=targets))


@pytest.mark.parametrize("name", UNDONE)
@given(text=ANY)
def test_every_converter_but_one_is_undone_by_its_decoder(name, text):
    each = CONVERTERS[name]
    assert each.decode(each.encode(text)) == text


@given(first=st.sampled_from(UNDONE), second=st.sampled_from(UNDONE), text=ANY)
def test_chains_are_undone_in_turn(first, second, text):
    one, two = CONVERTERS[first], CONVERTERS[second]
    assert one.decode(two.decode(two.encode(one.encode(text)))) == text


def test_only_alternating_case_forgets_something():
    assert set(CONVERTERS) - set(UNDONE) == {"alternating_case"}


def test_known_encodings():
    """RFC 4648 and ITU-R M.1677-1, and what anybody can look up."""
    encoded = {name: CONVERTERS[name].encode("foobar") for name in ("base64", "base32", "hex", "rot13", "morse")}
    assert encoded == {
        "base64": "Zm9vYmFy",
        "base32": "MZXW6YTBOI======",
        "hex": "666f6f626172",
        "rot13": "sbbone",
        "morse": "..-. --- --- -... .- .-.",
    }
    assert CONVERTERS["binary"].encode("A") == "01000001"
    assert CONVERTERS["url"].encode("a b/é") == "a%20b%2F%C3%A9"
    assert CONVERTERS["full_width"].encode("A!") == "Ａ！"
    assert json.loads(CONVERTERS["json"].encode('say "x"'))["content"] == 'say "x"'
    assert CONVERTERS["xml"].encode("<b>") == "<message><user>&lt;b&gt;</user></message>"


def test_attack_and_twin_stand_side_by_side_and_differ_in_form_and_task_alone():
    rows = drawn().to_pylist()
    for attack, benign in zip(rows[::2], rows[1::2], strict=True):
        assert (attack["label"], benign["label"]) == ("attack", "benign")
        same = ("family", "kind", "category", "severity", "carrier", "converters", "seed", "twin")
        assert [attack[name] for name in same] == [benign[name] for name in same]
        assert attack["text"] != benign["text"]
    assert len({row["twin"] for row in rows}) == len(rows) // 2


def test_every_payload_is_a_placeholder_and_no_twin_has_one():
    rows = drawn(depth=0).to_pylist()
    for row in rows:
        found = re.findall(r"\[\[PAYLOAD:([a-z-]+)\]\]", row["text"])
        assert found == ([row["category"]] if row["label"] == "attack" else [])


def test_masked_pairs_ask_for_the_same():
    assert all(text.count("[[TASK]]") == 1 for text in drawn(depth=0, masked=True)["text"].to_pylist())


def test_seeds_are_a_full_grid_with_a_slot_in_both_twins():
    raw = tomllib.loads(files("bimetal.generators._redteam").joinpath("seeds.toml").read_text(encoding="utf-8"))
    assert raw["licence"] == Redteam.licence == taxonomy().licence
    assert {len(family["forms"]) for family in raw["families"]} == {3}
    assert Counter(each["severity"] for each in raw["categories"].values()) == dict.fromkeys(SEVERITIES, 4)
    assert {family["kind"] for family in raw["families"]} == {"prompt-injection", "jailbreak", "encoding"}
    for seed in taxonomy().seeds:
        assert seed.attack.count("{task}") == seed.benign.count("{task}") == 1
        assert seed.attack != seed.benign
    assert len({seed.id for seed in taxonomy().seeds}) == len(taxonomy().seeds)


def test_families_severities_and_carriers_are_even_unless_steered():
    rows = drawn(6000)
    for name, many in (("family", 16), ("severity", 3), ("carrier", 6), ("category", 12)):
        counts = Counter(rows[name].to_pylist())
        assert len(counts) == many
        expected = 3000 / many  # pairs
        assert all(abs(count / 2 - expected) < 5 * np.sqrt(expected) for count in counts.values())


def test_targets_on_two_columns_are_met_together_and_pairs_kept():
    wanted = (Target("family", "persona", 0.5), Target("label", "attack", 0.25), Target("severity", "high", 0.6))
    rows = drawn(4000, targets=wanted)
    for target in wanted:
        share = rows[target.column].to_pylist().count(target.value) / 4000
        assert abs(share - target.share) < 0.05
    pairs = Counter(rows["twin"].to_pylist())
    attacks = [row["twin"] for row in rows.to_pylist() if row["label"] == "attack"]
    assert sum(pairs[twin] == 2 for twin in attacks) >= len(attacks) - 16  # a batch may end within a pair


def test_a_draw_of_attacks_alone_has_no_twins():
    assert set(drawn(300, targets=(Target("label", "attack", 1.0),))["label"].to_pylist()) == {"attack"}


def test_prompts_are_distinct_and_of_readable_size():
    texts = drawn(5000)["text"].to_pylist()
    assert len(set(texts)) > 0.995 * len(texts)
    assert max(map(len, texts)) < 10_000


def test_chains_hold_no_converter_twice_and_one_bulky_at_most():
    for named in set(drawn(3000)["converters"].to_pylist()) - {""}:
        chain = named.split("+")
        assert len(set(chain)) == len(chain) <= 3
        assert sum(CONVERTERS[each].growth >= BULKY for each in chain) <= 1


def test_converters_can_be_chosen():
    found = set(drawn(300, converters=("base64", "rot13"))["converters"].to_pylist())
    assert found == {"", "base64", "rot13", "base64+rot13", "rot13+base64"}


def test_carriers_stay_valid():
    rows = drawn(3000, targets=(Target("carrier", "tool-output", 0.5), Target("carrier", "code-comment", 0.5)))
    for row in rows.to_pylist():
        if row["carrier"] == "tool-output":
            assert json.loads(row["text"])["tool"] in {"search", "calendar"}
        else:
            compile(row["text"].replace("\x00", ""), "carrier", "exec")


@pytest.mark.parametrize(
    "bad", [{"depth": 4}, {"depth": -1}, {"converters": "base64"}, {"converters": ("rot99",)}, {"masked": 1}]
)
def test_bad_arguments_are_refused_in_one_sentence(bad):
    with pytest.raises(InputError) as refused:
        Redteam(**bad)
    assert refused.value.hint
