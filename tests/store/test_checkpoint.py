import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import LogError
from bimetal.store.checkpoint import Checkpoint, sign, verify
from bimetal.store.keys import verifier_key

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
DIGITS = Checkpoint("example.org/digits", 42, bytes(range(32)))
VERIFIER = verifier_key(DIGITS.origin, KEY)
NOTE = sign(DIGITS, KEY)


def test_a_note_has_the_form_of_the_specification():
    # https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md
    body, _, signature = NOTE.partition("\n\n")
    assert body.split("\n") == ["example.org/digits", "42", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
    assert signature.startswith("— example.org/digits ")
    assert signature.endswith("\n")
    assert verify(NOTE, VERIFIER) == DIGITS


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(0, 7))
def test_no_flipped_bit_passes(place, bit):
    content = bytearray(NOTE.encode())
    content[place] ^= 1 << bit
    with pytest.raises(LogError):
        verify(content.decode(errors="replace"), VERIFIER)


def test_other_signatures_are_borne_and_do_not_count():
    witness = sign(Checkpoint("witness", 42, DIGITS.root), OTHER).rpartition("\n\n")[2]
    assert verify(NOTE + witness, VERIFIER) == DIGITS
    body = NOTE.rpartition("\n\n")[0]
    assert verify(f"{body}\n\n{witness}{NOTE.rpartition(chr(10) * 2)[2]}", VERIFIER) == DIGITS
    with pytest.raises(LogError, match=r"checkpoint of 42 entries is not signed by example.org/digits"):
        verify(f"{body}\n\n{witness}", VERIFIER)


def test_a_key_of_the_same_name_is_not_the_key():
    with pytest.raises(LogError, match="not signed by"):
        verify(sign(DIGITS, OTHER), VERIFIER)


def test_a_note_under_another_origin_is_refused_even_when_signed():
    body = Checkpoint("another", 42, DIGITS.root).body()
    signature = NOTE.rpartition("\n\n")[2]
    with pytest.raises(LogError, match="not signed"):
        verify(f"{body}\n{signature}", VERIFIER)


@pytest.mark.parametrize("note", ["", "\n\n", "digits\n1\n", "digits\n01\nAAAA\n\n— digits AAAA\n", NOTE.rstrip("\n")])
def test_what_is_no_checkpoint_is_refused(note):
    with pytest.raises(LogError):
        verify(note, VERIFIER)
