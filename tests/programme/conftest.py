"""A small programme in a temporary folder, its signing keys beside it."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bimetal.programme import create, opened
from bimetal.programme.config import parse

SETTINGS = {
    "programme": {"name": "blobs", "purpose": "tell three blobs apart", "rng_seed": 1},
    "task": {"labels": ["c0", "c1", "c2"]},
    "learner": {"name": "linear"},
    "generator": {"name": "blobs"},
    "cycle": {"batch": 20, "raters": 3, "random_share": 0.3},
}


@pytest.fixture(scope="session")
def outside(tmp_path_factory):
    """Install the outside package with its generator of blobs into a folder of its own."""
    site = tmp_path_factory.mktemp("outside") / "site"
    install = Path(__file__).parent.parent / "outside_package" / "install.py"
    subprocess.run([sys.executable, str(install), str(site)], check=True)
    return site


@pytest.fixture(autouse=True)
def _generator_of_blobs(outside, monkeypatch):
    monkeypatch.syspath_prepend(str(outside))


@pytest.fixture(autouse=True)
def _keys_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def clock():
    """Return a clock that moves one second a look, so that tests do not depend on the time of day."""
    moment = [datetime(2026, 3, 1, 9, tzinfo=UTC)]

    def now() -> datetime:
        moment[0] += timedelta(seconds=1)
        return moment[0]

    return now


@pytest.fixture
def folder(tmp_path):
    create(tmp_path / "programme", parse(SETTINGS))
    return tmp_path / "programme"


@pytest.fixture
def programme(folder, clock):
    with opened(folder, now=clock, actor="ana") as open_programme:
        yield open_programme
