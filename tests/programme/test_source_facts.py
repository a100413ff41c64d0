"""What may be said of a source and what each kind owes: hostile spellings refused, missing facts named."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.programme.sources import KINDS, Source, SourceInput, duties, missing

JUDGE = Source("judge", "endpoint", accepts="pseudonymous", region="EU", url="https://judge.example/v1")


# What may be said


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", " a", "a ", "a/b", "../etc/passwd", "a\\b", "..", "a..b", "-a", "😀", "a😀", "x" * 10_000, "a\nb"),
        *(
            "a\x00",
            "a\x1b[31m",
            "a\u202eb",
            "a\u200bb",
            "ＡＢ",
            "e\u0301",
            "a;b",
            "<b>",
            "[red]",
            "a|b",
            "$(x)",
            None,
            3,
        ),
    ],
)
def test_a_name_that_could_mislead_is_refused(name):
    with pytest.raises(InputError, match="name"):
        Source(name, "public")


@pytest.mark.parametrize("name", ["archive-2026", "bimetal.org", "คลินิก", "Универ 2", "vendor (EU)", "a@b:1+2"])
def test_names_of_any_script_are_taken(name):
    assert Source(name, "public").name == name


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"kind": "vendr"}, "did you mean 'vendor'"),
        ({"kind": "VENDOR"}, "did you mean 'vendor'"),
        ({"kind": ""}, "says no kind"),
        ({"basis": "legitimate"}, "did you mean 'legitimate interest'"),
        ({"personal_data": "None"}, "did you mean 'none'"),
        ({"accepts": "everything"}, "the accepts is 'everything'; expected one of"),
        ({"collected": "2025"}, "period of collection is '2025'"),
        ({"collected": "2025-02-30"}, "period of collection"),
        ({"collected": "2025-06-30/2025-01-01"}, "ends before it begins"),
        ({"collected": "2025-06-30/"}, "period of collection"),
        ({"collected": 2025}, "period of collection"),
        ({"region": "Europe"}, "region is 'Europe'"),
        ({"region": ""}, "region is ''"),
        ({"region": "EU,local"}, "region is 'EU,local'"),
        ({"region": 3}, "region is '3'"),
        ({"licence": " "}, "licence is blank"),
        ({"origin": 3}, "origin is 3; write it as text"),
        ({"origin": "x" * 10_000}, "10,000 characters long"),
        ({"origin": "a\tb"}, "control character"),
        ({"origin": "a\u202eb"}, "control character"),
        ({"origin": "https://ana:secret@data.example/x"}, "user name or password"),
        ({"contract": "abc"}, "contract is 'abc'"),
        ({"contract": "A" * 64}, "contract is"),
        ({"inputs": 3}, "the inputs are 3"),
        ({"inputs": ["seeds=a:MIT"]}, "did you mean 'seed-rows'"),
        ({"inputs": ["prompts"]}, "ROLE=NAME:LICENCE"),
        ({"inputs": ["prompts=:MIT"]}, "ROLE=NAME:LICENCE"),
        ({"inputs": [{"role": "prompts"}]}, "a role, a name and a licence"),
        ({"inputs": [{"role": "prompts", "name": 3}]}, "name of an input is 3"),
        ({"inputs": [f"prompts={'x' * 1000}:MIT"] * 60}, "bytes"),
        ({"colour": "red"}, "the fact of a source is 'colour'"),
        ({"url": "https://x.example"}, "leave it out, or say --kind endpoint"),
        ({"accepts": "none"}, "leave it out, or say --kind endpoint"),
        ({"name": "bimetal:digits"}, "belongs to a generator of one's own"),
        ({"name": "Bimetal:digits"}, "belongs to a generator of one's own"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(facts, words):
    with pytest.raises(InputError, match=words) as refusal:
        Source.from_json({"name": "rows", "kind": "public", **facts})
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://ana:pw@x.example",
            "https://ana@x.example",
            "https://x.example/v1?api_key=1",
            "https://x.example?Token=",
        ),
        *(
            "ftp://x.example",
            "x.example",
            "https://",
            "https://[::1",
            "https://x.example:a",
            "https://x.example/#key=1",
        ),
        *("https://x.example/a b", "javascript:alert(1)", "file:///etc/passwd", "https://x.example/\n"),
    ],
)
def test_an_address_with_a_secret_or_no_http_address_is_refused(url):
    with pytest.raises(InputError):
        replace(JUDGE, url=url)


@pytest.mark.parametrize("url", ["https://api.vendor.example/v1", "http://8.8.8.8/v1", "https://local.evil.example"])
def test_an_endpoint_elsewhere_cannot_call_itself_local(url):
    with pytest.raises(InputError, match="is said to be local"):
        replace(JUDGE, region="local", url=url)
    assert replace(JUDGE, region="local", url="http://127.0.0.1:8080/v1").region == "local"


text = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Cf"]), max_size=40)


@given(
    kind=st.sampled_from([each for each in KINDS if each != "endpoint"]),
    origin=text,
    claims=text,
    inputs=st.lists(st.builds(SourceInput, st.sampled_from(["prompts", "seed-rows"]), st.just("a:b"), st.just("MIT"))),
)
def test_a_source_survives_its_json(kind, origin, claims, inputs):
    try:
        said = Source("rows", kind, origin=origin, claims=claims, inputs=tuple(inputs))
    except InputError:
        return
    assert Source.from_json(said.json()) == said


# What is owed


def owed(source, verdict="fail"):
    return {each.check.removeprefix("source-") for each in missing(source) if each.verdict == verdict}


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_that_says_nothing_owes_what_its_kind_owes(kind):
    own = {
        "vendor": {"contract", "inputs"},
        "generator": {"inputs"},
        "endpoint": {"url", "region", "accepts"},
    }
    same = {"origin", "licence"} | ({"purpose", "personal-data", "basis"} if kind != "endpoint" else set())
    assert owed(Source("a", kind)) == same | own.get(kind, set())
    assert all(each.remedy.startswith("bimetal source add a --") for each in missing(Source("a", kind)))


def test_every_remedy_names_an_option_that_exists():
    from inspect import signature

    from bimetal.cli.source import add as command

    options = {f"--{name.replace('_', '-')}" for name in signature(command).parameters} | {"--input"}
    for kind in KINDS:
        for each in missing(Source("a", kind)):
            assert {word.rstrip(",") for word in each.remedy.split() if word.startswith("--")} <= options


FULL = {
    "origin": "somewhere",
    "collector": "we",
    "collected": "2025-01-01",
    "purpose": "care",
    "basis": "consent",
    "personal_data": "personal",
    "geography": "Laos",
    "region": "EU",
    "licence": "MIT",
    "contract": "a" * 64,
    "claims": "good",
}
INPUTS = {"people": ["annotators=us:MIT"], "vendor": ["training-data=web:MIT"], "generator": ["generator-model=m:MIT"]}


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_that_says_everything_owes_nothing(kind):
    asked = {"accepts": "personal", "url": "https://x.example"} if kind == "endpoint" else {}
    full = Source.from_json({"name": "a", "kind": kind, **FULL, **asked, "inputs": INPUTS.get(kind, [])})
    assert missing(full) == ()
    assert {each.verdict for each in duties(full)} == {"pass"}


@pytest.mark.parametrize(
    ("facts", "fact"),
    [
        ({"basis": "not personal"}, "basis"),
        ({"personal_data": "special", "basis": "legitimate interest"}, "basis"),
        ({"personal_data": "special", "basis": "contract"}, "basis"),
        ({"personal_data": "unknown"}, "personal-data"),
        ({"purpose": ""}, "purpose"),
    ],
)
def test_a_basis_that_does_not_carry_the_data_fails(facts, fact):
    assert owed(Source.from_json({"name": "a", "kind": "production", **FULL, **facts})) == {fact}


def test_kinds_owe_what_only_they_can():
    none = {**FULL, "name": "a", "personal_data": "none", "basis": "unknown"}
    labelled = Source.from_json({**none, "kind": "vendor", "inputs": ["annotators=crowd:contract"]})
    unknown = Source.from_json({**none, "kind": "public", "inputs": ["prompts=ours"]})
    assert owed(unknown) == {"input-licences"}
    assert owed(labelled) == set()
    drawn = Source.from_json({**none, "kind": "vendor", "inputs": ["annotators=c:MIT", "generator-model=m:MIT"]})
    assert owed(drawn) == {"inputs"}
    assert owed(Source.from_json({**none, "kind": "generator", "origin": "Simulator of roads"})) == set()
    assert owed(Source.from_json({**none, "kind": "people", "contract": ""}), "warn") == {"contract"}
    sent = {**none, "kind": "endpoint", "url": "https://x.example", "contract": ""}
    assert owed(Source.from_json({**sent, "accepts": "none"})) == set()
    assert owed(Source.from_json({**sent, "accepts": "pseudonymous"})) == {"contract"}
