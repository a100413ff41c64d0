import subprocess
import sys

import pytest

import bimetal.store

_ASK = """
import sys, bimetal.store
print(*sorted({"alembic", "cryptography", "filelock", "pyarrow", "sqlalchemy"} & set(sys.modules)))
bimetal.store.State.open(sys.argv[1]).close()
print("alembic" in sys.modules)
"""


def test_naming_the_room_loads_nothing_heavy_and_a_new_programme_needs_no_alembic(tmp_path):
    asked = [sys.executable, "-c", _ASK, f"sqlite:///{tmp_path}/state.db"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:2] == ["", "False"]


@pytest.mark.parametrize("name", bimetal.store.__all__)
def test_every_verb_is_there(name):
    assert getattr(bimetal.store, name).__name__ == name


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="has no attribute 'Store'"):
        bimetal.store.Store  # noqa: B018 the look-up is the test
