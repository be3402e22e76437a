import asyncio

import pytest

from shout_service.breaker import Breaker, State, Thresholds
from shout_service.errors import BreakerOpen, UpstreamFailed

THRESHOLDS = Thresholds(
    failure_rate=0.5, slow_rate=0.8, slow_call=1, open_seconds=5, window=10, minimum=4, max_age=60
)


@pytest.fixture
def states():
    return []


@pytest.fixture
def breaker(clock, states):
    return Breaker(THRESHOLDS, clock, states.append)


def succeed(breaker, clock, seconds=0.0):
    with breaker.guard():
        clock.now += seconds


def fail(breaker, error=UpstreamFailed):
    with pytest.raises(error), breaker.guard():
        raise error


def open_it(breaker):
    for _ in range(THRESHOLDS.minimum):
        fail(breaker)
    assert breaker.state is State.OPEN


def test_stays_closed_below_the_failure_rate(breaker, clock):
    for _ in range(20):
        succeed(breaker, clock)
        succeed(breaker, clock)
        fail(breaker)
    assert breaker.state is State.CLOSED


def test_a_few_failures_alone_do_not_open_it(breaker):
    for _ in range(THRESHOLDS.minimum - 1):
        fail(breaker)
    assert breaker.state is State.CLOSED


def test_opens_on_the_failure_rate(breaker, clock, states):
    succeed(breaker, clock)
    succeed(breaker, clock)
    fail(breaker)
    fail(breaker)
    assert breaker.state is State.OPEN
    assert states == [State.OPEN]


def test_opens_on_the_slow_call_rate(breaker, clock):
    for seconds in [0.5, 1, 1, 1, 1]:
        assert breaker.state is State.CLOSED
        succeed(breaker, clock, seconds)
    assert breaker.state is State.OPEN


def test_open_it_refuses_and_says_for_how_long(breaker, clock):
    open_it(breaker)
    clock.now += 1.5
    with pytest.raises(BreakerOpen) as caught, breaker.guard():
        pytest.fail("a call came through")
    assert caught.value.headers["Retry-After"] == "4"


def test_good_probe_closes_it(breaker, clock, states):
    open_it(breaker)
    clock.now += 5
    succeed(breaker, clock)
    assert states == [State.OPEN, State.HALF_OPEN, State.CLOSED]
    fail(breaker)
    assert breaker.state is State.CLOSED


def test_failed_probe_opens_it_again(breaker, clock, states):
    open_it(breaker)
    clock.now += 5
    fail(breaker)
    assert states == [State.OPEN, State.HALF_OPEN, State.OPEN]
    clock.now += 4.9
    with pytest.raises(BreakerOpen):
        succeed(breaker, clock)


def test_slow_probe_opens_it_again(breaker, clock):
    open_it(breaker)
    clock.now += 5
    succeed(breaker, clock, seconds=1)
    assert breaker.state is State.OPEN


def test_one_probe_at_a_time(breaker, clock):
    open_it(breaker)
    clock.now += 5
    with breaker.guard():
        assert breaker.state is State.HALF_OPEN
        with pytest.raises(BreakerOpen) as caught:
            succeed(breaker, clock)
        assert caught.value.headers["Retry-After"] == "1"
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("error", [asyncio.CancelledError, KeyError])
def test_probe_without_a_verdict_makes_room_for_the_next(breaker, clock, error):
    open_it(breaker)
    clock.now += 5
    fail(breaker, error)
    assert breaker.state is State.HALF_OPEN
    succeed(breaker, clock)
    assert breaker.state is State.CLOSED


def test_cancelled_calls_say_nothing(breaker):
    for _ in range(20):
        fail(breaker, asyncio.CancelledError)
    assert breaker.state is State.CLOSED


def test_late_success_from_before_it_opened_is_ignored(breaker, clock):
    with breaker.guard():
        open_it(breaker)
        clock.now += 5
    assert breaker.state is State.OPEN


def test_late_end_of_a_call_from_before_does_not_end_the_probe(breaker, clock):
    early = breaker.guard()
    early.__enter__()
    open_it(breaker)
    clock.now += 5
    with breaker.guard():
        early.__exit__(KeyError, KeyError(), None)
        assert breaker.state is State.HALF_OPEN
        with pytest.raises(BreakerOpen):
            succeed(breaker, clock)
