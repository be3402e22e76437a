import asyncio

import pytest

from chassis import ContentTooLarge
from chassis.asgi._body import BoundedReceive, RequestTimeout


@pytest.fixture
def anyio_backend():
    return "asyncio"


def receiver(*messages):
    """A server that sends these, then falls silent."""
    left = list(messages)

    async def receive():
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


def part(content, *, more=True):
    return {"type": "http.request", "body": content, "more_body": more}


@pytest.mark.anyio
async def test_body_that_stops_coming_is_408():
    receive = BoundedReceive(receiver(part(b"{")), limit=10, seconds=0.05)
    assert (await receive())["body"] == b"{"
    with pytest.raises(RequestTimeout):
        await receive()


@pytest.mark.anyio
async def test_time_is_for_the_whole_body():
    async def drip():
        await asyncio.sleep(0)
        return part(b"")

    async def read(receive):
        while True:
            await receive()

    with pytest.raises(RequestTimeout):
        await read(BoundedReceive(drip, limit=10, seconds=0.1))


@pytest.mark.anyio
async def test_body_past_its_limit_is_refused():
    receive = BoundedReceive(receiver(part(b"12345"), part(b"67890"), part(b"1")), limit=10, seconds=5)
    await receive()
    await receive()
    with pytest.raises(ContentTooLarge):
        await receive()


@pytest.mark.anyio
async def test_disconnect_after_the_body_has_all_the_time():
    silence = receiver(part(b"1", more=False))
    receive = BoundedReceive(silence, limit=10, seconds=0.01)
    await receive()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(receive(), 0.1)
