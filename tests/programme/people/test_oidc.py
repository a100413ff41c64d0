"""Login through a provider, over real HTTP, and every way in which an answer can be wrong."""

import base64
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("httpx")
pytest.importorskip("joserfc")

from joserfc import jwk

from bimetal.errors import ConfigError, EndpointError, InputError, PolicyError
from bimetal.programme.people import (
    Identity,
    Profile,
    Visitor,
    bearer,
    change_password,
    enter,
    link_identity,
    make_token,
    offer_reset,
    people,
    profile,
    remove,
    whose,
)
from bimetal.programme.people.oidc import Begun, OpenId, Provider
from tests.programme.people.provider import CLIENT, RETURN, SECRET, LoopbackProvider

HERE = Visitor("192.0.2.7", "Firefox")


@pytest.fixture
def there(at, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    provider = LoopbackProvider(at)
    yield provider
    provider.close()


@pytest.fixture
def provider(there):
    return Provider(there.issuer, CLIENT, SECRET, RETURN)


@pytest.fixture
def openid(provider):
    return OpenId(provider)


@pytest.fixture
def goes(openid, there, at):
    """Return a function that logs in at the provider and says who it was."""

    def through(at=at):
        begun = openid.begin()
        return openid.finish(Begun.read(begun.cookie()), there.consent(begun.url), at)

    return through


def test_the_way_in(book, goes, there, at):
    identity = goes()
    assert identity == Identity(there.issuer, "248289761001", "Ana Ruiz", "ana@example.org", "annotator")
    session = whose(book, enter(book, identity, HERE, at), at)
    assert session.person.role == "annotator"
    assert profile(book, session.person, session.person.id) == Profile("", "Ana Ruiz", "ana@example.org")


def test_the_second_time_it_is_the_same_person_whatever_the_name(book, goes, there, at):
    first = whose(book, enter(book, goes(), HERE, at), at)
    there.person |= {"name": "Ana Other", "email": "other@example.org"}
    second = whose(book, enter(book, goes(), HERE, at), at)
    assert first.person == second.person
    assert len(people(book)) == 1
    there.person["sub"] = "another"
    assert whose(book, enter(book, goes(), HERE, at), at).person != first.person


def test_the_url_tells_nothing_secret(openid):
    one, two = openid.begin(), openid.begin()
    asked = parse_qs(urlsplit(one.url).query)
    assert one.verifier not in one.url
    assert asked["state"] == [one.state]
    assert len({one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier}) == 6
    assert SECRET not in one.url
    assert SECRET not in repr(openid.provider)


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"aud": "another client"}, "aud"),
        ({"aud": ["another", "client"]}, "aud"),
        ({"aud": [CLIENT, "another"]}, "another client"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "another client"),
        ({"azp": "another"}, "another client"),
        ({"nonce": "replayed"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"iat": 99999999999}, "issued in the future"),
        ({"nbf": 99999999999}, "not yet valid"),
        ({"sub": None}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": ""}, "sub"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(goes, there, claims, said):
    there.claims = claims
    with pytest.raises(PolicyError, match=said):
        goes()


def test_a_token_is_good_for_five_minutes_and_the_leeway(goes, at):
    assert goes(at + timedelta(minutes=5, seconds=59))
    with pytest.raises(PolicyError, match="expired"):
        goes(at + timedelta(minutes=6))


def test_a_token_signed_by_anybody_else_is_refused(goes, there):
    there.signing = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    with pytest.raises(PolicyError, match="bad_signature"):
        goes()


def test_a_key_the_provider_does_not_publish_is_refused(goes, there):
    there.header = {"alg": "RS256", "kid": "two"}
    with pytest.raises(PolicyError, match="two"):
        goes()


@pytest.mark.parametrize("known", ["the client secret", "the public key"])
def test_a_token_signed_with_what_others_know_is_refused(goes, there, known):
    there.header = {"alg": "HS256", "kid": "one"}
    there.signing = SECRET.encode() if known == "the client secret" else there.key.as_pem(private=False)
    with pytest.raises(PolicyError, match="HS256"):
        goes()


def test_a_token_without_a_signature_is_refused(goes, there):
    there.header = {"alg": "none"}
    with pytest.raises(PolicyError):
        goes()


def test_an_elliptic_key_is_as_good(goes, there):
    there.key = there.signing = jwk.ECKey.generate_key("P-256", {"kid": "one"})
    there.header = {"alg": "ES256", "kid": "one"}
    assert goes().subject == "248289761001"


def test_the_answer_of_another_login_is_refused(openid, there, at):
    mine, theirs = openid.begin(), openid.begin()
    with pytest.raises(PolicyError, match="belongs to another login"):
        openid.finish(mine, there.consent(theirs.url), at)
    for state in ("", "é", "\ud800", mine.state[:-1]):
        with pytest.raises(PolicyError, match="belongs to another login"):
            openid.finish(mine, {**there.consent(mine.url), "state": state}, at)


def test_a_stolen_code_is_worth_nothing_without_its_verifier(openid, there, at):
    victim, thief = openid.begin(), openid.begin()
    stolen = {**there.consent(victim.url), "state": thief.state}
    with pytest.raises(EndpointError, match="400"):
        openid.finish(thief, stolen, at)


def test_a_code_works_once(openid, there, at):
    begun = openid.begin()
    answer = there.consent(begun.url)
    openid.finish(begun, answer, at)
    with pytest.raises(EndpointError):
        openid.finish(begun, answer, at)


def test_an_answer_from_another_provider_is_refused(openid, there, at):
    begun = openid.begin()
    with pytest.raises(PolicyError, match="another provider"):
        openid.finish(begun, {**there.consent(begun.url), "iss": "https://evil.example"}, at)


def test_a_refusal_there_is_said_here(openid, there, at):
    begun = openid.begin()
    with pytest.raises(PolicyError, match="refused the login \\('access_denied'\\)"):
        openid.finish(begun, {"error": "access_denied", "state": begun.state}, at)


@pytest.mark.parametrize("cookie", ["", "a.b", "a.b.c.d", "..", "x" * 10_000_000])
def test_a_cookie_that_is_none(cookie):
    with pytest.raises(PolicyError, match="no login at the provider is under way"):
        Begun.read(cookie)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 7},
    ],
)
def test_faulty_discovery(openid, there, metadata):
    there.metadata = metadata
    with pytest.raises(EndpointError):
        openid.begin()


