"""The versions a result may depend on: part of every step's key, so that an upgrade computes anew."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from bimetal.canonical import Json

SOURCE = Path(__file__).parent.parent
PACKAGES = ("bimetal", "matplotlib", "numpy", "pillow", "pyarrow", "scikit-learn", "scipy")


@cache
def environment() -> dict[str, Json]:
    """Return the version of Python and of each package, and a digest of our own code: a version may span many edits.

    >>> sorted(environment())[:3]
    ['bimetal', 'code', 'matplotlib']
    """
    versions: dict[str, Json] = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "code": _code(), **versions}


def _code() -> str:
    found = hashlib.sha256()
    for path in sorted(SOURCE.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]
