"""Noise is the key holder's alone: bound to rows and request, the same again for the same, refused where it is not noise."""

import re
import stat

import pytest

from bimetal.endpoints.noise import noise
from bimetal.errors import InputError, StoreError
from bimetal.store.keys import sealed_key
from bimetal.types import Request

KEY = bytes(range(32))
ASKED = Request("noise", {"purpose": "a test", "bytes": 64})


def given(key=KEY, binding="rows", request=ASKED):
    (reply,) = noise(key, binding)((request,))
    return reply.data


def test_the_same_key_rows_and_request_give_the_same_noise_and_any_other_gives_another():
    others = [
        given(key=bytes(32)),
        given(binding="rows2"),
        given(request=Request("noise", {"purpose": "another", "bytes": 64})),
        given(request=Request("noise", {"purpose": "a test", "bytes": 64}, sample=1)),
    ]
    assert given() == given()
    assert len({given(), *others}) == 5
    assert not any(other.startswith(given()[:8]) for other in others)


def test_nothing_of_the_key_stands_in_the_reply():
    (reply,) = noise(KEY, "rows")((ASKED,))
    assert KEY not in reply.data
    assert reply.facts == {}


@pytest.mark.parametrize(
    "request_", [Request("chat", {"bytes": 3}), Request("noise", {}), Request("noise", {"bytes": 0})]
)
def test_what_is_no_request_for_noise_is_refused(request_):
    (reply,) = noise(KEY, "rows")((request_,))
    assert (reply.data, bool(reply.refused)) == (b"", True)


@pytest.mark.parametrize(("key", "binding", "why"), [(b"short", "rows", "has 5 bytes"), (KEY, "", "bound to no rows")])
def test_short_keys_and_loose_noise_are_refused(key, binding, why):
    with pytest.raises(InputError, match=why):
        noise(key, binding)


def test_a_sealed_key_is_made_once_and_read_by_its_owner_alone(tmp_path):
    first = sealed_key("mine.noise", tmp_path / "keys")
    assert sealed_key("mine.noise", tmp_path / "keys") == first != sealed_key("other.noise", tmp_path / "keys")
    path = tmp_path / "keys" / "mine.noise"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(StoreError, match=re.escape("can be read by others (mode 0644")):
        sealed_key("mine.noise", tmp_path / "keys")
    path.chmod(0o600)
    path.write_bytes(b"cut")
    with pytest.raises(StoreError, match="holds 3 bytes, expected 32"):
        sealed_key("mine.noise", tmp_path / "keys")
