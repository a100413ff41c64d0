"""An item as a rater sees it: payload, suggestion and draft, options in a drawn order, others' answers to a decider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bimetal.annotation.shown import Shown
from bimetal.errors import InputError
from bimetal.programme.work.preferences import order_shown
from bimetal.programme.work.sheets import sheet
from bimetal.programme.work.shown import shown
from bimetal.store.schema import rfc3339
from bimetal.writing import direction

if TYPE_CHECKING:
    from bimetal.annotation.assignment import Job, Rater
    from bimetal.programme.programme import Programme
    from bimetal.store.queue import Lease
    from bimetal.types import Annotation


@dataclass(frozen=True)
class Desk:
    """Who works on which job: all that it takes to present an item."""

    programme: Programme
    job: Job
    rater: Rater

    def presented(self, lease: Lease, others: Sequence[Annotation] = ()) -> dict[str, Any]:
        """Describe a leased item; nothing in it tells gold from the rest, not even its id, or who answered what."""
        seen = self._seen(lease.item)
        about: dict[str, Any] = {
            "lease": lease.id,
            "item": lease.id[:8],
            "round": lease.round,
            "guideline": lease.guideline,
            "language": lease.language,
            "draft": lease.draft,
            "suggestion": lease.suggestion,
            "warning": lease.warning or self.warning,
            "expires": rfc3339(lease.expires) if lease.expires else None,
            "payload": self._payload(lease, seen),
            "dir": direction(lease.language or seen.text or ""),
        }
        if self.job.kind == "adjudicate":
            about["answers"] = [anonymous(f"rater {n}", each) for n, each in enumerate(others, 1)]
        return about

    def _seen(self, item: str) -> Shown:
        """Read an item; one that cannot be read is shown as a picture that does not load, for the rater to skip."""
        try:
            return shown(self.programme, self.job, item)
        except InputError:  # it is leased by now, and must not keep those leased with it from the rater
            return Shown(item, media=("image",))

    def _payload(self, lease: Lease, seen: Shown) -> dict[str, Any]:
        told: dict[str, Any] = {"prompt": seen.prompt} if seen.prompt else {}
        for name in seen.media:
            told[name] = "/media?" + urlencode({"lease": lease.id, "column": name})
        if seen.options:
            told["options"] = [{"key": key, "text": seen.options[key]} for key in self._drawn(seen)]
        if seen.text is not None:
            told["text"] = seen.text
        if seen.columns:
            told["columns"] = dict(seen.columns)
        return told

    def _drawn(self, seen: Shown) -> list[str]:
        """Put the options in an order drawn for this rater and item, the same whenever they see it."""
        return list(order_shown(self.job, seen.item, self.rater.name, tuple(seen.options)))

    @cached_property
    def warning(self) -> str:
        """Say what every item of the job is to be blurred for, if anything."""
        return sheet(self.programme, self.job).warning


def anonymous(called: str, each: Annotation) -> dict[str, Any]:
    """Give an answer without its author's name."""
    said = {name: getattr(each, name) for name in ("value", "status", "reason", "comment")}
    return {"rater": called, **said}
