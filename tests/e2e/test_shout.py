"""shout-service: reversed first, then shouted by the external API."""

import secrets

import pytest

FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


@pytest.fixture(params=["", "localhost", "127.0.0.1.nip.io"], ids=["path", "localhost", "nip.io"])
def shouter(request, new_client):
    """Somebody at the shout-service, by path and by host name."""
    return new_client("shout", request.param)


@pytest.fixture(scope="module")
def shout(new_client):
    return new_client("shout")


def test_hello_world(shouter):
    answer = shouter.post(
        "/v1", content=b'{"data": "hello, world!"}', headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.content) == (200, b'"!DLROW ,OLLEH"')
    assert answer.headers["content-type"] == "application/json"


def test_new_text_is_shouted_upstream_and_then_known(shout):
    word = secrets.token_hex(8)
    answers = [shout.post("/v1", json={"data": word}) for _ in range(12)]
    assert {answer.json() for answer in answers} == {word[::-1].upper()}
    sources = [answer.headers["shout-source"] for answer in answers]
    assert sources[0] == "upstream"
    assert set(sources[1:]) - {"upstream"} == {"cache"}  # each replica has to learn it


@pytest.mark.parametrize(
    ("text", "shouted"),
    [
        ("", ""),
        ("straße", "EßARTS"),
        ("ﬁn ᾳ", "ᾼ Nﬁ"),
        (f"a{FAMILY}b", f"B{FAMILY}A"),
        ("e\N{COMBINING ACUTE ACCENT}a", "AE\N{COMBINING ACUTE ACCENT}"),
        ("\N{REGIONAL INDICATOR SYMBOL LETTER D}\N{REGIONAL INDICATOR SYMBOL LETTER E}x", "X🇩🇪"),
        ("<script>&'\"\\\n\x00", "\x00\n\\\"'&>TPIRCS<"),
    ],
)
def test_text_is_reversed_by_what_a_reader_sees(shout, text, shouted):
    answer = shout.post("/v1", json={"data": text})
    assert (answer.status_code, answer.json()) == (200, shouted)


def test_text_in_text_out(shout):
    answer = shout.post(
        "/v1", content="grüße".encode(), headers={"Content-Type": "text/plain; charset=utf-8"}
    )
    assert (answer.text, answer.headers["content-type"]) == ("EßÜRG", "text/plain; charset=utf-8")


def test_string_alone_is_a_body(shout):
    assert shout.post("/v1", json="hello").json() == "OLLEH"


@pytest.mark.parametrize(
    ("status", "media_type", "body"),
    [
        (400, "application/json", b'{"data": '),
        (400, "application/json", b""),
        (413, "application/json", b'{"data": "%s"}' % (b"a" * 65_537)),
        (415, "application/xml", b"<data/>"),
        (415, "text/plain; charset=latin-1", b"a"),
        (422, "application/json", b"{}"),
        (422, "application/json", b'{"data": 1}'),
        (422, "application/json", b'{"data": ["a"]}'),
        (422, "application/json", b'{"data": null}'),
    ],
)
def test_bad_text_is_refused(shout, status, media_type, body):
    answer = shout.post("/v1", content=body, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_get_is_405(shout):
    answer = shout.get("/v1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