@pytest.mark.parametrize("answer", [{}, {"id_token": 7}, [], b"no json", b"x" * (2 << 20), b""])
def test_faulty_token_answers(goes, there, answer):
    there.token_answer = answer
    with pytest.raises(EndpointError):
        goes()


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 100_000, "a.b.c.d.e", "é.é.é"])
def test_faulty_tokens(goes, there, token):
    there.token_answer = {"id_token": token}
    with pytest.raises(PolicyError, match="ID token is refused"):
        goes()


@pytest.mark.parametrize(
    "keys", [{}, {"keys": []}, {"keys": 7}, {"keys": [7]}, {"keys": [{"kty": "RSA"}]}, {"keys": [{}]}]
)
def test_faulty_keys(goes, there, keys):
    there.keys_answer = keys
    with pytest.raises(PolicyError, match="ID token is refused"):
        goes()


def test_a_provider_that_is_away(provider, there):
    there.close()
    with pytest.raises(EndpointError, match="cannot be reached") as failed:
        OpenId(provider).begin()
    assert failed.value.retryable


@pytest.mark.parametrize(
    "issuer", ["http://example.org", "ftp://127.0.0.1", "", "https://", "//x", "http://127.0.0.1.evil.example"]
)
def test_a_provider_anybody_can_read_along_is_no_provider(issuer):
    with pytest.raises(ConfigError, match="is not under https"):
        Provider(issuer, CLIENT, SECRET, RETURN)


