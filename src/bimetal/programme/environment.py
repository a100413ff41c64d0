"""The versions a result may depend on: part of every step's key, so that an upgrade computes anew."""

import platform
from functools import cache
from importlib.metadata import version

from bimetal.canonical import Json

PACKAGES = ("bimetal", "matplotlib", "numpy", "pillow", "pyarrow", "scikit-learn", "scipy")


@cache
def environment() -> dict[str, Json]:
    """Return the version of Python and of each package.

    >>> sorted(environment())[:2]
    ['bimetal', 'matplotlib']
    """
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
