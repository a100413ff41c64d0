"""What a person is called on a page: their name where it may be read, else the pseudonym."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bimetal.programme import people
from bimetal.programme.people import Person

if TYPE_CHECKING:
    from bimetal.web.door import Ask


class Names:
    """Everybody's name or pseudonym, as far as who asks may read them; a stranger's is what the record says."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._found: dict[str, str] = {}

    def __getitem__(self, who: str) -> str:
        if who not in self._found:
            self._found[who] = self._named(who)
        return self._found[who]

    def is_person(self, who: str) -> bool:
        return who in self._people

    def _named(self, who: str) -> str:
        person = self._people.get(who)
        if person is None or person.removed is not None or not self._ask.may("read names"):
            return who
        return people.profile(self._ask.programme, self._ask.person, who).name

    @cached_property
    def _people(self) -> dict[str, Person]:
        return {each.id: each for each in people.people(self._ask.programme)}
