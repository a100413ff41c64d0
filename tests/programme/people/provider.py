"""An OpenID provider on a free port of 127.0.0.1, with keys of its own and faults on demand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

jwk, jwt = (pytest.importorskip(f"joserfc.{name}") for name in ("jwk", "jwt"))

CLIENT, SECRET, RETURN = "bimetal", "s3cret/with:odd signs", "http://127.0.0.1:8000/login/return"


class LoopbackProvider:
    """Answers discovery, keys and tokens over HTTP; `consent` stands for the browser of somebody who says yes."""

    def __init__(self, at: datetime) -> None:
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.at, self.person = at, {"sub": "248289761001", "name": "Ana Ruiz", "email": "ana@example.org"}
        self.claims, self.header, self.signing, self.metadata = {}, {"alg": "RS256", "kid": "one"}, self.key, {}
        self.token_answer = self.keys_answer = None
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._pages())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def consent(self, url: str) -> dict[str, str]:
        """Return what the browser brings back from the page at `url`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, RETURN)
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, object]:
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        asked = self._codes.pop(form.get("code", ""), None)  # a code works once
        challenge = _base64(hashlib.sha256(form["code_verifier"].encode()).digest())
        refused = asked is None or (unquote(name), unquote(secret)) != (CLIENT, SECRET)
        if refused or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if self.token_answer is not None:
            return 200, self.token_answer
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

    def _id_token(self, nonce: str) -> str:
        made, over = (int(each.timestamp()) for each in (self.at, self.at + timedelta(minutes=5)))
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": over, "iat": made, "nonce": nonce, **self.person}
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        if self.header["alg"] in {"none", "HS256"}:  # which no careful library would sign
            said = f"{_base64(json.dumps(self.header).encode())}.{_base64(json.dumps(claims).encode())}"
            shared = self.header["alg"] == "HS256"
            return f"{said}.{_base64(hmac.digest(self.signing, said.encode(), 'sha256')) if shared else ''}"
        return jwt.encode(self.header, claims, self.signing, algorithms=[self.header["alg"]])

    def _discovery(self) -> dict[str, object]:
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": self.issuer, **{name: self.issuer + path for name, path in paths.items()}, **self.metadata}

    def _pages(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/openid-configuration":
                    self._answer(200, provider._discovery())
                elif self.path == "/keys":
                    known = {"keys": [provider.key.as_dict(private=False)]}
                    self._answer(200, known if provider.keys_answer is None else provider.keys_answer)
                else:
                    self._answer(404, {})

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(sent).items()}
                self._answer(*provider._token(form, self.headers.get("Authorization", "")))

            def _answer(self, status: int, body: object) -> None:
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Pages


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
