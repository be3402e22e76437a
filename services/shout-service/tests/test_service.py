import asyncio
from collections import Counter

import pytest
from prometheus_client import CollectorRegistry

from shout_service.errors import BreakerOpen, BulkheadFull, DeadlineExceeded, TransientFailure, UpstreamFailed
from shout_service.metrics import Metrics
from shout_service.service import Shouter
from shout_service.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


class FakeUpstream:
    """Answers after some seconds, or raises."""

    def __init__(self):
        self.calls = 0
        self.seconds = 0.0
        self.error = None

    async def shout(self, text):
        self.calls += 1
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return text.upper()


@pytest.fixture
def upstream():
    return FakeUpstream()


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def make(upstream, registry):
    """Make a shouter with some settings changed."""
    return lambda **changes: Shouter(Settings(serve_port=0, **changes), upstream, Metrics(registry), now)


def now():
    return asyncio.get_running_loop().time()


async def test_slow_answer_gives_way_to_the_fallback_at_the_deadline(make, upstream):
    upstream.seconds = 60
    answer = await make().shout("straße")
    assert (answer, now()) == (("STRAßE", "fallback"), pytest.approx(3 * 0.95))


async def test_without_fallback_the_deadline_is_an_error(make, upstream):
    upstream.seconds = 60
    with pytest.raises(DeadlineExceeded):
        await make(shout_fallback=False, shout_deadline=2).shout("x")
    assert now() == pytest.approx(2 * 0.95)


async def test_retries_stay_within_the_deadline(make, upstream):
    upstream.error = TransientFailure("busy", retry_after=2)
    await make().shout("x")
    assert upstream.calls == 2
    assert now() <= 3


async def test_one_caller_may_have_less_time_than_the_call(make, upstream):
    upstream.seconds = 1
    shouter = make()
    assert (await shouter.shout("x", deadline=0.5)).source == "fallback"
    assert now() == 0.5
    assert (await shouter.shout("x")).source == "upstream"
    assert upstream.calls == 1


async def test_no_call_begins_after_the_deadline(make, upstream):
    assert (await make().shout("x", deadline=-1)).source == "fallback"
    assert upstream.calls == 0


async def test_answer_that_comes_too_late_for_its_caller_is_known_later(make, upstream):
    upstream.seconds = 1
    shouter = make()
    await shouter.shout("x", deadline=0.5)
    await asyncio.sleep(1)
    assert (await shouter.shout("x")).source == "cache"


async def test_hundred_equal_texts_are_one_call_from_upstream(make, upstream, registry):
    upstream.seconds = 1
    shouter = make()
    answers = await asyncio.gather(*(shouter.shout("x") for _ in range(100)))
    assert set(answers) == {("X", "upstream")}
    assert upstream.calls == 1
    assert registry.get_sample_value("shout_cache_lookups_total", {"result": "joined"}) == 99
    assert (await shouter.shout("x")).source == "cache"


async def test_first_caller_leaving_does_not_fail_the_others(make, upstream):
    upstream.seconds = 1
    shouter = make()
    first = asyncio.create_task(shouter.shout("x"))
    await asyncio.sleep(0.1)
    others = [asyncio.create_task(shouter.shout("x")) for _ in range(3)]
    await asyncio.sleep(0.1)
    first.cancel()
    assert await asyncio.gather(*others) == [("X", "upstream")] * 3
    assert upstream.calls == 1


async def test_failures_are_not_kept(make, upstream):
    upstream.error = UpstreamFailed("nonsense")
    shouter = make()
    assert (await shouter.shout("x")).source == "fallback"
    upstream.error = None
    assert (await shouter.shout("x")).source == "upstream"


async def test_more_calls_than_slots_wait_and_then_fall_back(make, upstream, registry):
    upstream.seconds = 0.8
    shouter = make(shout_concurrency=2, shout_queue_seconds=0.5)
    answers = await asyncio.gather(*(shouter.shout(str(n)) for n in range(5)))
    assert Counter(answer.source for answer in answers) == {"upstream": 2, "fallback": 3}
    assert registry.get_sample_value("shout_fallbacks_total", {"reason": "bulkhead_full"}) == 3


async def test_without_fallback_a_full_bulkhead_is_an_error(make, upstream):
    upstream.seconds = 2
    shouter = make(shout_concurrency=1, shout_fallback=False)
    first = asyncio.create_task(shouter.shout("a"))
    await asyncio.sleep(0)
    with pytest.raises(BulkheadFull):
        await shouter.shout("b")
    assert (await first).source == "upstream"


async def test_dead_upstream_is_left_alone_then_tried_again(make, upstream, registry):
    upstream.error = TransientFailure("no")
    shouter = make(shout_breaker_seconds=5)
    for number in range(50):
        assert (await shouter.shout(str(number))).source == "fallback"
    calls = upstream.calls
    assert calls <= 30
    assert registry.get_sample_value("shout_breaker_state") == 2
    assert registry.get_sample_value("shout_fallbacks_total", {"reason": "breaker_open"}) == 40
    upstream.error = None
    await asyncio.sleep(5)
    assert (await shouter.shout("probe")).source == "upstream"
    assert (await shouter.shout("next")).source == "upstream"
    assert upstream.calls == calls + 2
    assert registry.get_sample_value("shout_breaker_state") == 0
    assert registry.get_sample_value("shout_breaker_openings_total") == 1


async def test_crawling_upstream_is_left_alone(make, upstream, registry):
    upstream.seconds = 1.5
    shouter = make()
    for number in range(10):
        assert (await shouter.shout(str(number))).source == "upstream"
    assert registry.get_sample_value("shout_breaker_state") == 2
    started = now()
    assert (await shouter.shout("x")).source == "fallback"
    assert now() == started


async def test_hanging_upstream_is_left_alone(make, upstream, registry):
    upstream.seconds = 60
    shouter = make()
    await asyncio.gather(*(shouter.shout(str(n)) for n in range(10)))
    assert now() == pytest.approx(3 * 0.95)
    assert registry.get_sample_value("shout_breaker_state") == 2


async def test_without_fallback_an_open_breaker_says_when_to_come_back(make, upstream):
    upstream.error = UpstreamFailed("nonsense")
    shouter = make(shout_fallback=False)
    for number in range(10):
        with pytest.raises(UpstreamFailed):
            await shouter.shout(str(number))
    with pytest.raises(BreakerOpen) as caught:
        await shouter.shout("x")
    assert (caught.value.status, caught.value.headers) == (503, {"Retry-After": "5"})


async def test_known_texts_are_answered_whatever_happens(make, upstream):
    shouter = make()
    await shouter.shout("x")
    upstream.error = UpstreamFailed("nonsense")
    for number in range(20):
        await shouter.shout(str(number))
    assert await shouter.shout("x") == ("X", "cache")


async def test_closing_ends_calls_under_way(make, upstream):
    upstream.seconds = 60
    shouter = make()
    caller = asyncio.create_task(shouter.shout("x"))
    await asyncio.sleep(0.1)
    await shouter.aclose()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert now() == pytest.approx(0.1)
