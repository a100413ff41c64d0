"""Rows a model writes: graphs with faults, replies that fail their checks, near copies, judges, and models that cannot."""

import json
import re

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import EndpointError, InputError
from bimetal.generators._asking import answered
from bimetal.generators._prompted.graph import bundled, graph
from bimetal.generators._prompted.likeness import Seen, likeness, printed
from bimetal.generators._prompted.replies import Field, read, wrong_script
from bimetal.generators.paraphrase import Paraphrase
from bimetal.generators.prompted import Prompted
from bimetal.types import Reply, Target
from tests.generators.light import chatted

SMALL = {
    "attributes": {
        "label": {"values": {"yes": 3, "no": 1}},
        "place": {"by": "label", "values": {"yes": ["east"], "no": ["east", "west"]}},
    },
    "prompt": {"user": 'Say {label} in the {place}. Keep {"json": braces}.'},
    "reply": {"text": {"least": 5}},
}
SEEDS = pa.table(
    {"id": ["a", "b"], "text": ["pay 42.50 to {name} at once", "where is my card"], "label": ["pay", "card"]}
)


def rows(generator, n, answer=chatted, seed=1, seeds=None, targets=()):
    steps = generator(n, np.random.default_rng(seed), seeds, targets)
    return pa.Table.from_batches(answered(steps, lambda asked: tuple(map(answer, asked))))


def saying(*texts):
    """Answer with these texts in turn, then on with the pretended model."""
    turns = iter(texts)

    def answer(request):
        text = next(turns, None)
        return chatted(request) if text is None else Reply(json.dumps({"text": text}).encode())

    return answer


@pytest.mark.parametrize("name", bundled())
def test_a_bundled_graph_draws_what_it_declares(name):
    drawn = rows(Prompted(name, tries=20), 40)  # the pretended model judges at random
    plan = graph(name)
    assert drawn.column_names[: len(plan.columns)] == list(plan.columns)
    for each in plan.attributes:
        known = {value for values in each.values.values() for value in values}
        assert set(drawn[each.name].to_pylist()) <= known
    assert max(drawn["likeness"].to_pylist()) < plan.near
    if "language" in plan.columns:
        assert not any(map(wrong_script, drawn["text"].to_pylist(), drawn["language"].to_pylist()))


def test_attributes_follow_their_shares_and_what_they_depend_on():
    drawn = rows(Prompted(SMALL), 400)
    pairs = list(zip(drawn["label"].to_pylist(), drawn["place"].to_pylist(), strict=True))
    assert abs(pairs.count(("yes", "east")) / 400 - 0.75) < 0.09
    assert abs(pairs.count(("no", "west")) / 400 - 0.125) < 0.07
    assert ("yes", "west") not in pairs


def test_targets_reach_through_what_depends():
    drawn = rows(Prompted(SMALL), 200, targets=(Target("place", "west", 0.5),))
    assert abs(drawn["place"].to_pylist().count("west") / 200 - 0.5) < 0.15
    with pytest.raises(InputError, match=r"contradict each other|leave no room|leaves no room|cannot be"):
        rows(Prompted(SMALL), 5, targets=(Target("place", "west", 0.5), Target("label", "yes", 1.0)))


def test_a_mapping_and_its_json_are_the_same_generator():
    assert Prompted(SMALL) == Prompted(json.dumps(SMALL, sort_keys=True, separators=(",", ":")))
    assert hash(Prompted(SMALL)) == hash(Prompted(SMALL))


def test_a_graph_may_be_a_files_text():
    text = '[attributes.label]\nvalues = ["yes"]\n[prompt]\nuser = "{label}"\n[reply.text]\nleast = 3\n'
    assert rows(Prompted(text), 2)["label"].to_pylist() == ["yes", "yes"]


def test_a_prompt_is_filled_in_and_says_what_to_answer():
    (request,) = next(Prompted(SMALL, model="m")(1, np.random.default_rng(0)))
    said = request.body["messages"][0]["content"]
    assert said.startswith(("Say yes in the east", "Say no in the "))
    assert '{"json": braces}' in said
    assert "- text: text of 5 to 2000 characters" in said
    assert request.body["model"] == "m"
    assert request.body["response_format"]["json_schema"]["schema"]["required"] == ["text"]


