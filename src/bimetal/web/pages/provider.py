"""Logging in through the configured OpenID provider, and letting an account be entered that way too."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import RedirectResponse
from starlette.routing import Route

from bimetal.errors import PolicyError
from bimetal.programme import people
from bimetal.web.door import Ask, NotFoundError, page, refuse_forged
from bimetal.web.entering import entered, forget, keep, local

if TYPE_CHECKING:
    from starlette.responses import Response

    from bimetal.programme.people.oidc import Begun, OpenId

LASTS = 600
"""Seconds within which one comes back from the provider."""


class UnderWay(NamedTuple):
    """A login that left for the provider: its secrets, where to go on, the CSRF token of the account it may enter."""

    begun: Begun
    onward: str
    link: str

    def cookie(self) -> str:
        return ".".join((self.begun.cookie(), self.onward.encode().hex(), self.link))

    @classmethod
    def read(cls, cookie: str) -> UnderWay:
        """Read what `cookie` wrote; raises PolicyError for anything else."""
        from bimetal.programme.people.oidc import Begun

        *secrets, onward, link = cookie[:2000].split(".") if cookie.count(".") == 4 else ("", "", "")
        try:
            spelled = bytes.fromhex(onward).decode()
        except ValueError as fault:
            raise PolicyError("no login at the provider is under way here", "begin again") from fault
        return cls(Begun.read(".".join(secrets)), local(spelled), link)


@page(public=True)
def begin(ask: Ask) -> Response:
    """Send the browser to the provider; `link` is the token of a session whose account gets another way in."""
    link = ask.query("link")
    _refuse_foreign(ask, link)
    with closing(_openid(ask)) as openid:
        under_way = UnderWay(openid.begin(), local(ask.query("next")), link[:100])
    answer = RedirectResponse(under_way.begun.url, 303)
    keep(ask, answer, _cookie(ask), under_way.cookie(), LASTS)
    return answer


@page(public=True)
def finish(ask: Ask) -> Response:
    """Let in whom the provider sent back; who comes the first time reads the notice first."""
    with closing(_openid(ask)) as openid:
        under_way = UnderWay.read(ask.request.cookies.get(_cookie(ask), ""))
        identity = openid.finish(under_way.begun, ask.request.query_params, ask.at)
    answer = _linked(ask, identity, under_way.link) if under_way.link else _entered(ask, identity, under_way.onward)
    forget(ask, answer, _cookie(ask))
    return answer


def _entered(ask: Ask, identity: people.Identity, onward: str) -> Response:
    token = people.enter(ask.programme, identity, ask.visitor, ask.at)
    session = people.whose(ask.programme, token, ask.at)
    new = session is not None and session.person.at == ask.at
    return entered(ask, token, "/notice" if new else onward)


def _linked(ask: Ask, identity: people.Identity, link: str) -> Response:
    _refuse_foreign(ask, link)
    assert ask.session is not None, "a link was refused without a session"
    people.link_identity(ask.programme, ask.session, identity, ask.at)
    return ask.redirect("/account", told="linked")


def _refuse_foreign(ask: Ask, link: str) -> None:
    """Let nobody's page but the account's own have an identity linked to it."""
    if link and ask.person:
        refuse_forged(ask, link)


def _openid(ask: Ask) -> OpenId:
    from bimetal.programme.people.oidc import OpenId

    if ask.settings.provider is None:
        raise NotFoundError("no provider is set up here", "log in with a user name and a password")
    return OpenId(ask.settings.provider)


def _cookie(ask: Ask) -> str:
    return f"{ask.settings.cookie}-login"


ROUTES = [Route("/login/provider", begin), Route("/login/return", finish)]
