"""Read a model's structured reply: one JSON object whose fields have the length, choice, words and script declared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bimetal.writing import normalised, script

if TYPE_CHECKING:
    from bimetal.canonical import Json

LONGEST = 20_000


@dataclass(frozen=True)
class Field:
    """A field of the reply: text of `least` to `most` characters, a whole number between them, or one of `choices`.

    A text `contains` some words and `avoids` others, after {attributes} are filled in; the value of a field that is
    the `same` as an attribute must equal it. `says` tells the model what to write there.
    """

    name: str
    kind: Literal["text", "choice", "whole"] = "text"
    says: str = ""
    least: int = 1
    most: int = 2000
    choices: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    same: str = ""

    @property
    def words(self) -> str:
        """Say it to the model."""
        kinds = {
            "text": f"text of {self.least} to {self.most} characters",
            "choice": f"one of {', '.join(map(repr, self.choices))}",
            "whole": f"a whole number from {self.least} to {self.most}",
        }
        return f"- {self.name}: {kinds[self.kind]}" + (f"; {self.says}" if self.says else "")

    @property
    def schema(self) -> dict[str, Json]:
        if self.kind == "whole":
            return {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"type": "string", **({"enum": list(self.choices)} if self.kind == "choice" else {})}


def response_format(fields: tuple[Field, ...]) -> dict[str, Json]:
    """Spell fields as the `response_format` of a chat request."""
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {each.name: each.schema for each in fields},
        "required": [each.name for each in fields],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema, "strict": True}}


def instruction(fields: tuple[Field, ...]) -> str:
    """Tell a model in words what `response_format` says, for servers that know none."""
    return "\n".join(["Answer with one JSON object and nothing else. Its fields:", *(each.words for each in fields)])


def read(data: bytes, fields: tuple[Field, ...], drawn: Mapping[str, str]) -> dict[str, str] | str:
    """Return the fields' values as text, or what is wrong with the reply; `drawn` are the row's attributes.

    >>> read(b'Sure: {"says": "hello"}', (Field("says"),), {})
    {'says': 'hello'}
    >>> read(b'{"says": ""}', (Field("says", least=3),), {})
    "'says' has fewer than 3 characters"
    """
    said = _object(data)
    if said is None:
        return "the reply is no JSON object"
    values: dict[str, str] = {}
    for field in fields:
        value = said.get(field.name)
        fault, spelled = _value(field, value, drawn)
        if fault:
            return fault
        values[field.name] = spelled
    return values


def wrong_script(text: str, language: str) -> bool:
    """Say whether a text is in another script than its language's; a text without letters is in any.

    >>> wrong_script("Where is my card?", "th"), wrong_script("บัตรของฉันอยู่ที่ไหน", "th")
    (True, False)
    """
    found = script(text)
    return found != "Zyyy" and found not in scripts(language)


def scripts(language: str) -> tuple[str, ...]:
    """Name the scripts a language (BCP 47) is written in, ISO 15924; none where it is not known here."""
    first, *rest = language.split("-")
    tagged = next((part.title() for part in rest if len(part) == 4 and part.isalpha()), "")
    if tagged:
        return _MANY.get(tagged, (tagged,))
    known = next((code for code, languages in _WRITTEN.items() if first.lower() in languages.split()), "")
    return _MANY.get(known, (known,)) if known else ()


_WRITTEN = {
    "Latn": "af az bs ca cs cy da de en es et eu fi fil fr ga gl ha hr hu id ig is it jv lb lt lv mg ms mt nl no nb pl "
    "pt ro rw sk sl so sq su sv sw tl tr uz vi xh yo zu",
    "Arab": "ar ckb fa ps sd ug ur", "Cyrl": "be bg kk ky mk mn ru sr tg uk", "Deva": "hi mr ne sa", "Beng": "as bn",
    "Guru": "pa", "Gujr": "gu", "Orya": "or", "Taml": "ta", "Telu": "te", "Knda": "kn", "Mlym": "ml", "Sinh": "si",
    "Thai": "th", "Laoo": "lo", "Khmr": "km", "Mymr": "my shn", "Tibt": "bo dz", "Hang": "ko", "Jpan": "ja",
    "Hani": "zh yue", "Hebr": "he yi", "Grek": "el", "Armn": "hy", "Geor": "ka", "Ethi": "am ti",
}  # fmt: skip
_MANY = {"Jpan": ("Hira", "Kana", "Hani"), "Hans": ("Hani",), "Hant": ("Hani",), "Kore": ("Hang", "Hani")}


def _object(data: bytes) -> dict[str, Any] | None:
    text = data.decode("utf-8", "replace")
    start, end = text.find("{"), text.rfind("}")  # models like to fence what they say
    try:
        said = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _value(field: Field, value: Any, drawn: Mapping[str, str]) -> tuple[str, str]:
    """Return what is wrong with a field's value, and how it is spelled."""
    if value is None:
        return f"the reply has no {field.name!r}", ""
    if field.kind == "whole":
        whole = isinstance(value, int) and not isinstance(value, bool) and field.least <= value <= field.most
        fault = "" if whole else f"{field.name!r} is no whole number from {field.least} to {field.most}"
    elif not isinstance(value, str):
        fault = f"{field.name!r} is no text"
    elif field.kind == "choice":
        fault = "" if value in field.choices else f"{field.name!r} is none of its choices"
    else:
        whole_text = value[:LONGEST].encode("utf-8", "replace").decode()
        value = normalised(whole_text, drawn.get("language", "")).text.strip()
        fault = _text_fault(field, value, drawn)
    differs = not fault and bool(field.same) and drawn.get(field.same) != str(value)
    return f"{field.name!r} differs from {field.same!r}" if differs else fault, str(value)


def _text_fault(field: Field, text: str, drawn: Mapping[str, str]) -> str:
    if len(text) < field.least:
        return f"{field.name!r} has fewer than {field.least} characters"
    if len(text) > field.most:
        return f"{field.name!r} has more than {field.most} characters"
    folded = text.casefold()
    for words in field.contains:
        if _filled(words, drawn).casefold() not in folded:
            return f"{field.name!r} lacks {words!r}"
    for words in field.avoids:
        if _filled(words, drawn).casefold() in folded:
            return f"{field.name!r} holds {words!r}"
    if "language" in drawn and wrong_script(text, drawn["language"]):
        return f"{field.name!r} is not in the script of {drawn['language']!r}"
    return ""


def _filled(words: str, drawn: Mapping[str, str]) -> str:
    for name, value in drawn.items():
        words = words.replace(f"{{{name}}}", value)
    return words
