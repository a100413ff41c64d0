"""What a programme remembers: Parquet snapshots, SQL state, the transparency log, steps that resume."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bimetal.store.audit import Verified, verify_folder
    from bimetal.store.keys import keys_folder, signing_key
    from bimetal.store.lock import only_one
    from bimetal.store.log import Log
    from bimetal.store.proofs import verify_growth, verify_proof
    from bimetal.store.snapshots import Snapshots
    from bimetal.store.state import State
    from bimetal.store.steps import Steps

__all__ = [
    "Log",
    "Snapshots",
    "State",
    "Steps",
    "Verified",
    "keys_folder",
    "only_one",
    "signing_key",
    "verify_folder",
    "verify_growth",
    "verify_proof",
]

if not TYPE_CHECKING:  # SQL and cryptography load when a name is first used, not before
    _HOMES = {
        "audit": ("Verified", "verify_folder"),
        "keys": ("keys_folder", "signing_key"),
        "lock": ("only_one",),
        "log": ("Log",),
        "proofs": ("verify_growth", "verify_proof"),
        "snapshots": ("Snapshots",),
        "state": ("State",),
        "steps": ("Steps",),
    }

    def __getattr__(name: str) -> Any:
        for home, names in _HOMES.items():
            if name in names:
                return getattr(importlib.import_module(f"bimetal.store.{home}"), name)
        raise AttributeError(f"module 'bimetal.store' has no attribute {name!r}")
