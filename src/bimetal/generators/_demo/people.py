"""Made-up people: customers who may leave and patients who may come back, each with a number others can refer to."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from faker import Faker

    from bimetal.types import BoolArray

DAY = np.datetime64("2024-01-01")
PLANS = ("basic", "family", "business")
WARDS = ("cardiology", "surgery", "medicine", "maternity")


def customers(first: int, yes: BoolArray, rng: np.random.Generator) -> dict[str, Any]:
    """Draw customers numbered from `first`; who leaves (`yes`) is newer, complains more and spends less."""
    count = len(yes)
    months = np.where(yes, rng.gamma(2, 6, count), rng.gamma(3, 10, count))
    return {
        "customer": keys("C", first + np.arange(count)),
        **_named(rng.integers(2**31, size=count)),
        "signed_up": (DAY - np.timedelta64(1, "D") * (30 * months).astype(int)).astype("datetime64[D]"),
        "plan": np.array(PLANS)[rng.choice(3, count, p=(0.5, 0.3, 0.2))],
        "monthly_spend": np.round(np.exp(rng.normal(np.where(yes, 3.2, 3.5), 0.5)), 2),
        "complaints": rng.poisson(np.where(yes, 1.6, 0.4)),
        "label": np.where(yes, "left", "stayed"),
    }


def patients(first: int, yes: BoolArray, rng: np.random.Generator) -> dict[str, Any]:
    """Draw patients numbered from `first`; who is readmitted (`yes`) is older and has more illnesses."""
    count = len(yes)
    age = np.clip(rng.normal(np.where(yes, 68, 54), 16), 18, 99).astype(int)
    return {
        "patient": keys("P", first + np.arange(count)),
        **_named(rng.integers(2**31, size=count)),
        "age": age,
        "sex": np.array(["female", "male"])[rng.integers(0, 2, count)],
        "ward": np.array(WARDS)[rng.integers(0, 4, count)],
        "illnesses": rng.poisson(np.where(yes, 3.0, 1.5)),
        "label": np.where(yes, "readmitted", "well"),
    }


def keys(letter: str, numbers: Any) -> list[str]:
    """Spell numbers as keys.

    >>> keys("C", [0, 12])
    ['C-000000', 'C-000012']
    """
    return [f"{letter}-{number:06d}" for number in numbers]


def _named(seeds: Any) -> dict[str, list[str]]:
    """Name people, each by a seed of its own; mail goes to domains that RFC 2606 keeps from everybody."""
    faker, names, streets, towns, mails = _faker(), [], [], [], []
    for seed in seeds.tolist():
        faker.seed_instance(seed)
        names.append(f"{faker.first_name()} {faker.last_name()}")
        streets.append(faker.street_address().replace("\n", ", "))
        towns.append(faker.city())
        mails.append(faker.ascii_safe_email())
    return {"name": names, "street": streets, "town": towns, "mail": mails}


@cache
def _faker() -> Faker:
    from faker import Faker

    return Faker("en_GB", use_weighting=False)
