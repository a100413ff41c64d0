"""Nothing heavy is imported before it is needed."""

import subprocess
import sys

HEAVY = ("numpy", "pyarrow", "scipy", "sklearn", "sqlalchemy", "matplotlib", "PIL", "joblib", "cattrs", "rich")


def loaded(code: str) -> set[str]:
    probe = f"{code}\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_bimetal_loads_nothing_heavy():
    assert loaded("import bimetal") == set()


def test_the_command_line_loads_nothing_heavy_until_a_command_runs():
    assert loaded("import bimetal.cli") == set()
