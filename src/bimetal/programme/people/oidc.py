"""Login through an OpenID Connect provider: authorization code with PKCE, state and nonce, and a checked ID token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from bimetal.errors import ConfigError, EndpointError, InputError, MissingExtra, PolicyError
from bimetal.programme.people.identities import Identity
from bimetal.programme.people.names import email_address, shown_name
from bimetal.programme.people.roles import Role, read_role

if TYPE_CHECKING:
    import httpx

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Signatures that are accepted: none that the shared client secret could make, and never `none`."""

LEEWAY = 60
"""Seconds that the provider's clock may differ."""

_LARGEST = 1 << 20  # bytes of an answer
_SECONDS = 10.0  # to wait for one


@dataclass(frozen=True)
class Provider:
    """An OpenID provider as configured; `redirect_uri` is this server's own address that the provider returns to.

    `roles` maps values of `role_claim` to roles, the first that fits wins; `default_role` is for everybody else, and
    None lets nobody else in, as a public provider needs. Raises ConfigError for an issuer not under https.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    role_claim: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    default_role: str | None = "annotator"

    def __post_init__(self) -> None:
        for name in ("issuer", "redirect_uri"):
            if not _is_safe(getattr(self, name)):
                raise ConfigError(f"{name} {getattr(self, name)!r} is not under https", "only this machine needs none")
        for role in (*self.roles.values(), self.default_role):
            if role is not None:
                read_role(role)


@dataclass(frozen=True)
class Begun:
    """A login under way: where to send the browser, and what it brings back in a cookie of ten minutes."""

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    def cookie(self) -> str:
        return ".".join((self.state, self.nonce, self.verifier))

    @classmethod
    def read(cls, cookie: str) -> Begun:
        """Read what `cookie` wrote; raises PolicyError for anything else."""
        parts = cookie[:400].split(".")
        if len(parts) != 3 or not all(parts):
            raise PolicyError("no login at the provider is under way here", "begin again")
        return cls("", *parts)


class OpenId:
    """The protocol with one provider, through `client` if given; raises MissingExtra without the extra oidc."""

    def __init__(self, provider: Provider, client: httpx.Client | None = None) -> None:
        try:
            import httpx
            import joserfc  # noqa: F401  # missed here rather than after the person consented
        except ModuleNotFoundError as fault:
            raise MissingExtra(
                "login through a provider needs httpx and joserfc", "pip install 'bimetal[oidc]'"
            ) from fault
        self.provider = provider
        self._client = client or httpx.Client(timeout=_SECONDS, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def begin(self) -> Begun:
        """Begin a login; raises EndpointError where the provider cannot be reached."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self.provider.redirect_uri,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._metadata()["authorization_endpoint"]
        return Begun(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", state, nonce, verifier)

    def finish(self, begun: Begun, answer: Mapping[str, str], at: datetime) -> Identity:
        """Trade what the browser brought back for a checked identity.

        Raises PolicyError where anything about it is not as it must be, EndpointError where the provider fails.
        """
        if not hmac.compare_digest(begun.state.encode(), answer.get("state", "").encode("utf-8", "replace")):
            raise PolicyError("the answer belongs to another login", "begin again")
        if "error" in answer or "code" not in answer:
            raise PolicyError(
                f"the provider refused the login ({answer.get('error', 'no code')[:60]!r})", "begin again"
            )
        if answer.get("iss", self.provider.issuer) != self.provider.issuer:
            raise PolicyError("the answer comes from another provider", "begin again")
        metadata = self._metadata()
        token = self._trade(metadata["token_endpoint"], answer["code"], begun.verifier)
        return self._identity(self._claims(token, metadata["jwks_uri"], begun.nonce, at))

    def _metadata(self) -> dict[str, str]:
        found = self._ask("GET", f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.provider.issuer:
            raise EndpointError(
                f"{self.provider.issuer} says its issuer is {found.get('issuer')!r}", "correct the issuer"
            )
        needed = {name: found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        for name, url in needed.items():
            if not isinstance(url, str) or not _is_safe(url):
                raise EndpointError(f"{self.provider.issuer} gives {name} as {url!r}", "use a provider under https")
        return {name: str(url) for name, url in needed.items()}

    def _trade(self, endpoint: str, code: str, verifier: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        form["redirect_uri"] = self.provider.redirect_uri
        name, secret = (quote(each, safe="") for each in (self.provider.client_id, self.provider.client_secret))
        if secret:  # RFC 6749, section 2.3.1
            headers = {"Authorization": f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"}
        else:
            headers, form["client_id"] = {}, self.provider.client_id
        token = self._ask("POST", endpoint, data=form, headers=headers).get("id_token")
        if not isinstance(token, str):
            raise EndpointError(f"{self.provider.issuer} gave no ID token", "ask for the scope openid there")
        return token

    def _claims(self, token: str, keys: str, nonce: str, at: datetime) -> dict[str, Any]:
        """Check signature, issuer, audience, times and nonce of an ID token (OpenID Connect Core, 3.1.3.7)."""
        from joserfc import jwk, jwt
        from joserfc.errors import JoseError

        own = self.provider.client_id
        wanted = jwt.JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": own},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            known = jwk.KeySet.import_key_set(self._ask("GET", keys))  # type: ignore[arg-type]  # checked by the import
            claims: dict[str, Any] = jwt.decode(token, known, algorithms=ALGORITHMS).claims
            wanted.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise PolicyError(f"the provider's ID token is refused: {fault}", "begin again") from fault
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims.get("azp", own) != own or (len(audience) > 1 and "azp" not in claims):
            raise PolicyError("the provider's ID token is for another client", "begin again")
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        named = claims.get("name") or claims.get("preferred_username")
        return Identity(
            self.provider.issuer,
            claims["sub"],
            _accepted(shown_name, named, "no name given"),
            _accepted(email_address, claims.get("email"), ""),
            self._role(claims),
            steers=bool(self.provider.role_claim),
        )

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        held = claims.get(self.provider.role_claim) if self.provider.role_claim else None
        values = held if isinstance(held, list) else [held]
        named = next(
            (role for value, role in self.provider.roles.items() if value in values), self.provider.default_role
        )
        return None if named is None else read_role(named)

    def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        import httpx

        try:
            with self._client.stream(method, url, **more) as answer:
                content = b""
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > _LARGEST:
                        raise EndpointError(f"{url} sent more than {_LARGEST:,} bytes", "check the issuer")
            found = json.loads(content) if answer.status_code == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise EndpointError(f"{url} cannot be reached ({fault})", "try again", retryable=True) from fault
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise EndpointError(f"{url} answered {answer.status_code} without what was asked", "begin again")
        return found


def _is_safe(url: str) -> bool:
    """Say whether nobody between can read or change what goes to a URL: https, or this machine itself."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.scheme == "http" and parts.hostname == "localhost"


def _accepted(read: Callable[[str], str], value: object, otherwise: str) -> str:
    """Read a word of the provider's; one that cannot be shown keeps nobody out."""
    try:
        return read(value) if isinstance(value, str) else otherwise
    except InputError:
        return otherwise
