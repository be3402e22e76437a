"""Retries with full jitter, a budget and a deadline."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

from shout_service.errors import TransientFailure

RETRIES: Final = 2
BASE_DELAY: Final = 0.1


class RetryBudget:
    """A share of the calls may be retried, so that retries cannot multiply an overload.

    With the defaults, a hundred calls or more are at most 1.2 times as many attempts.

    Arguments:
        ratio: retries that each call earns.
        capacity: retries that can be saved up.
        start: retries that are there at the start, so that the first calls after it may wake a sleeping API.
    """

    def __init__(self, ratio: float = 0.18, capacity: float = 10, start: float = 2) -> None:
        self._ratio = ratio
        self._capacity = capacity
        self._balance = start

    def earn(self) -> None:
        """Count one call."""
        self._balance = min(self._capacity, self._balance + self._ratio)

    def spend(self) -> bool:
        """Take one retry, if there is one left."""
        if self._balance < 1:
            return False
        self._balance -= 1
        return True


class Retrier:
    """Makes a call up to three times.

    Arguments:
        budget: of retries.
        on_retry: told the number of each retry and the seconds before it.
        jitter: a share, 0 to 1, of the longest delay.
    """

    def __init__(
        self,
        budget: RetryBudget,
        on_retry: Callable[[int, float], None] = lambda _number, _delay: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._budget = budget
        self._on_retry = on_retry
        self._jitter = jitter

    async def run(self, call: Callable[[], Awaitable[str]], deadline: float) -> str:
        """Make the call, again after each `TransientFailure` while there is time and budget.

        Arguments:
            call: makes the call.
            deadline: in the event loop's time; no retry starts after it.
        """
        self._budget.earn()
        for retry in range(1, RETRIES + 1):
            try:
                return await call()
            except TransientFailure as exc:
                delay = exc.retry_after + self._jitter() * BASE_DELAY * 2**retry
                if asyncio.get_running_loop().time() + delay >= deadline or not self._budget.spend():
                    raise
            self._on_retry(retry, delay)
            await asyncio.sleep(delay)
        return await call()
