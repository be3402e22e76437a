import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http import create_transport
from shout_service.errors import TransientFailure, UpstreamFailed
from shout_service.shoutcloud import Shoutcloud, parse_retry_after
from shout_service.uppercase import shout

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def http(app):
    async with create_transport(app.chassis, "shoutcloud") as http:
        yield http


@pytest.fixture
def shoutcloud(http, emulator):
    return Shoutcloud(http, f"{emulator.url}/V1/SHOUT")


@asynccontextmanager
async def raw_server(reply):
    """A server that answers each connection with some bytes, then ends it."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        with suppress(ConnectionError):  # the client need not wait for all of it
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize(
    "text", ["hello", "", "ß ᾳ", "\x00", 'a "quoted" \\ text', "👋" * 16_384, "<&>\u2028"]
)
async def test_texts_come_back_in_capitals(shoutcloud, text):
    assert await shoutcloud.shout(text) == shout(text)


@pytest.mark.parametrize(
    "kind", ["redirect", "garbage", "wrong_type", "wrong_input", "wrong_output", "missing_output", "oversize"]
)
@pytest.mark.parametrize("text", ["", "x", "x" * 60_000], ids=len)
async def test_wrong_answers_are_failures(shoutcloud, emulator, kind, text):
    emulator.set_fault(kind=kind)
    with pytest.raises(UpstreamFailed) as caught:
        await shoutcloud.shout(text)
    assert not isinstance(caught.value, TransientFailure)
    assert emulator.calls == 1


@pytest.mark.parametrize("status", [201, 204, 301, 400, 401, 404, 405, 500, 501])
async def test_other_statuses_are_failures(shoutcloud, emulator, status):
    emulator.set_fault(kind="status", status=status)
    with pytest.raises(UpstreamFailed) as caught:
        await shoutcloud.shout("x")
    assert not isinstance(caught.value, TransientFailure)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_some_statuses_may_be_retried(shoutcloud, emulator, status):
    emulator.set_fault(kind="status", status=status, retry_after="7")
    with pytest.raises(TransientFailure) as caught:
        await shoutcloud.shout("x")
    assert caught.value.retry_after == 7


async def test_reset_connection_may_be_retried(shoutcloud, emulator):
    emulator.set_fault(kind="reset")
    with pytest.raises(TransientFailure):
        await shoutcloud.shout("x")
    emulator.clear()
    assert await shoutcloud.shout("x") == "X"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://shoutcloud.invalid/"])
async def test_nobody_there_may_be_retried(http, url):
    with pytest.raises(TransientFailure):
        await Shoutcloud(http, url).shout("x")


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 999999 NO\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"\x00\xff\x16\x03",
    ],
    ids=range(8),
)
async def test_broken_http_is_a_failure(http, reply):
    async with raw_server(reply) as url:
        with pytest.raises(UpstreamFailed):
            await Shoutcloud(http, url).shout("x")


async def test_endless_reply_is_not_read_to_its_end(http):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    async with raw_server(head + b" " * 10**7) as url:
        with pytest.raises(UpstreamFailed, match="more than"):
            await Shoutcloud(http, url).shout("x")


async def test_compressed_reply_is_a_failure(http):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    async with raw_server(
        head + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n" + b"\x1f\x8b\x08\x00"
    ) as url:
        with pytest.raises(UpstreamFailed, match="broken JSON"):
            await Shoutcloud(http, url).shout("x")


async def test_reply_in_escapes_is_understood(http):
    """A JSON writer may escape what it likes, so the reply may be longer than twice the input."""
    text = "\u0250" * 1000
    escapes = "\\u0250" * 1000, "\\u2c6f" * 1000
    body = f'{{"INPUT":"{escapes[0]}","OUTPUT":"{escapes[1]}"}}'.encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: APPLICATION/JSON; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
    async with raw_server(head % len(body) + body) as url:
        assert await Shoutcloud(http, url).shout(text) == "\u2c6f" * 1000


async def test_request_is_what_the_api_asks_for(http):
    request = []
    async with await asyncio.start_server(lambda r, w: _note(request, r, w), "127.0.0.1", 0) as server:
        url = httpx.URL("http://me:pw@127.0.0.1/V1/SHOUT", port=server.sockets[0].getsockname()[1])
        with pytest.raises(UpstreamFailed):
            await Shoutcloud(http, str(url)).shout("é")
    head, _, body = request[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert b"content-type: application/json" in lines  # exactly, without a parameter
    assert b"authorization: basic bwu6chc=" in lines
    assert head.startswith(b"POST /V1/SHOUT HTTP/1.1")
    assert body.decode() == '{"INPUT":"é"}'


async def _note(requests, reader, writer):
    requests.append(await reader.readuntil(b"}"))
    writer.close()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("0", 0),
        ("120", 120),
        ("-1", 0),
        ("1.5", 0),
        ("soon", 0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0),
        ("Thu, 01 Jan 0001 00:00:00 +2359", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert parse_retry_after(value, NOW) == seconds


@given(st.text())
def test_retry_after_never_fails(value):
    assert parse_retry_after(value, NOW) >= 0
