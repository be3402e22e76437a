import asyncio

import pytest

from shout_service.errors import TransientFailure, UpstreamFailed
from shout_service.retry import Retrier, RetryBudget

pytestmark = pytest.mark.anyio
NEVER = float("inf")


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


class Calls:
    """Raises each of the errors in turn, then answers."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.at = []

    async def __call__(self):
        self.at.append(asyncio.get_running_loop().time())
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def make_retrier(jitter=1.0, budget=None, on_retry=lambda *_: None):
    return Retrier(budget or RetryBudget(), on_retry, lambda: jitter)


async def test_success_is_not_repeated():
    calls = Calls()
    assert await make_retrier().run(calls, NEVER) == "answer"
    assert calls.at == [0]


async def test_two_retries_at_most_with_growing_delays():
    calls = Calls(*[TransientFailure("no")] * 9)
    with pytest.raises(TransientFailure):
        await make_retrier().run(calls, NEVER)
    assert calls.at == pytest.approx([0, 0.2, 0.6])


async def test_jitter_is_full():
    calls = Calls(*[TransientFailure("no")] * 2)
    assert await make_retrier(jitter=0).run(calls, NEVER) == "answer"
    assert calls.at == [0, 0, 0]


async def test_each_retry_is_told():
    told = []
    calls = Calls(*[TransientFailure("no")] * 2)
    await make_retrier(on_retry=lambda *news: told.append(news)).run(calls, NEVER)
    assert told == [(1, pytest.approx(0.2)), (2, pytest.approx(0.4))]


async def test_retry_after_is_honoured():
    calls = Calls(TransientFailure("no", retry_after=2))
    await make_retrier(jitter=0.5).run(calls, NEVER)
    assert calls.at == pytest.approx([0, 2.1])


async def test_no_retry_past_the_deadline():
    calls = Calls(TransientFailure("no", retry_after=3))
    with pytest.raises(TransientFailure):
        await make_retrier().run(calls, deadline=3)
    assert calls.at == [0]


@pytest.mark.parametrize("error", [UpstreamFailed("nonsense"), ValueError()])
async def test_other_failures_are_final(error):
    calls = Calls(error)
    with pytest.raises(type(error)):
        await make_retrier().run(calls, NEVER)
    assert calls.at == [0]


async def test_spent_budget_ends_retries_until_calls_earn_new_ones():
    retrier = make_retrier(budget=RetryBudget(ratio=0.5, capacity=1))
    calls = Calls(*[TransientFailure("no")] * 2)
    with pytest.raises(TransientFailure):
        await retrier.run(calls, NEVER)
    assert len(calls.at) == 2
    for _ in range(2):
        await retrier.run(Calls(), NEVER)
    assert await retrier.run(Calls(TransientFailure("no")), NEVER) == "answer"


def test_budget_saves_up_to_its_capacity():
    budget = RetryBudget(ratio=1, capacity=2)
    for _ in range(10):
        budget.earn()
    assert [budget.spend() for _ in range(3)] == [True, True, False]
