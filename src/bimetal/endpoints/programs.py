"""The door to programs on this machine: each request runs one, without a shell, for a bounded time, several at once."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bimetal.errors import EndpointError, InputError, MissingExtra, UnknownName
from bimetal.plugins import Answer
from bimetal.types import Reply, Request

SECONDS = 20.0
LONGEST = 10_000  # characters to be spoken
AT_ONCE = 4
VOICE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}(\+[A-Za-z][A-Za-z0-9]{0,20})?")  # never an option, never a path
ABSENT = "does not exist"


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a program: its arguments, and what it reads."""

    arguments: tuple[str, ...]
    stdin: bytes


def program(name: str) -> Answer:
    """Return who answers requests to a program; equal requests get equal bytes.

    A reply's facts name the program and its version. A request that cannot be met (a voice that is not there, text too
    long, no end within 20 seconds) is refused with the reason. Raises UnknownName for a program nobody has taught it,
    MissingExtra where it is not installed.

    >>> program("rm")
    Traceback (most recent call last):
    bimetal.errors.UnknownName: no program is called 'rm' here; choose one of: espeak-ng
    """
    if name not in CALLS:
        raise UnknownName(f"no program is called {name!r} here", f"choose one of: {', '.join(CALLS)}")
    path = _installed(name)
    facts = {"program": _version(path, name)}

    def answer(requests: tuple[Request, ...]) -> tuple[Reply, ...]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return tuple(pool.map(lambda request: _replied(path, name, request, facts), requests))

    return answer


def spoken(body: Mapping[str, object]) -> Call:
    """Spell a request for speech as espeak-ng's options: the text is read, never an argument, never markup.

    >>> spoken({"text": "-w stop [[x]]", "voice": "en+f3", "rate": 150, "pitch": 40}).stdin
    b'-w stop [ [x] ]'
    """
    voice, text = str(body.get("voice", "en")), str(body.get("text", ""))
    if not VOICE.fullmatch(voice):
        raise InputError(f"espeak-ng cannot have a voice {voice!r:.60}", "name a language and a variant, such as en+f3")
    if len(text) > LONGEST:
        raise InputError(f"{len(text):,} characters are too much to say at once", f"give {LONGEST:,} at most")
    options = ["--stdout", "--stdin", "-b", "1", "-v", voice]
    for option, key, low, high in (("-s", "rate", 80, 450), ("-p", "pitch", 0, 99)):
        number = body.get(key)
        if number is not None and not (isinstance(number, int | float) and low <= number <= high):
            raise InputError(f"{key} is {number!r:.40}, expected a number from {low} to {high}", "change it")
        options += [] if number is None else [option, str(round(number))]
    return Call(tuple(options), _plain(text).encode())


CALLS: Mapping[str, Callable[[Mapping[str, object]], Call]] = {"espeak-ng": spoken}


def _plain(text: str) -> str:
    # Control characters end the text early, and what stands in [[ ]] is read as phonemes.
    visible = "".join(" " if unicodedata.category(each) in {"Cc", "Cs"} else each for each in text)
    return visible.replace("[[", "[ [").replace("]]", "] ]")


def _installed(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise MissingExtra(
            f"{name} is not installed", f"install it with your system's packages, such as apt-get install {name}"
        )
    return path


def _version(path: str, name: str) -> str:
    said = _run(path, Call(("--version",), b"")).stdout.decode(errors="replace")
    found = re.search(r"\d+(\.\d+)+", said)
    return f"{name} {found.group() if found else 'of unknown version'}"


def _replied(path: str, name: str, request: Request, facts: Mapping[str, str]) -> Reply:
    try:
        call = CALLS[name](request.body)
        done = _run(path, call)
    except InputError as fault:
        return Reply(b"", facts, refused=fault.message)
    except subprocess.TimeoutExpired:
        return Reply(b"", facts, refused=f"{name} had not finished after {SECONDS:g} seconds")
    told = done.stderr.decode(errors="replace").strip().partition("\n")[0]
    if ABSENT in told:
        language = str(request.body.get("voice")).partition("+")[0]  # a variant that is not there is plain speech
        return Reply(b"", facts, refused=f"{name} has no voice {language!r}")
    if done.returncode:
        return Reply(b"", facts, refused=f"{name} failed with code {done.returncode}: {told:.200}")
    return Reply(done.stdout, facts)


def _run(path: str, call: Call) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - a list of arguments, no shell, and the path is what `which` found
            [path, *call.arguments], input=call.stdin, capture_output=True, timeout=SECONDS, check=False
        )
    except OSError as fault:
        raise EndpointError(f"{path} cannot be run: {fault}", "see that the program works by itself") from fault
