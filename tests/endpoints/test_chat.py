"""The chat client against a real server on this machine: bought once, retried, paced, within a budget, durable."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bimetal.endpoints import Budget, Endpoint, Ledger, recorded, records, totals
from bimetal.endpoints import buying as buying_module
from bimetal.endpoints.chat import chat
from bimetal.errors import EndpointError, InputError
from bimetal.types import Request
from tests.endpoints.stub import Act, Stub


def ask(number, **more):
    return Request("chat", {"messages": [{"role": "user", "content": f"say {number}"}], "max_tokens": 50, **more})


MANY = tuple(map(ask, range(100)))


def endpoint(stub, **more):
    return Endpoint(stub.url, "pretend", **{"timeout": 5.0, **more})


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch):
    monkeypatch.setattr(buying_module, "FIRST_WAIT", 0.01)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.ledger"


def asked(stub, path, requests=MANY, budget=None, **more):
    with Ledger(path) as ledger, chat(endpoint(stub, **more), ledger, budget) as answer:
        return answer(requests)


def bodies(path):
    return [each.request.body["messages"][0]["content"] for each in records(path)]


def test_replies_come_in_order_and_nothing_is_bought_twice(path):
    with Stub(lambda body, times: Act(content=completion(body["messages"][0]["content"]))) as stub:
        replies = asked(stub, path, (*MANY, *MANY))
        assert [each.data.decode() for each in replies] == [f"say {number}" for number in range(100)] * 2
        assert asked(stub, path) == replies[:100]
        assert sum(stub.seen.values()) == len(stub.seen) == 100
        assert 1 < stub.most <= 64
    assert recorded(path)(MANY[::-1]) == replies[99::-1]
    assert len(bodies(path)) == len(set(bodies(path))) == 100


def completion(text, **more):
    return json.dumps(
        {"model": "m", "choices": [{"message": {"content": text}, "finish_reason": "stop"}], **more}
    ).encode()


def test_no_more_than_allowed_are_in_flight(path):
    with Stub(lambda body, times: Act(wait=0.01)) as stub:
        asked(stub, path, in_flight=7)
        assert stub.most == 7


@pytest.mark.parametrize(
    "act",
    [
        Act(429, {"retry-after": "0.02"}, b'{"error": {"message": "slow down"}}'),
        Act(429, {"date": "Mon, 02 Mar 2026 09:00:00 GMT", "retry-after": "Mon, 02 Mar 2026 09:00:00 GMT"}, b""),
        Act(500, content=b"oops"),
        Act(503, content=b"<html>later</html>"),
        Act(cut="before"),
        Act(cut="middle"),
        Act(wait=5.0),
        Act(content=b"not json"),
        Act(content=b'{"choices": []}'),
        Act(content=completion("half")[:40]),
        Act(content=completion(None)),
    ],
    ids=lambda act: f"{act.status}{act.cut}{act.wait or ''}{(act.content or b'')[:12]!r}",
)
def test_what_fails_once_is_asked_again_and_answered(path, act):
    with Stub(lambda body, times: act if times == 1 and "7" in body["messages"][0]["content"] else Act()) as stub:
        replies = asked(stub, path, MANY[:20], timeout=2.0)
        assert len(replies) == 20
        assert max(stub.seen.values()) == 2
        assert {each.facts["tries"] for each in replies} == {1, 2}


def test_the_server_says_how_long_to_wait_and_everybody_waits(path):
    with Stub(lambda body, times: Act(429, {"retry-after": "0.3"}, b"") if times == 1 else Act()) as stub:
        begun = time.perf_counter()
        asked(stub, path, MANY[:3])
        assert time.perf_counter() - begun >= 0.3


def test_a_server_that_asks_for_too_much_patience_is_left(path):
    with Stub(lambda body, times: Act(429, {"retry-after": "4000"}, b"")) as stub:
        with pytest.raises(EndpointError, match="asks to wait 4,000 seconds") as caught:
            asked(stub, path)
        assert caught.value.retryable


def test_nonsense_is_retried_a_bounded_number_of_times_then_refused(path):
    with Stub(
        lambda body, times: Act(content=b"gibberish") if "99" in body["messages"][0]["content"] else Act()
    ) as stub:
        replies = asked(stub, path)
        assert replies[99].refused == "no chat completion: gibberish"
        assert replies[99].data == b""
        assert replies[99].facts["tries"] == 3
        assert replies[99].facts["tokens_out"] == 150  # perhaps billed, so counted at its most
        assert asked(stub, path)[99] == replies[99]
        assert max(stub.seen.values()) == 3


def test_an_address_that_answers_nonsense_alone_is_one_sentence_and_leaves_nothing(path):
    login = Act(content=b"<html>log in</html>")
    words = r"refused its first .*no chat completion: <html>log in"
    with Stub(lambda body, times: login) as stub, pytest.raises(EndpointError, match=words):
        asked(stub, path, in_flight=4)
    assert totals(path).replies == 0


def test_ctrl_c_waits_for_what_is_in_flight_so_that_nothing_is_bought_twice(path):
    with Stub(lambda body, times: Act(wait=0.05)) as stub:
        victim = subprocess.Popen([sys.executable, "-c", BUY, stub.url, str(path), "400"], stderr=subprocess.PIPE)
        while not path.exists() or path.read_bytes().count(b"\n") < 40:
            assert victim.poll() is None
            time.sleep(0.002)
        victim.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in victim.communicate()[1]
        assert 40 <= totals(path).replies < 400
        assert totals(path).replies == sum(stub.seen.values())
        asked(stub, path, tuple(map(ask, range(400))))
        assert max(stub.seen.values()) == 1


def test_a_refusal_by_filter_is_a_reply_and_costs_what_it_took(path):
    filtered = {
        "choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 0},
    }
    with Stub(lambda body, times: Act(content=json.dumps(filtered).encode())) as stub:
        (reply,) = asked(stub, path, MANY[:1])
        assert reply.refused == "content_filter"
        assert reply.facts["tokens_in"] == 5


def test_a_refused_request_is_a_reply_among_those_answered(path):
    bad = Act(400, content=b'{"error": {"message": "the prompt is too long"}}')
    with Stub(lambda body, times: bad if "say 42" in body["messages"][0]["content"] else Act()) as stub:
        replies = asked(stub, path)
        assert replies[42].refused == "400: the prompt is too long"
        assert totals(path).replies == 100


def test_settings_that_are_wrong_stop_at_once_and_leave_no_reply_behind(path):
    bad = Act(400, content=b'{"error": {"message": "unknown field seed"}}')
    with Stub(lambda body, times: bad if "seed" in body else Act()) as stub:
        many = tuple(ask(number, seed=3) for number in range(100))
        with pytest.raises(EndpointError, match=r"refused its first .* unknown field seed.*leaves_out"):
            asked(stub, path, many, in_flight=4)
        assert sum(stub.seen.values()) < 20
        assert totals(path).replies == 0
        assert len(asked(stub, path, many, leaves_out=("seed",))) == 100


def test_a_wrong_key_stops_at_once_and_is_written_nowhere(path, monkeypatch):
    monkeypatch.setenv("PRETEND_KEY", "sk-secret")
    with Stub(key="sk-other") as stub:
        with pytest.raises(EndpointError, match=r"401.*check the key in PRETEND_KEY") as caught:
            asked(stub, path, key_env="PRETEND_KEY")
        assert "sk-secret" not in str(caught.value)
    with Stub(key="sk-secret") as stub:
        asked(stub, path, MANY[:5], key_env="PRETEND_KEY")
        assert stub.headers[0]["authorization"] == "Bearer sk-secret"
    assert b"sk-secret" not in path.read_bytes()


def test_a_key_that_is_not_set_is_one_sentence_and_not_needed_for_what_is_recorded(path, monkeypatch):
    monkeypatch.setenv("PRETEND_KEY", "sk-secret")
    with Stub(key="sk-secret") as stub:
        replies = asked(stub, path, MANY[:5], key_env="PRETEND_KEY")
        monkeypatch.delenv("PRETEND_KEY")
        assert asked(stub, path, MANY[:5], key_env="PRETEND_KEY") == replies
        with pytest.raises(EndpointError, match="environment variable PRETEND_KEY is not set"):
            asked(stub, path, key_env="PRETEND_KEY")


def test_an_endpoint_that_is_gone_is_one_sentence(path):
    with Stub() as stub:
        pass
    with pytest.raises(EndpointError, match="gave no answer in 2 tries; the last: cannot be reached") as caught:
        asked(stub, path, tries=2)
    assert caught.value.retryable


def test_an_endpoint_that_goes_away_leaves_what_was_bought(path):
    answered = []

    def script(body, times):
        answered.append(body)
        return Act(500, content=b"") if len(answered) > 30 else Act()

    with Stub(script) as stub:
        with pytest.raises(EndpointError, match="500"):
            asked(stub, path, tries=2, in_flight=4)
        assert totals(path).replies == 30
        stub.script = lambda body, times: Act()
        before = set(bodies(path))
        asked(stub, path)
        again = {spelled for spelled, times in stub.seen.items() if times > 1}
        assert not {json.loads(each)["messages"][0]["content"] for each in again} & before


@pytest.mark.parametrize(
    "usage", [{"usage": {"prompt_tokens": 40, "completion_tokens": 50}}, {}], ids=["told", "untold"]
)
def test_a_budget_of_tokens_is_never_exceeded(path, usage):
    with Stub(lambda body, times: Act(content=completion("word " * 10, **usage), wait=0.005)) as stub:
        with pytest.raises(EndpointError, match=r"the budget of 3,000 tokens has no room.*spent so far: .* tokens"):
            asked(stub, path, budget=Budget(tokens=3000))
        spent = totals(path)
        assert 2700 < spent.tokens <= 3000
        assert sum(stub.seen.values()) == spent.replies
        with pytest.raises(EndpointError, match="has no room"):
            asked(stub, path, budget=Budget(tokens=3000))
        assert sum(stub.seen.values()) == spent.replies
        assert len(asked(stub, path, budget=Budget(tokens=100_000))) == 100
        assert sum(stub.seen.values()) == 100


def test_a_budget_of_money_counts_both_prices(path):
    usage = {"usage": {"prompt_tokens": 100, "completion_tokens": 50}}
    with Stub(lambda body, times: Act(content=completion("word", **usage))) as stub:
        with pytest.raises(EndpointError, match=r"the budget of 0.01 of money"):
            asked(stub, path, budget=Budget(money=0.01), price_in=2.0, price_out=8.0)
        spent = totals(path)
        assert spent.money == pytest.approx(spent.replies * (100 * 2 + 50 * 8) / 1e6)
        assert 0.009 < spent.money <= 0.01


def test_money_without_prices_is_refused(path):
    with Stub() as stub, pytest.raises(InputError, match="has no prices"):
        asked(stub, path, budget=Budget(money=1.0))


def test_rates_are_kept(path):
    with Stub() as stub:
        begun = time.perf_counter()
        asked(stub, path, MANY[:16], requests_a_minute=3000)
        assert time.perf_counter() - begun >= 15 * 60 / 3000


def test_a_request_for_another_model_is_refused(path):
    with Stub() as stub, pytest.raises(EndpointError, match="asks 'other', and the endpoint has 'pretend'"):
        asked(stub, path, (ask(1, model="other"),))


def test_fields_are_left_out_and_called_otherwise(path):
    with Stub() as stub:
        asked(
            stub,
            path,
            (ask(1, seed=4, temperature=0.5),),
            leaves_out=("temperature",),
            renames={"max_tokens": "max_completion_tokens"},
        )
        (body,) = map(json.loads, stub.seen)
        assert set(body) == {"messages", "model", "seed", "max_completion_tokens"}


def test_another_sample_is_another_seed_and_another_reply(path):
    first = ask(1, seed=4)
    with Stub() as stub:
        asked(stub, path, (first, Request("chat", first.body, 1)))
        assert sorted(json.loads(each)["seed"] for each in stub.seen) == [4, 5]


def test_a_running_event_loop_does_not_mind(path):
    import asyncio

    async def notebook(stub):
        return asked(stub, path, MANY[:3])

    with Stub() as stub:
        assert len(asyncio.run(notebook(stub))) == 3


def test_a_second_process_on_the_ledger_is_refused(path):
    code = f"from pathlib import Path; from bimetal.endpoints import Ledger; Ledger(Path({str(path)!r})).__enter__()"
    with Ledger(path):
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "StoreError" in second.stderr
    assert "is in use by another process" in second.stderr
    with Ledger(path):
        pass


BUY = """
import sys
from pathlib import Path
from bimetal.endpoints import Endpoint, Ledger
from bimetal.endpoints.chat import chat
from bimetal.types import Request
url, path, n = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
def ask(number):
    return Request("chat", {"messages": [{"role": "user", "content": f"say {number}"}], "max_tokens": 50})
with Ledger(path) as ledger, chat(Endpoint(url, "pretend"), ledger) as answer:
    answer(tuple(map(ask, range(n))))
"""


@pytest.mark.parametrize("after", [20, 90, 130])
def test_after_kill_nine_no_recorded_reply_is_bought_twice(path, after):
    with Stub(lambda body, times: Act(wait=0.02)) as stub:
        command = [sys.executable, "-c", BUY, stub.url, str(path), "200"]
        root = Path(__file__).parents[2]
        victim = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
        while not path.exists() or path.read_bytes().count(b"\n") < after:
            assert victim.poll() is None
            time.sleep(0.002)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        time.sleep(0.1)  # what was in flight arrives nowhere
        kept = set(bodies(path))
        assert after <= len(kept) < 200
        asked(stub, path, tuple(map(ask, range(200))))
        bought = {json.loads(each)["messages"][0]["content"]: times for each, times in stub.seen.items()}
    assert {bought[each] for each in kept} == {1}
    assert len(bought) == len(set(bodies(path))) == len(bodies(path)) == 200
    assert sum(bought.values()) - 200 <= 64  # those that were in flight when the process died
