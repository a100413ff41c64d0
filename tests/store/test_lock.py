import os
import signal
import subprocess
import sys

import pytest

from bimetal.errors import StoreError
from bimetal.store.lock import only_one

_HOLD = """
import sys, time
from pathlib import Path
from bimetal.store.lock import only_one
with only_one(Path(sys.argv[1]), "cycle"):
    print("held", flush=True)
    time.sleep(60)
"""


def _hold(folder):
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, folder], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    return holder


def test_the_second_is_refused_and_told_who_holds_it_until_that_one_is_killed(tmp_path):
    holder = _hold(tmp_path)
    try:
        with pytest.raises(StoreError, match=f"cycle is already running here as process {holder.pid}; wait"):
            only_one(tmp_path, "cycle").__enter__()
        with only_one(tmp_path, "another job"):
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    with only_one(tmp_path, "cycle"):
        assert (tmp_path / "cycle.pid").read_text() == str(os.getpid())


def test_the_same_process_is_refused_too_and_may_come_again(tmp_path):
    with only_one(tmp_path, "cycle"):
        with pytest.raises(StoreError, match=f"as process {os.getpid()}"):
            only_one(tmp_path, "cycle").__enter__()
        with pytest.raises(StoreError, match="already running"), only_one(tmp_path, "cycle"):
            pass
    with only_one(tmp_path, "cycle"):
        pass


def test_a_lock_that_fails_inside_is_let_go(tmp_path):
    with pytest.raises(ValueError, match="mine"), only_one(tmp_path, "cycle"):
        raise ValueError("mine")
    with only_one(tmp_path, "cycle"):
        pass
