"""Run independent work on all cores: `run_local` is called like `map`."""

from __future__ import annotations

from bimetal.compute.local import run_local

__all__ = ["run_local"]
