import asyncio

import pytest

from shout_service.flight import SingleFlight

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


class Calls:
    """Counts its calls; each takes a second and answers or fails."""

    def __init__(self, error=None):
        self.made = 0
        self.error = error

    async def __call__(self):
        self.made += 1
        await asyncio.sleep(1)
        if self.error:
            raise self.error
        return f"answer {self.made}"


async def test_a_hundred_equal_calls_are_one():
    flights, calls = SingleFlight(), Calls()
    answers = await asyncio.gather(*(flights.run("x", calls, 3) for _ in range(100)))
    assert (calls.made, set(answers)) == (1, {"answer 1"})


async def test_other_keys_are_other_calls():
    flights, calls = SingleFlight(), Calls()
    await asyncio.gather(*(flights.run(key, calls, 3) for key in "abc"))
    assert calls.made == 3


async def test_a_call_after_the_end_is_a_new_one():
    flights, calls = SingleFlight(), Calls()
    assert [await flights.run("x", calls, 3) for _ in range(2)] == ["answer 1", "answer 2"]
    assert "x" not in flights


async def test_a_failure_reaches_all_who_joined():
    flights, calls = SingleFlight(), Calls(ValueError("no"))
    results = await asyncio.gather(*(flights.run("x", calls, 3) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError] * 3
    assert calls.made == 1


async def test_first_caller_leaving_does_not_fail_the_others():
    flights, calls = SingleFlight(), Calls()
    first = asyncio.create_task(flights.run("x", calls, 3))
    await asyncio.sleep(0.1)
    others = [asyncio.create_task(flights.run("x", calls, 3)) for _ in range(3)]
    await asyncio.sleep(0.1)
    first.cancel()
    assert await asyncio.gather(*others) == ["answer 1"] * 3
    assert first.cancelled()
    assert calls.made == 1


async def test_a_caller_waits_no_longer_than_its_time():
    flights, calls = SingleFlight(), Calls()
    with pytest.raises(TimeoutError):
        await flights.run("x", calls, 0.5)
    assert await flights.run("x", calls, 3) == "answer 1"


async def test_a_failure_that_nobody_waits_for_is_quiet():
    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    flights, calls = SingleFlight(), Calls(ValueError("no"))
    with pytest.raises(TimeoutError):
        await flights.run("x", calls, 0.5)
    await asyncio.sleep(1)
    assert "x" not in flights
    assert problems == []


async def test_closing_ends_the_calls():
    flights, calls = SingleFlight(), Calls()
    caller = asyncio.create_task(flights.run("x", calls, 3))
    await asyncio.sleep(0.1)
    await flights.aclose()
    assert "x" not in flights
    with pytest.raises(asyncio.CancelledError):
        await caller
