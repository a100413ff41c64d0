"""A journal in one file: a JSON value a line, each bound to the line before by its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bimetal.canonical import Json, canonical_json
from bimetal.errors import LogError
from bimetal.store import files

FILE = "log.jsonl"


@dataclass(frozen=True)
class Journal:
    """What was done in a folder, oldest first; lines are added and never changed.

    >>> import tempfile
    >>> from datetime import UTC
    >>> journal = Journal(Path(tempfile.mkdtemp()), lambda: datetime(2026, 3, 1, tzinfo=UTC), "ana")
    >>> journal.add("asked", {"items": 20})
    >>> [(each["action"], each["body"]) for each in journal.entries()]
    [('asked', {'items': 20})]
    """

    folder: Path
    now: Callable[[], datetime]
    actor: str

    @property
    def path(self) -> Path:
        return self.folder / FILE

    def entries(self) -> list[dict[str, Any]]:
        """Read every line; raises LogError where one was changed, moved or removed in between."""
        lines = self.path.read_bytes().splitlines() if self.path.exists() else []
        before, found = "", []
        for at, line in enumerate(lines):
            try:
                entry = json.loads(line)
                fits = entry["seq"] == at and entry["before"] == before
            except (ValueError, KeyError, TypeError):
                fits = False
            if not fits:
                raise LogError(f"line {at + 1} of {self.path} was changed since", "restore the file from a backup")
            found.append(entry)
            before = hashlib.sha256(line).hexdigest()
        return found

    def add(self, action: str, body: Mapping[str, Json]) -> None:
        """Add a line, durably."""
        held = self.path.read_bytes() if self.path.exists() else b""
        lines = held.splitlines()
        entry: dict[str, Json] = {
            "seq": len(lines),
            "at": self.now().isoformat(),
            "actor": self.actor,
            "action": action,
            "body": body,
            "before": hashlib.sha256(lines[-1]).hexdigest() if lines else "",
        }
        files.write(self.path, held + canonical_json(entry) + b"\n")
