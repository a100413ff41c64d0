"""Length, not composition; common and own words do not count; argon2id with stated parameters."""

import pytest

from bimetal.errors import InputError
from bimetal.programme.people import passwords
from bimetal.programme.people.passwords import check_password, hash_password, is_outdated, verify_password


@pytest.mark.parametrize(
    "password",
    [
        "four quiet otters swim",
        "aaaa bbbb ccc dd e",
        "384756102938",
        "ฉันชอบกินข้าวผัดทุกวัน",
        "tr0ub4dor&3xyz",
        "🦦🦭🐋 otter whale",
        "x" * 10 + "abcdefgh" + "kjqwv" * 5,
    ],
)
def test_accepted(password):
    check_password(password, ("ana.ruiz", "Ana Ruiz"))


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "elevenchars",
        "a" * 12,
        "abababababab",
        "Password2026!",
        "passwordpassword",
        "P@ssw0rd1234",
        "qwertyuiop123",
        "Qwerty123456!",
        "123456789012",
        "iloveyou1234",
        "letmein letmein",
        "correct horse battery staple",
        "bimetal-annotator",
        "ana.ruiz2026!",
        "Ana Ruiz Ana Ruiz",
        "ｐａｓｓｗｏｒｄ１２３４",
        "x" * 1001,
        "x" * 10_000_000,
    ],
)
def test_refused_without_showing_it(password):
    with pytest.raises(InputError) as refused:
        check_password(password, ("ana.ruiz", "Ana Ruiz", "ana.ruiz@example.org"))
    assert password[:12] not in str(refused.value) or not password


def test_a_hash_is_argon2id_with_the_stated_parameters_and_a_salt():
    one, two = hash_password("four quiet otters swim"), hash_password("four quiet otters swim")
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != two
    assert verify_password(one, "four quiet otters swim")
    assert not verify_password(one, "four quiet otters swam")


def test_two_keyboards_spell_one_password():
    assert verify_password(hash_password("Ngo\u0323c và bốn con rái cá"), "Ngọc và bốn con rái cá")


@pytest.mark.parametrize("given", ["", "x" * 10_000_000, "\ud800", "\x00"])
def test_odd_passwords_are_wrong(given):
    assert not verify_password(hash_password("four quiet otters swim"), given)
    assert not verify_password(None, given)
    assert not verify_password("no hash at all", given)


def test_nobody_has_no_password_not_even_the_one_they_are_compared_with():
    assert not verify_password(None, "nobody has this password")


def test_a_hash_of_other_parameters_is_outdated(monkeypatch):
    kept = hash_password("four quiet otters swim")
    assert not is_outdated(kept)
    monkeypatch.setattr(passwords, "TIME", 1)
    passwords._argon2.cache_clear()
    try:
        assert is_outdated(kept)
        assert verify_password(kept, "four quiet otters swim")
    finally:
        monkeypatch.undo()
        passwords._argon2.cache_clear()