def test_a_role_that_is_none_is_refused():
    with pytest.raises(InputError):
        Provider("https://example.org", CLIENT, SECRET, RETURN, "groups", {"a": "god"})


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["x", "leads"], "lead"),
        ("leads", "lead"),
        (["audit", "leads"], "lead"),
        (["audit"], "auditor"),
        ([], "annotator"),
        (None, "annotator"),
        ({"leads": 1}, "annotator"),
        (7, "annotator"),
    ],
)
def test_the_claim_gives_the_role(there, at, groups, role):
    openid = OpenId(Provider(there.issuer, CLIENT, SECRET, RETURN, "groups", {"leads": "lead", "audit": "auditor"}))
    there.claims = {"groups": groups}
    begun = openid.begin()
    assert openid.finish(begun, there.consent(begun.url), at).role == role


def test_the_role_there_is_the_role_here_at_every_login(book, admin, at):
    lead = Identity("https://example.org", "1", "Ana", "", "lead", steers=True)
    token = enter(book, lead, HERE, at)
    enter(book, Identity("https://example.org", "1", "Ana", "", "annotator", steers=True), HERE, at)
    assert whose(book, token, at).person.role == "annotator"
    enter(book, Identity("https://example.org", "1", "Ana", "", "lead"), HERE, at)
    assert whose(book, token, at).person.role == "annotator"


def test_without_a_role_nobody_enters(book, admin, at):
    with pytest.raises(PolicyError, match="has no role here"):
        enter(book, Identity("https://example.org", "1", "Ana", "", None), HERE, at)
    assert len(people(book)) == 1


def test_nobody_enters_an_account_by_its_email(book, ana, at):
    stranger = Identity("https://evil.example", "1", ana.profile.name, ana.profile.email, "annotator")
    assert whose(book, enter(book, stranger, HERE, at), at).person != ana.person


def test_a_person_links_an_identity_that_is_nobodys(book, ana, bo, at):
    identity = Identity("https://example.org", "1", "Ana", "", "annotator")
    link_identity(book, ana.session, identity, at)
    assert whose(book, enter(book, identity, HERE, at), at).person == ana.person
    with pytest.raises(PolicyError, match="has an account already"):
        link_identity(book, bo.session, identity, at)
    program = bearer(book, make_token(book, bo.session, "x", "annotator", 1, at), at)
    with pytest.raises(PolicyError):
        link_identity(book, program, Identity("https://example.org", "2", "Bo", "", "annotator"), at)


def test_an_account_without_a_password_has_none_to_change_or_reset(book, admin, at):
    session = whose(book, enter(book, Identity("https://example.org", "1", "Ana", "", "annotator"), HERE, at), at)
    with pytest.raises(PolicyError):
        change_password(book, session, "", "four quiet otters swim", at)
    with pytest.raises(PolicyError, match="has no password to reset"):
        offer_reset(book, admin.person, session.person.id, at)


def test_after_removal_the_identity_is_a_stranger(book, admin, at):
    identity = Identity("https://example.org", "some subject", "Ana", "", "annotator")
    session = whose(book, enter(book, identity, HERE, at), at)
    remove(book, admin.person, session.person.id, at)
    again = whose(book, enter(book, identity, HERE, at), at)
    assert again.person.id != session.person.id
    held = b"".join(each.read_bytes() for each in book.memory.rglob("*") if each.is_file())
    for word in (b"some subject", base64.b64encode(b"some subject"), b"https://example.org"):
        assert word not in held


def test_odd_names_from_a_provider_do_no_harm(book, goes, there, at):
    for n, name in enumerate(["\u202eevil", "", "   ", None, 7, "x" * 500, "a\x00b", ["Ana"]]):
        there.person = {"sub": f"odd {n}", "name": name, "email": ["no address", "a b@c", None, 7][n % 4]}
        there.person = {key: value for key, value in there.person.items() if value is not None}
        assert enter(book, goes(), HERE, at)
    assert len(people(book)) == 8
