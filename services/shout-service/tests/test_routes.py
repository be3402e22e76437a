# ruff: noqa: RUF001 - letters of other scripts are the data
import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shout_service.reversal import reverse
from shout_service.uppercase import shout

pytestmark = pytest.mark.anyio
LIMIT = 64 * 1024
JSON, TEXT = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}
NAUGHTY = [
    "ß ﬁ ᾳ ŉ ı İ ǆ",
    "Ωμέγα ς σ",
    "Привет, мир",
    "שָׁלוֹם עולם",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "สวัสดีชาวโลก",
    "你好，世界 𠜎",
    "안녕하세요 각",
    "ꭰꮃꭹ ა 𐐨 ⓐ",
    "👩‍👩‍👧‍👦 👋🏽 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇩🇪🇫🇷🇪",
    "e\u0301\u0323 Z͑ͫ̓ͪ̂ͫ̽a̴̙̤̞͉l̡̗͎g̀o",
    "\x00\x01\x7f\x1b[31m",
    "\u202egnirts\u202c \u200b \ufeff \u2028",
    "\ufffe\uffff\U0010ffff",
    "\r\n\n\r",
    "<script>alert('x')</script> & \"\\",
    "{{7*7}} ${jndi:ldap://x} '; DROP TABLE x; --",
    "x" * LIMIT,
    "漢" * (LIMIT // 3),
    "👋" * (LIMIT // 4),
    "\U0001f1e9" * (LIMIT // 4),
    "e" + "\u0301" * 30_000,
    "\x00" * LIMIT,
]


async def post(client, data, **params):
    return await client.post("/v1", json={"data": data}, params=params)


async def test_reverses_then_shouts(client):
    response = await client.post("/v1", content=b'{"data": "hello, world!"}', headers=JSON)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.content == b'"!DLROW ,OLLEH"'


async def test_empty_text_is_an_empty_text(client):
    assert (await post(client, "")).content == b'""'


async def test_reversal_comes_first(client):
    """Shouted first, the iota below its letter would be a character of its own, and change places."""
    assert (await post(client, "α\u0345b")).json() == "BΑΙ"


async def test_source_is_upstream_then_cache(client, emulator):
    assert (await post(client, "abc")).headers["shout-source"] == "upstream"
    second = await post(client, "abc")
    assert (second.headers["shout-source"], second.json()) == ("cache", "CBA")
    assert emulator.calls == 1


async def test_clusters_stay_whole_unless_code_points_are_asked_for(client):
    assert (await post(client, "e\u0301🇩🇪")).json() == "🇩🇪E\u0301"
    assert (await post(client, "e\u0301🇩🇪", unit="codepoint")).json() == "🇪🇩\u0301E"
    assert (await post(client, "e\u0301", unit="grapheme")).json() == "E\u0301"


async def test_unknown_unit_is_422(client):
    response = await post(client, "x", unit="byte")
    assert response.status_code == 422
    assert "grapheme or codepoint" in response.json()["errors"][0]["detail"]


async def test_json_string_is_a_text(client):
    response = await client.post("/v1", content=b'"hello"', headers=JSON)
    assert (response.headers["content-type"], response.content) == ("application/json", b'"OLLEH"')


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"', ";charset=US-ASCII"])
async def test_plain_text_in_is_plain_text_out(client, charset):
    response = await client.post("/v1", content=b"hello", headers={"Content-Type": f"text/plain{charset}"})
    assert (response.headers["content-type"], response.content) == ("text/plain; charset=utf-8", b"OLLEH")


async def test_empty_plain_text_is_an_empty_text(client):
    response = await client.post("/v1", content=b"", headers=TEXT)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    ("sent", "accept", "answered"),
    [
        (JSON, "text/plain", "text/plain; charset=utf-8"),
        (TEXT, "application/json", "application/json"),
        (TEXT, "application/json;q=0.5, text/*", "text/plain; charset=utf-8"),
        (JSON, "*/*", "application/json"),
        (TEXT, "*/*", "text/plain; charset=utf-8"),
        (JSON, "image/png", "application/json"),
        (TEXT, "image/png", "text/plain; charset=utf-8"),
        (TEXT, "nonsense", "text/plain; charset=utf-8"),
    ],
)
async def test_accept_overrides_the_type(client, sent, accept, answered):
    response = await client.post("/v1", content=b'"x"', headers={**sent, "Accept": accept})
    assert response.headers["content-type"] == answered
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    "body", [b"{}", b'{"data": 1}', b'{"data": null}', b'{"data": ["x"]}', b"1", b"[]", b"null"]
)
async def test_json_without_a_text_is_422(client, body):
    response = await client.post("/v1", content=body, headers=JSON)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"data": NaN}',
        b'{"data": "a", "data": "b"}',
        b'{"data": "\xff"}',
        b'{"data": "\\ud800"}',
        b'"\\udc00\\ud800"',
        b'\xef\xbb\xbf"x"',
        b'{"data": "\x00"}',
        b"[" * 10_000,
        b" ",
    ],
)
async def test_malformed_json_is_400(client, body):
    assert (await client.post("/v1", content=body, headers=JSON)).status_code == 400


