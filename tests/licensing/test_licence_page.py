"""The licence page: the verdict first, a legible graph, the attribution text, and no claim to be legal advice."""

import pytest

from bimetal.licensing import CONDITIONS, Input, Use, inherit, licences, page
from bimetal.licensing.graph import SHOWN
from bimetal.report import to_html, to_markdown, to_terminal

MILD = dict.fromkeys(set(CONDITIONS) - {"commercial", "outside-purpose"}, False)
MIXED = [
    Input("seed-rows", "narratives", "CC BY-SA 3.0"),
    Input("source", "complaints", "CC BY-NC 4.0"),
    Input("generator-model", "writer", "Llama 3.1"),
    Input("training-data", "instructions", "OpenAI API", "writer"),
    Input("source", "scraped", "free to use"),
]


def laid(inputs, events=("shared",), **use):
    return page(inherit(inputs, Use(frozenset(events), **use)), "Licences of rows")


def test_a_block_says_why_where_and_what_would_unblock():
    said = to_markdown(laid(MIXED, ("shared", "trained")))
    assert "Do not share the dataset or train a model on it yet: 3 of 5 inputs forbid it" in said
    assert "the licence of 1 of 5 inputs is not known; no output licence is left" in said
    assert "CC BY-NC 4.0, s. 2(a)(1)" in said
    assert "What would unblock it" in said
    assert "Not legal advice" in said


def test_an_allowance_gives_duties_and_the_attribution_text():
    said = to_markdown(laid(MIXED[:1], commercial=True))
    assert "You may share the dataset: nothing in the one input forbids it, with 2 duties to fulfil." in said
    assert "narratives, licensed under CC BY-SA 3.0 (https://creativecommons.org/licenses/by-sa/3.0/)" in said
    assert "Only CC BY-SA 3.0 or CC BY-SA 4.0." in said


def test_a_trial_at_home_names_what_is_not_settled():
    assert laid(MIXED, ()).answer == (
        "A trial at home hands nothing out and may go ahead, but 1 licence must be settled before a release."
    )


def test_nothing_declared_is_said_so():
    assert laid([]).answer == "Do not share the dataset yet: nobody declared what it was made from."


@pytest.mark.parametrize("inputs", [MIXED, MIXED[:1], [Input("source", "open", "CC0-1.0")], []])
@pytest.mark.parametrize("events", [(), ("shared",), ("trained", "service")])
def test_every_face_shows_it(inputs, events):
    laid_out = laid(inputs, events, circumstances=MILD)
    for face in (to_html, to_markdown, to_terminal):
        assert face(laid_out)


def test_the_graph_sums_what_would_not_be_legible():
    inputs = [Input("source", f"set {k}", each) for k, each in enumerate(licences())]
    figure = next(block for part in laid(inputs).sections for block in part.blocks if type(block).__name__ == "Figure")
    boxes = [row[0] for row in figure.spec["usermeta"]["rows"]]
    assert len(boxes) <= 3 * SHOWN + 1
    assert any("more inputs, listed below" in each for each in boxes)