def without(path, value=None):
    made = json.loads(json.dumps(SMALL))
    *folders, last = path.split(".")
    place = made
    for each in folders:
        place = place[each]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return made


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("banc", "no prompt graph is called 'banc'; choose one of: bank"),
        ("{", "the prompt graph is not JSON"),
        ("[prompt\nuser = 1", "the prompt graph is not TOML"),
        ({}, "prompt.user: required, and missing"),
        (without("prompt.user", "{colour}"), r"prompt: \{colour\} names nothing"),
        (without("attributes.label"), "attributes.place.by: 'label' is no attribute"),
        (without("attributes.label", {"values": []}), "attributes.label.values: expected values"),
        (without("attributes.label", {"values": {"yes": -1}}), "expected weights of 0 or more"),
        (without("attributes.label", {"values": {"yes": 1, "maybe": 1}}), "attributes.place.values: none for 'maybe'"),
        (without("attributes.place", {"by": "label", "values": ["x"]}), "attributes.place.values: none for 'no', 'yes'"),
        (without("attributes.text", {"values": ["x"]}), "text: two columns of that name"),
        (without("attributes.licence", {"values": ["x"]}), "licence: a column of that name is drawn beside the graph"),
        (without("attributes.Wide Name", {"values": ["x"]}), "Wide Name: not a name"),
        (without("attributes.language", {"values": ["en", "tlh"]}), "language 'tlh': its script is not known"),
        (without("reply.text"), "reply: no field is called text"),
        (without("reply.text", {"least": 9, "most": 3}), "reply.text: least above most"),
        (without("reply.kind", {"kind": "choice"}), "choices and kind = 'choice' go together"),
        (without("reply.kind", {"kind": "number"}), "expected text, choice or whole, got 'number'"),
        (without("reply.more", {"same": "colour"}), "reply.more.same: no attribute 'colour'"),
        (without("judge", {"user": "score it"}), r"judge.user: it does not show the \{text\}"),
        (without("judge", {"user": "{text}", "agree": "colour"}), "judge.agree: no attribute 'colour'"),
        (without("judge", {"user": "{text} {label}", "agree": "label"}), "it shows the .label. that the judge must guess"),
        (without("near", 2), "near: expected a number from 0 to 1, got 2"),
        (without("colour", 2), "colour: unknown"),
        (without("prompt", "Say it"), "prompt: expected a table, got 'Say it'"),
        (without("attributes", {"colour": {"values": ["x"]}}), "prompt: {label} names nothing|no attribute or field is called label"),
    ],
)  # fmt: skip
def test_faults_of_a_graph_are_named(given, words):
    with pytest.raises(InputError, match=words):
        Prompted(given)


def test_all_faults_are_named_at_once():
    with pytest.raises(InputError, match=r"has 3 faults: .*; .*; "):
        Prompted({**without("prompt.user", 3), "near": "x"})


def test_attributes_may_stand_in_any_order_but_not_in_a_ring():
    ring = {"label": {"by": "place", "values": {"x": ["y"]}}, "place": {"by": "label", "values": {"y": ["x"]}}}
    with pytest.raises(InputError, match="'place' is depended on by what it depends on"):
        Prompted({**SMALL, "attributes": ring})
    chain = {"a": {"by": "label", "values": {"yes": ["1"]}}, "label": {"values": ["yes"]}}
    assert set(rows(Prompted({**SMALL, "attributes": chain, "prompt": {"user": "{a}"}}), 2)["a"].to_pylist()) == {"1"}


def test_too_many_combinations_are_refused():
    wide = {str(value): list(range(400)) for value in range(400)}
    chain = {"label": {"values": list(wide)}, "b": {"by": "label", "values": wide}}
    with pytest.raises(InputError, match="more than 100,000 combinations depend on each other"):
        Prompted({**SMALL, "attributes": chain, "prompt": {"user": "{b}"}})