async def test_text_that_is_not_utf_8_is_400(client):
    assert (await client.post("/v1", content=b"caf\xe9", headers=TEXT)).status_code == 400


@pytest.mark.parametrize(
    "content_type",
    ["application/xml", "text/html", "text/plain; charset=latin-1", "application/x-www-form-urlencoded"],
)
async def test_other_media_types_are_415(client, content_type):
    response = await client.post("/v1", content=b"x", headers={"Content-Type": content_type})
    assert response.status_code == 415
    assert response.headers["accept-post"] == "application/json, text/plain"


async def test_body_without_a_type_is_415(client):
    assert (await client.post("/v1", content=b"x")).status_code == 415


async def test_lines_of_accept_are_one_list(client):
    headers = [("Content-Type", "application/json"), ("Accept", "image/png"), ("Accept", "text/plain")]
    response = await client.post("/v1", content=b'"x"', headers=headers)
    assert response.content == b"X"


async def test_body_in_pieces_is_one_text(client):
    async def pieces():
        for piece in [b'{"da', b"", b'ta": ', b'"abc"}']:
            yield piece

    assert (await client.post("/v1", content=pieces(), headers=JSON)).json() == "CBA"


async def test_no_body_is_400(client):
    assert (await client.post("/v1")).status_code == 400


@pytest.mark.parametrize("text", ["x" * (LIMIT + 1), "é" * (LIMIT // 2 + 1), "👋" * (LIMIT // 4 + 1)])
async def test_text_over_64_kibibytes_of_utf_8_is_413(client, text):
    assert (await post(client, text)).status_code == 413
    assert (await client.post("/v1", content=text.encode(), headers=TEXT)).status_code == 413


async def test_body_beyond_any_escaping_is_413(client):
    body = b'{"data": "x"' + b" " * 7 * LIMIT + b"}"
    assert (await client.post("/v1", content=body, headers=JSON)).status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_other_methods_are_405(client, method):
    response = await client.request(method, "/v1")
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("text", NAUGHTY, ids=ascii)
async def test_naughty_texts_come_back_right(client, text):
    response = await post(client, text)
    assert (response.status_code, response.headers["shout-source"]) == (200, "upstream")
    assert response.json() == shout(reverse(text))


@pytest.mark.parametrize("text", NAUGHTY[:18], ids=ascii)
async def test_naughty_texts_come_back_right_as_plain_text(client, text):
    response = await client.post("/v1", content=text.encode(), headers=TEXT)
    assert response.content == shout(reverse(text)).encode()


async def test_escapes_of_any_length_are_one_character(client):
    body = json.dumps({"data": "\x00" * LIMIT}).encode()
    assert len(body) > 6 * LIMIT
    assert (await client.post("/v1", content=body, headers=JSON)).status_code == 200


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200), content_type=st.sampled_from(["application/json", "text/plain", "x/y", ""])
)
async def test_no_body_is_a_server_error(client, body, content_type):
    response = await client.post("/v1", content=body, headers={"Content-Type": content_type})
    assert response.status_code < 500


async def test_browser_gets_its_problem_as_a_page(client):
    response = await client.post("/v1", content=b"{", headers={**JSON, "Accept": "text/html"})
    assert (response.status_code, response.headers["content-type"]) == (400, "text/html; charset=utf-8")


async def test_trailing_slash_and_prefix_lead_to_the_same_route(start):
    async with start(root_path="/shout") as client:
        for path in ("/shout/v1", "/shout/v1/", "/v1"):
            response = await client.post(path, json={"data": "x"})
            assert (response.status_code, response.json()) == (200, "X")
