"""The demo end to end on a small design: every promised key, and the same answer when it is run again."""

import json
from dataclasses import replace

import pytest

from bimetal.programme.config import PilotSettings
from bimetal.programme.demo import run


@pytest.fixture
def small(monkeypatch):
    """Shrink the pilot, so that the whole job runs in seconds."""
    whole = run._config()
    monkeypatch.setattr(
        run, "_config", lambda: replace(whole, pilot=PilotSettings(sizes=(20, 40), seeds=2, targets=(0.9,)))
    )


@pytest.mark.usefixtures("small")
def test_the_demo_is_one_whole_programme(tmp_path):
    told = []
    outcome = run.run_demo("digits", tmp_path / "demo", told.append)
    found = json.loads(json.dumps(outcome.json(), default=dict))
    assert set(found) >= {"decision", "pilot", "saving", "cycle", "log", "report"}
    assert set(found["pilot"]["hybrid"]["20"]) >= {"mean", "low", "high"}
    assert set(found["saving"][0]) >= {"target", "human_labels", "hybrid_labels", "low", "high", "censored"}
    assert set(found["cycle"]) >= {"before", "after", "routed", "drift"}
    assert found["cycle"]["drift"] == {"window-1": False, "window-2": False, "window-3": True, "window-4": True}
    assert found["cycle"]["routed"] == 240
    assert found["log"]["verified"]
    assert "does not match its hash" in found["log"]["tampered"]
    page = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    assert "replayed from a published data set" in page
    assert "<script" not in page
    again = run.run_demo("digits", tmp_path / "demo", told.append)
    assert again.pilot.answer == outcome.pilot.answer
    assert again.unasked == outcome.unasked
