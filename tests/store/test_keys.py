import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bimetal.errors import InputError, StoreError
from bimetal.store.keys import keys_folder, read_verifier, signing_key, verifier_key


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path):
    folder = tmp_path / "bimetal" / "keys"
    first = signing_key("digits", folder)
    assert (_mode(folder), _mode(folder / "digits")) == (0o700, 0o600)
    assert signing_key("digits", folder).private_bytes_raw() == first.private_bytes_raw()
    assert signing_key("faces", folder).private_bytes_raw() != first.private_bytes_raw()


def test_many_at_once_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: signing_key("digits", tmp_path).private_bytes_raw(), range(16)))
    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["digits"]


def test_a_key_that_others_can_read_is_refused(tmp_path):
    signing_key("digits", tmp_path)
    (tmp_path / "digits").chmod(0o640)
    with pytest.raises(StoreError, match=r"can be read by others \(mode 0640, expected 0600\); run: chmod 600"):
        signing_key("digits", tmp_path)


def test_a_broken_key_is_refused(tmp_path):
    (tmp_path / "digits").write_text("not a key")
    (tmp_path / "digits").chmod(0o600)
    with pytest.raises(StoreError, match="cannot be read"):
        signing_key("digits", tmp_path)


@pytest.mark.parametrize("name", ["", "../digits", "a/b", ".hidden", "a b"])
def test_names_that_leave_the_folder_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="is not a file name"):
        signing_key(name, tmp_path)


def test_the_folder_comes_from_the_environment_else_the_users_configuration(monkeypatch, tmp_path):
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path))
    assert keys_folder() == tmp_path
    monkeypatch.delenv("BIMETAL_KEYS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert keys_folder().parts[-2:] == ("bimetal", "keys")


def test_verifier_keys_round_trip_and_catch_a_slip():
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    text = verifier_key("example.org/digits", key)
    assert read_verifier(text).public == key.public_key().public_bytes_raw()
    for wrong in ("", "digits", text[:-3], text.replace("digits", "digit5"), text[:-4] + "AAA="):
        with pytest.raises(InputError):
            read_verifier(wrong)
    with pytest.raises(InputError, match="white space"):
        verifier_key("two words", key)
