import asyncio
from collections.abc import Sequence

import pytest

from ip_service.batch import Batcher

pytestmark = pytest.mark.anyio


class Line:
    """A connection that takes a batch at a time, when the test lets it."""

    def __init__(self) -> None:
        self.sent: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, items: Sequence[int]) -> list[int]:
        self.sent.append(list(items))
        await self.open.wait()
        return [item * 10 for item in items]


async def test_each_caller_gets_its_own_result():
    batcher = Batcher(Line().send, seconds=5)
    assert await asyncio.gather(*map(batcher.add, range(5))) == [0, 10, 20, 30, 40]


async def test_what_comes_together_goes_together():
    line = Line()
    batcher = Batcher(line.send, seconds=5)
    await asyncio.gather(*map(batcher.add, range(3)))
    await batcher.add(9)
    assert line.sent == [[0, 1, 2], [9]]


async def test_what_comes_while_a_batch_is_under_way_is_the_next_one():
    line = Line()
    batcher = Batcher(line.send, seconds=5)
    line.open.clear()
    first = asyncio.create_task(batcher.add(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(batcher.add(item)) for item in (2, 3)]
    await asyncio.sleep(0)
    line.open.set()
    assert await asyncio.gather(first, *later) == [10, 20, 30]
    assert line.sent == [[1], [2, 3]]


async def test_batches_have_a_largest_size():
    line = Line()
    batcher = Batcher(line.send, seconds=5, size=2)
    assert await asyncio.gather(*map(batcher.add, range(5))) == [0, 10, 20, 30, 40]
    assert line.sent == [[0, 1], [2, 3], [4]]


async def test_deadline_holds_for_those_who_wait_behind_too():
    line = Line()
    batcher = Batcher(line.send, seconds=0.05)
    line.open.clear()
    first = asyncio.create_task(batcher.add(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(batcher.add(2))
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [TimeoutError, TimeoutError]


async def test_caller_that_leaves_does_not_stop_the_others():
    line = Line()
    batcher = Batcher(line.send, seconds=5)
    line.open.clear()
    leaving, staying = (asyncio.create_task(batcher.add(item)) for item in (1, 2))
    await asyncio.sleep(0)
    leaving.cancel()
    line.open.set()
    assert await staying == 20


async def test_error_reaches_everyone_and_the_next_batch_is_sent():
    failures = [ConnectionError("gone")]

    async def send(items: Sequence[int]) -> Sequence[int]:
        if failures:
            raise failures.pop()
        return items

    batcher = Batcher(send, seconds=5)
    outcomes = await asyncio.gather(batcher.add(1), batcher.add(2), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionError, ConnectionError]
    assert await batcher.add(3) == 3
