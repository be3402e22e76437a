import asyncio

import pytest

from chassis.asgi._writes import JOINED_BYTES, JoinedWrites, Turn

pytestmark = pytest.mark.anyio


class Wire(asyncio.Transport):
    """Remembers what is sent over it."""

    def __init__(self):
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.packets, self.closed = [], False

    def write(self, data):
        assert not self.closed
        self.packets.append(bytes(data))

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def turn():
    return Turn()


@pytest.fixture
async def writes(wire, turn):
    return JoinedWrites(wire, asyncio.get_running_loop(), turn)


async def test_head_and_body_are_one_packet(wire, writes):
    writes.write(b"head")
    assert wire.packets == []
    writes.write(b"body")
    assert wire.packets == [b"headbody"]


async def test_later_answers_leave_when_all_requests_of_the_turn_are_served(wire, turn):
    sent_before = []

    async def serve(body):
        writes = JoinedWrites(wire, asyncio.get_running_loop(), turn)
        writes.write(b"head")
        writes.write(body)
        sent_before.append(len(wire.packets))

    for _ in range(2):
        await asyncio.gather(serve(b"1"), serve(b"2"), serve(b"3"))
        await asyncio.sleep(0)
    assert sent_before == [1, 1, 1, 4, 4, 4]
    assert wire.packets == [b"head1", b"head2", b"head3"] * 2


async def test_a_head_alone_waits_for_the_end_of_the_turn_only(wire, writes):
    writes.write(b"head")
    assert wire.packets == []
    await asyncio.sleep(0)
    writes.write(b"late")
    await asyncio.sleep(0)
    assert wire.packets == [b"head", b"late"]


async def test_a_large_body_is_not_copied(wire, writes):
    body = b"x" * (JOINED_BYTES + 1)
    writes.write(b"head")
    writes.write(body)
    assert wire.packets == [b"head", body]


async def test_what_is_held_is_bounded(wire, writes, turn):
    turn.take(asyncio.get_running_loop())
    chunk = b"x" * (JOINED_BYTES // 2)
    for _ in range(3):
        writes.write(chunk)
    assert wire.packets == [chunk * 2, chunk]
    await asyncio.sleep(0)
    assert wire.packets == [chunk * 2, chunk]


async def test_what_is_held_is_sent_before_the_end(wire, writes):
    writes.write(b"head")
    writes.close()
    assert (wire.packets, writes.is_closing()) == ([b"head"], True)
    await asyncio.sleep(0)
    assert wire.packets == [b"head"]


async def test_nothing_is_sent_to_a_client_that_left(wire, writes):
    writes.write(b"head")
    wire.close()
    await asyncio.sleep(0)
    assert wire.packets == []


async def test_nothing_is_sent_for_nothing(wire, writes):
    writes.write(b"head")
    writes.write(b"")
    writes.write(b"")
    await asyncio.sleep(0)
    assert wire.packets == [b"head"]


async def test_the_buffer_of_the_caller_may_change(wire, writes):
    buffer = bytearray(b"head")
    writes.write(buffer)
    buffer[:] = b"xxxx"
    await asyncio.sleep(0)
    assert wire.packets == [b"head"]


async def test_the_connection_shows_through(writes):
    assert writes.get_extra_info("peername") == ("127.0.0.1", 1)
