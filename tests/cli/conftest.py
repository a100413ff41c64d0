"""A command run as a person runs it: in a process of its own, in an empty folder, keys and cache apart."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def run(tmp_path):
    def call(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "BIMETAL_KEYS": str(tmp_path / "keys"), "COLUMNS": "200", "OMP_NUM_THREADS": "1"}
        environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        command = [sys.executable, "-c", "import bimetal.cli; bimetal.cli.main()", *words]
        done = subprocess.run(command, cwd=tmp_path, env=environment, input=stdin, capture_output=True, check=False)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in done.stderr
        return done

    return call
