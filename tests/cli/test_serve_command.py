"""bimetal serve: what it says when it cannot begin; the web tests say what it does when it can."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bimetal.programme import create
from bimetal.programme.config import parse

BIMETAL = str(Path(sys.executable).with_name("bimetal"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path / "keys"))
    create(tmp_path / "notes", parse({"programme": {"name": "notes"}}))
    return tmp_path / "notes"


def tried(*said):
    return subprocess.run([BIMETAL, "serve", *said], capture_output=True, text=True, timeout=60, check=False)


def test_a_port_that_is_taken_is_said_in_one_sentence(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = tried("--dir", str(folder), "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "cannot be listened on (Address already in use); choose another --port or --host" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_address_that_is_none_and_a_folder_that_is_none(folder, tmp_path):
    ended = tried("--dir", str(folder), "--port", "0", "--origin", "labels.example.org")
    assert (ended.returncode, "the public address is 'labels.example.org'" in ended.stderr) == (2, True)
    ended = tried("--dir", str(tmp_path), "--port", "0")
    assert (ended.returncode, "is not a programme" in ended.stderr) == (2, True)


def test_it_tells_where_it_is_and_how_the_first_admin_gets_in_and_a_second_one_is_refused(folder):
    command = [BIMETAL, "serve", "--dir", str(folder), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        told = ""
        while not told.endswith("}\n"):
            told += first.stdout.readline()
        said = json.loads(told)
        assert said["first_admin"].startswith(f"{said['url']}/join/bi_")
        second = tried("--dir", str(folder), "--port", "0")
        assert second.returncode != 0
        assert "serve" in second.stderr
        first.terminate()
        assert first.wait(20) in {0, -15}
