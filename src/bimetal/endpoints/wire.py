"""The OpenAI chat protocol as values: a request's body, and what a response means (pure: nothing is sent here)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from bimetal.endpoints.budget import Most
from bimetal.errors import EndpointError, InputError

if TYPE_CHECKING:
    from bimetal.canonical import Json
    from bimetal.endpoints.endpoint import Endpoint
    from bimetal.types import Request

Kind = Literal["good", "refused", "again", "nonsense", "stop"]
PER_REQUEST, PER_MESSAGE = 128, 16  # tokens a chat template may put before all messages, and around each
SEEDS = 2**31
LONGEST = 300  # characters of a server's own words that are shown


@dataclass(frozen=True)
class Meaning:
    """What a response came to; `again` may be retried after `wait` seconds, `nonsense` was perhaps paid for."""

    kind: Kind
    text: str = ""
    says: str = ""
    wait: float | None = None
    model: str = ""
    finish: str = ""
    tokens: tuple[int, int] | None = None


def body_of(request: Request, endpoint: Endpoint) -> dict[str, Json]:
    """Spell a request for its server: the model it names, a bound on the reply, a seed that moves with `sample`.

    Raises InputError where it holds no messages, EndpointError where it was made for another model.
    """
    body = dict(request.body)
    if not isinstance(body.get("messages"), list | tuple) or not body["messages"]:
        raise InputError(f"a chat request holds {', '.join(sorted(body)) or 'nothing'}", "give it messages")
    asked = str(body.get("model") or endpoint.model)
    if endpoint.model and asked != endpoint.model:
        raise EndpointError(
            f"the recipe asks {asked!r}, and the endpoint has {endpoint.model!r}", "name an endpoint with that model"
        )
    if not asked:
        raise InputError(f"no model is named for {endpoint.url}", "name one with --model")
    seed = body.get("seed")
    if isinstance(seed, int):
        body["seed"] = (seed + request.sample) % SEEDS
    body = {"max_tokens": endpoint.max_tokens, **body, "model": asked}
    kept = {name: value for name, value in body.items() if name not in endpoint.leaves_out}
    return {endpoint.renames.get(name, name): value for name, value in kept.items()}


def most_of(request: Request, endpoint: Endpoint) -> Most:
    """Bound what a request can come to: a token is one byte at least, and the reply ends at max_tokens."""
    messages: Any = request.body.get("messages") or ()
    prompt = sum(
        len(json.dumps(each, ensure_ascii=False).encode("utf-8", "replace")) + PER_MESSAGE for each in messages
    )
    bound = request.body.get("max_tokens", endpoint.max_tokens)
    return Most(PER_REQUEST + prompt, bound if isinstance(bound, int) else endpoint.max_tokens)


def meaning(status: int, headers: Mapping[str, str], content: bytes) -> Meaning:
    """Read a response.

    >>> meaning(429, {"retry-after": "3"}, b"").wait
    3.0
    >>> meaning(200, {}, b'{"choices": [{"message": {"content": "yes"}}]}').text
    'yes'
    """
    if status == 200:
        return _answer(content)
    says = f"{status}: {_complaint(content)}"
    if status in {408, 409, 425, 429} or status >= 500:
        return Meaning("again", says=says, wait=_wait(headers))
    if status in {401, 402, 403, 404, 405} or status < 400:
        return Meaning("stop", says=says)
    return Meaning("refused", says=says)


def _answer(content: bytes) -> Meaning:
    try:
        said = json.loads(content)
        choice = said["choices"][0]
        message = choice["message"]
        text, refusal = message.get("content"), message.get("refusal")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Meaning("nonsense", says=f"no chat completion: {_short(content.decode('utf-8', 'replace'))}")
    tokens, finish = _usage(said.get("usage")), str(choice.get("finish_reason") or "")
    model = str(said.get("model") or "")
    if refusal or finish == "content_filter":
        return Meaning("refused", says=_short(str(refusal or finish)), tokens=tokens, model=model, finish=finish)
    if not isinstance(text, str):
        return Meaning("nonsense", says=f"a reply without text ({finish or 'no reason given'})", tokens=tokens)
    whole = text.encode("utf-8", "replace").decode()  # a lone surrogate is no text
    return Meaning("good", whole, model=model, finish=finish, tokens=tokens)


def _usage(said: Any) -> tuple[int, int] | None:
    if not isinstance(said, dict):
        return None
    counts = (said.get("prompt_tokens"), said.get("completion_tokens"))
    if not all(isinstance(each, int) and 0 <= each < 2**53 for each in counts):
        return None
    return counts[0], counts[1]  # type: ignore[return-value]  # both are whole numbers


def _wait(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After: seconds, or a moment as the server's own clock tells it."""
    said = headers.get("retry-after", "")
    try:
        return max(float(said), 0.0)
    except ValueError:
        pass
    try:
        gap = parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))
        return max(gap.total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _complaint(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        error = said.get("error", said) if isinstance(said, dict) else said
        return _short(str(error.get("message", error) if isinstance(error, dict) else error))
    except (ValueError, RecursionError):
        return _short(text)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return (plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 3]}...") or "nothing"
