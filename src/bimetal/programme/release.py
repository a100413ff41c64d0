"""Let a dataset leave the programme: the rules bind here, and what left stands in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.errors import PolicyError
from bimetal.programme.checking import check_programme
from bimetal.programme.policy import Purpose, enforce_release, refuse_failed

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored

GUARDS = ("licence", "audit_gap")  # checks that bind at release; the others inform


def release(programme: Programme, reference: str, purpose: Purpose) -> Stored:
    """Release a dataset for training, sharing or serving; raises PolicyError naming the rule, the rows and the way out.

    A refusal is logged too.
    """
    stored = programme.dataset(reference)
    dataset = programme.load(stored)
    try:
        if stored.role == "panel" and purpose == "train":
            raise PolicyError(
                f"{stored.name} is an evaluation panel, sealed from training", "release it for share or serve"
            )
        kept = enforce_release(dataset.rows)
        refuse_failed(check_programme(programme, dataset, None, GUARDS))
    except PolicyError as refusal:
        programme.record("release.refused", stored.digest, {"purpose": purpose, "why": refusal.message})
        raise
    programme.record("released", stored.digest, {"name": stored.name, "purpose": purpose, "rules": list(kept)})
    return stored