@pytest.mark.parametrize(
    "settings", [{"tries": 0}, {"tries": "3"}, {"redraws": 99}, {"licence": None}, {"measured": "en"}, {"graph": 3}]
)
def test_arguments_that_cannot_be_meant_are_refused(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        Prompted(**settings)


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (b"", "no JSON object"),
        (b"[1]", "no JSON object"),
        (b"{" * 5000, "no JSON object"),
        (b'{"text": 3}', "'text' is no text"),
        (b'{"more": "x"}', "the reply has no 'text'"),
        (b'{"text": "1234"}', "fewer than 5 characters"),
        (b'{"text": "%s"}' % (b"x" * 60), "more than 50 characters"),
        (b'{"text": "as an AI east"}', "holds 'as an ai'"),
        (b'{"text": "to the west"}', r"lacks '\{place\}'"),
        ('{"text": "east, но по-русски так"}'.encode(), "not in the script of 'en'"),
        (b'{"text": "to the east", "stars": 7}', "'stars' is no whole number from 1 to 5"),
        (b'{"text": "to the east", "stars": true}', "'stars' is no whole number"),
        (b'{"text": "to the east", "stars": 4}', "'stars' differs from 'wanted'"),
        (b'{"text": "to the east", "stars": 3, "kind": "c"}', "'kind' is none of its choices"),
    ],
)
def test_what_is_wrong_with_a_reply_is_said(reply, fault):
    fields = (
        Field("text", least=5, most=50, contains=("{place}",), avoids=("as an ai",)),
        Field("stars", "whole", "", 1, 5, same="wanted"),
        Field("kind", "choice", choices=("a", "b")),
    )
    found = read(reply, fields, {"place": "east", "language": "en", "wanted": "3"})
    assert isinstance(found, str)
    assert re.search(fault, found)


def test_a_fenced_reply_reads_and_texts_are_spelled_one_way():
    said = '```json\n{"text": " Vie\u0323\u0302t Nam "}\n```'.encode()
    assert read(said, (Field("text"),), {"language": "vi"}) == {"text": "Việt Nam"}


@pytest.mark.parametrize(
    ("language", "text"), [("ja", "東京は今日も暑い"), ("zh-Hant", "臺北"), ("sr-Cyrl", "добро"), ("ko", "안녕")]
)
def test_scripts_of_languages(language, text):
    assert not wrong_script(text, language)
    assert wrong_script("nothing of the kind", language)


def test_a_reply_that_fails_is_asked_again_with_another_sample():
    asked = []

    def answer(request):
        asked.append(request)
        return Reply(b"nonsense") if len(asked) < 3 else chatted(request)

    (row,) = rows(Prompted(SMALL), 1, answer).to_pylist()
    assert row["tries"] == 3
    assert [each.sample for each in asked] == [0, 1, 2]
    assert len({json.dumps(each.body) for each in asked}) == 1


def test_after_its_tries_a_row_gets_other_attributes():
    places = []

    def answer(request):
        places.append(request.body["messages"][0]["content"].split(".")[0])
        return Reply(b"", refused="no") if len(places) <= 6 else chatted(request)

    drawn = rows(Prompted(SMALL, redraws=20), 1, answer)
    assert drawn["tries"].to_pylist() == [7]
    assert len(set(places[:3])) == len(set(places[3:6])) == 1


def test_copies_and_near_copies_are_asked_again():
    first = "The card I ordered a week ago has not arrived yet, please help me"
    drawn = rows(
        Prompted(SMALL),
        4,
        saying(first, first.upper() + "!", first.replace("help me", "help us"), "Something else altogether"),
    )
    assert drawn["tries"].to_pylist() == [1, 2, 2, 1]
    assert max(drawn["likeness"].to_pylist()) < 0.8


def test_copies_of_earlier_batches_count_too():
    seen = Seen()
    seen.add(["where is my card"], [printed("where is my card")])
    seen.add(
        [f"text number {row} {row * 7919}" for row in range(5000)],
        [printed(f"text number {row} {row * 7919}") for row in range(5000)],
    )
    assert seen.likest("Where is my CARD?", printed("Where is my CARD?")) == 1.0


def test_likeness_is_the_share_of_grams_in_common():
    def grams(text):
        return {text[at : at + 4] for at in range(len(text) - 3)}

    one, other = "the quick brown fox jumps over the lazy dog", "the quick brown fox walks over the lazy dog"
    exact = len(grams(one) & grams(other)) / len(grams(one) | grams(other))
    assert abs(likeness(one, other) - exact) < 4 * np.sqrt(exact * (1 - exact) / 64)


