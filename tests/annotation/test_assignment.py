from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.annotation.assignment import (
    Asked,
    Candidate,
    Job,
    Rater,
    gold_due,
    outcome,
    pick,
    refusal,
    suggests,
)
from bimetal.errors import InputError

ANA = Rater("ana")
values = st.lists(st.sampled_from(["cat", "dog", "bird"]), max_size=8)
jobs = st.builds(
    lambda raters, extra, agreement: Job("march", raters=raters, extra=extra, agreement=agreement),
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.5, 0.75, 1.0]),
)


@given(jobs, values)
def test_an_item_never_wants_more_raters_than_its_job_allows(job, said):
    state, wanted = outcome(job, said[: job.most])
    assert job.raters <= wanted <= job.most or len(said) == 0
    if state == "open":
        assert wanted > len(said[: job.most])


@given(jobs, st.data())
def test_answers_come_to_an_end_and_their_order_does_not_matter(job, data):
    said = []
    while outcome(job, said).state == "open":
        said.append(data.draw(st.sampled_from(["cat", "dog"])))
    assert job.raters <= len(said) <= job.most
    assert outcome(job, said[::-1]) == outcome(job, said)


@given(jobs, st.integers(1, 4))
def test_raters_who_agree_settle_at_once(job, more):
    assert outcome(job, ["cat"] * job.raters).state == "settled"


@given(st.floats(0, 0.5), st.text(max_size=8), st.integers(0, 300))
def test_the_share_of_gold_stays_within_one_item(share, salt, n):
    due = gold_due(Job("march", gold=share, salt=salt), ANA, n)
    assert abs(due - share * n) <= 1
    assert due <= gold_due(Job("march", gold=share, salt=salt), ANA, n + 1)


@given(st.floats(0, 0.5), st.text(max_size=8), st.lists(st.integers(1, 7), max_size=20))
def test_gold_is_given_out_at_its_share_however_many_are_asked_for_at_a_time(share, salt, batches):
    job = Job("march", gold=share, salt=salt)
    ahead = [Candidate(0.0, each, f"i{each}", gold=each % 2 == 1) for each in range(400)]
    asked = Asked()
    for n in batches:
        chosen = pick(job, ANA, asked, ahead, n)
        ahead = [each for each in ahead if each not in chosen]
        asked = Asked(asked.items + len(chosen), asked.gold + sum(each.gold for each in chosen))
        assert abs(asked.gold - share * asked.items) <= 2
    assert asked.items == sum(batches)


def test_gold_falls_at_places_nobody_can_expect():
    job = Job("march", gold=0.1, salt="s")

    def places(job, rater):
        return [n for n in range(300) if gold_due(job, rater, n + 1) > gold_due(job, rater, n)]

    assert len({later - first for first, later in zip(places(job, ANA), places(job, ANA)[1:], strict=False)}) > 3
    assert places(job, ANA) != places(job, Rater("ben")) != places(replace(job, salt="t"), Rater("ben"))


@given(st.lists(st.tuples(st.floats(-9, 9), st.integers(0, 99)), unique=True), st.integers(1, 9))
def test_priorities_come_first(stands, n):
    ahead = [Candidate(rank, place, f"{rank} {place}") for rank, place in stands]
    assert pick(Job("march"), ANA, Asked(), ahead, n) == sorted(ahead)[:n]


@pytest.mark.parametrize("kind", ["adjudicate", "panel", "calibrate"])
def test_what_people_alone_decide_no_model_is_asked(kind):
    job = Job("exam", kind, of="march" if kind == "adjudicate" else "")
    model = Rater("gpt", "model", adjudicates=True)
    assert "for people alone" in (refusal(job, model) or "")
    assert refusal(job, replace(model, kind="human")) is None
    with pytest.raises(InputError, match="would show suggestions"):
        replace(job, suggestions=True)


def test_only_adjudicators_adjudicate_and_experts_are_asked_where_they_are_demanded():
    assert refusal(Job("m/adjudication", "adjudicate", of="m"), ANA) == "only an adjudicator decides conflicts"
    demanding = Job("march", expertise=("law", "tax"), languages=("th", "km"))
    assert refusal(demanding, Rater("siri", expertise=frozenset({"law"}))) == "it asks for tax"
    lawyer = Rater("siri", expertise=frozenset({"law", "tax"}))
    assert refusal(demanding, lawyer) == "it is in th, km"
    assert refusal(demanding, replace(lawyer, languages=frozenset({"km"}))) is None


def test_suggestions_are_hidden_on_their_share_and_on_gold():
    job = Job("march", suggestions=True, hidden=0.2, salt="s")
    shown = [suggests(job, ANA, Candidate(0.0, each, f"i{each}")) for each in range(1000)]
    assert 0.75 < sum(shown) / 1000 < 0.85
    assert not any(suggests(job, ANA, Candidate(0.0, each, f"i{each}", gold=True)) for each in range(100))
    assert not suggests(replace(job, suggestions=False), ANA, Candidate(0.0, 0, "i0"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "has no name"),
        ({"raters": 0}, "asks for 0 raters"),
        ({"extra": -1}, "asks for -1 extra raters"),
        ({"agreement": 1.5}, "wants an agreement of 1.5"),
        ({"hidden": -0.1}, "hides -0.1 of the suggestions"),
        ({"gold": 0.6}, "mixes in a gold share of 0.6"),
        ({"of": "march"}, "must name the job it adjudicates"),
        ({"kind": "adjudicate"}, "must name the job it adjudicates"),
    ],
)
def test_a_job_that_cannot_be_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        Job(**{"name": "march", **wrong})
