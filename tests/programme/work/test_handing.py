"""Items out and answers in as the web app does it: late answers, one spelling, suggestions, gold that judges."""

from datetime import timedelta

import pytest

from bimetal.annotation.sheet import Label, Sheet
from bimetal.errors import InputError, PolicyError
from bimetal.programme import queue
from bimetal.programme.work.handing import hand_out, judge_by, take
from bimetal.store.queue import LASTING, Item, Job, Rater, Submission
from bimetal.store.queue import lease as lease_from

LABELS = (Label("card"), Label("cash"))


@pytest.fixture
def opens(programme, pool):
    def opened(task="classification", items=None, **more):
        asked = Job("tickets", dataset="march", snapshot=pool.digest, task=task, **more)
        given = items or [Item(f"t{at}", "random", origin="real") for at in range(5)]
        return queue.open_job(programme, asked, given, Sheet(task, LABELS))

    return opened


def sends(programme, person, lease, value, **more):
    sent = Submission(lease.id, f"{person.id} {lease.id}", value, **more)
    return take(programme, person, sent, programme.now())


def test_an_answer_after_its_lease_ran_out_counts_while_there_is_a_place(programme, people, opens, clock):
    opens()
    (held,) = hand_out(programme, people.ana, "tickets", 1, programme.now())
    clock.at += LASTING + timedelta(hours=3)
    assert sends(programme, people.ana, held, "card").receipt.result().annotation.value == "card"


def test_an_answer_after_another_took_the_place_is_refused(programme, people, opens, clock):
    opens(items=[Item("t0", "random", origin="real")])
    (held,) = hand_out(programme, people.ana, "tickets", 1, programme.now())
    clock.at += LASTING + timedelta(minutes=5)
    (theirs,) = hand_out(programme, people.bo, "tickets", 1, programme.now())
    sends(programme, people.bo, theirs, "cash").receipt.result()
    with pytest.raises(InputError, match=r"has its raters by now|nobody is asked"):
        sends(programme, people.ana, held, "card").receipt.result()
    assert [each.value for each in queue.answers(programme)] == ["cash"]


def test_values_are_spelled_one_way_and_checked_against_the_item(programme, people, opens):
    opens("spans")
    (held,) = hand_out(programme, people.ana, "tickets", 1, programme.now())
    with pytest.raises(InputError):
        sends(programme, people.ana, held, '[{"start": 0, "end": 4000, "label": "card"}]')
    with pytest.raises(InputError):
        sends(programme, people.ana, held, '[{"start": 0, "end": 2, "label": "gold"}]')
    kept = sends(programme, people.ana, held, ' [{"label":"card",  "end": 2, "start": 0}] ').receipt.result()
    assert kept.annotation.value == '[{"start":0,"end":2,"label":"card"}]'


def test_the_suggestion_kept_is_the_items_own(programme, people, opens):
    items = [Item("t0", "random", origin="real", suggestion="cash"), Item("t1", "random", origin="real")]
    opens(items=items, suggestions=True, hidden=0.0)
    first, second = hand_out(programme, people.ana, "tickets", 2, programme.now())
    assert {first.suggestion, second.suggestion} == {"cash", None}
    shown = first if first.suggestion else second
    kept = sends(programme, people.ana, shown, "card", suggestion="something else").receipt.result()
    assert kept.annotation.suggestion == "cash"


def test_another_persons_lease_is_refused(programme, people, opens):
    opens()
    (held,) = hand_out(programme, people.ana, "tickets", 1, programme.now())
    with pytest.raises(PolicyError, match="another person's"):
        sends(programme, people.bo, held, "card").receipt.result()
    with pytest.raises(InputError, match="there is no lease"):
        take(programme, people.bo, Submission("nothing", "k", "card"), programme.now()).receipt.result()


def test_gold_without_terms_judges_nobody(programme, people, opens, gold):
    items = [*(Item(f"t{at}", "random", origin="real") for at in range(3)),
             Item("t1000", "gold", gold=True, known="cash", origin="real")]  # fmt: skip
    opens(items=items, gold=0.5)
    found = []
    for held in hand_out(programme, people.ana, "tickets", 4, programme.now()):
        taken = sends(programme, people.ana, held, "card")
        taken.receipt.result()
        judge_by(programme, people.ana, taken)
        found.append((taken.item, taken.gold))
    assert ("t1000", True) in found
    assert sum(gold for _, gold in found) == 1


def test_a_qualified_person_alone_is_given_what_asks_for_it(programme, people, opens):
    opens(languages=("th",))
    with pytest.raises(PolicyError, match="it is in th"):
        hand_out(programme, people.ana, "tickets", 1, programme.now())
    fluent = Rater(people.ana.id, languages=frozenset({"th"}))
    (held,) = programme.state.write(lambda c: lease_from(c, fluent, "tickets", 1, programme.now()))
    with pytest.raises(PolicyError, match="it is in th"):
        sends(programme, people.ana, held, "card").receipt.result()
