import asyncio

import pytest

from shout_service.bulkhead import Bulkhead
from shout_service.errors import BulkheadFull

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


async def hold(bulkhead, seconds):
    async with bulkhead.slot():
        await asyncio.sleep(seconds)
        return asyncio.get_running_loop().time()


async def test_no_more_than_its_slots_at_once():
    seen = []
    bulkhead = Bulkhead(2, max_wait=60, on_change=seen.append)
    await asyncio.gather(*(hold(bulkhead, 1) for _ in range(6)))
    assert max(seen) == 2
    assert seen[-1] == 0


async def test_next_one_waits_for_a_slot():
    bulkhead = Bulkhead(1, max_wait=5)
    assert await asyncio.gather(hold(bulkhead, 1), hold(bulkhead, 1)) == [1, 2]


async def test_waiting_has_an_end():
    bulkhead = Bulkhead(1, max_wait=0.5)
    first = asyncio.create_task(hold(bulkhead, 2))
    await asyncio.sleep(0)
    with pytest.raises(BulkheadFull) as caught:
        await hold(bulkhead, 1)
    assert asyncio.get_running_loop().time() == 0.5
    assert caught.value.headers["Retry-After"] == "1"
    await first


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
async def test_slot_comes_free_whatever_happens(error):
    bulkhead = Bulkhead(1, max_wait=0)
    with pytest.raises(error):
        async with bulkhead.slot():
            raise error
    assert await hold(bulkhead, 1) == 1


async def test_one_that_leaves_the_queue_takes_no_slot():
    bulkhead = Bulkhead(1, max_wait=60)
    first = asyncio.create_task(hold(bulkhead, 1))
    await asyncio.sleep(0)
    second = asyncio.create_task(hold(bulkhead, 1))
    await asyncio.sleep(0.5)
    second.cancel()
    assert await asyncio.gather(first, hold(bulkhead, 1)) == [1, 2]