def test_a_model_that_only_talks_nonsense_stops_the_draw_early():
    asked = []

    def answer(request):
        asked.append(request)
        return Reply(b"I am a teapot")

    with pytest.raises(
        EndpointError, match=r"row 1 could not be had: the reply is no JSON object \(3 of 3\); the 0 rows"
    ):
        rows(Prompted(SMALL), 100, answer)
    assert len(asked) == 300


def test_a_model_that_says_one_thing_gives_one_row_and_says_why_no_more():
    steps = answered(
        Prompted(SMALL)(3, np.random.default_rng(0)), lambda asked: tuple(Reply(b'{"text": "the same"}') for _ in asked)
    )
    assert next(steps).num_rows == 1
    with pytest.raises(EndpointError, match=r"row 2 could not be had: too much like a row before it \(12 of 12\)"):
        next(steps)


def test_a_judge_turns_down_what_it_scores_low_or_reads_otherwise():
    verdicts = iter([(2, "yes"), (5, "no"), (5, "yes")])

    def answer(request):
        if "Score" not in request.body["messages"][-1]["content"]:
            return chatted(request)
        score, label = next(verdicts)
        return Reply(json.dumps({"score": score, "label": label}).encode())

    judge = {"user": "Score it: {text}", "agree": "label"}
    (row,) = rows(
        Prompted(
            {
                **SMALL,
                "attributes": {"label": {"values": {"yes": 1, "no": 0}}},
                "prompt": {"user": "{label}"},
                "judge": judge,
            }
        ),
        1,
        answer,
    ).to_pylist()
    assert (row["tries"], row["score"], row["label"]) == (3, 5.0, "yes")


def test_languages_without_a_measured_transfer_are_marked():
    drawn = rows(Prompted("questions", measured=("en", "th")), 60)
    for row in drawn.to_pylist():
        assert row["transfer"] == ("measured" if row["language"] in {"en", "th"} else "not measured")


def test_a_paraphrase_keeps_its_twins_label_numbers_and_slots():
    drawn = rows(
        Paraphrase(),
        30,
        lambda request: chatted(request) if "where" in str(request.body) else good(request),
        seeds=SEEDS,
    )
    for row in drawn.to_pylist():
        assert row["label"] == {"a": "pay", "b": "card"}[row["twin"]]
        assert row["twin"] == "b" or ("42.50" in row["text"] and "{name}" in row["text"])


def good(request):
    said = json.loads(chatted(request).data or b'{"text": "something else"}')["text"].replace("42.50", "")
    return Reply(json.dumps({"text": f"{said[:40]} 42.50 {{name}}"}).encode())


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("give 42 to {name} now", "'42.50' is lost"),
        ("give 42.50 to him now please", r"'\{name\}' is lost"),
        ("pay 42.50 to {name} at once!", "too much like its twin"),
        ("42.50 {name} " * 30, "above three times that of its twin"),
        ("42.50 {name} " + "срочно заплати " * 2, "another script"),
    ],
)
def test_what_is_no_paraphrase_is_asked_again(said, fault):
    one = SEEDS.slice(0, 1)
    with pytest.raises(EndpointError, match=fault):
        rows(Paraphrase(redraws=0, tries=2), 1, lambda request: Reply(json.dumps({"text": said}).encode()), seeds=one)


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        (pa.table({"x": [1], "label": ["a"]}), "have the columns x, label, expected text and label"),
        (pa.table({"text": pa.array([], pa.string()), "label": pa.array([], pa.string())}), "none of the 0 seed rows"),
        (
            pa.table({"text": ["a", None, " "], "label": [None, "x", "x"]}),
            "none of the 3 seed rows has a text and a label",
        ),
    ],
)
def test_seed_rows_nothing_can_be_said_of_are_one_sentence(seeds, words):
    with pytest.raises(InputError, match=words):
        rows(Paraphrase(), 3, seeds=seeds)


def test_one_seed_row_is_enough():
    assert rows(Paraphrase(), 3, seeds=SEEDS.slice(1, 1)).num_rows == 3
