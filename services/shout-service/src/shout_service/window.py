"""A sliding window over the last calls."""

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple


class Outcome(NamedTuple):
    """How one call went."""

    at: float
    failed: bool
    slow: bool


class Window:
    """The last calls, and the shares of them that failed or were slow.

    Arguments:
        size: calls at most.
        max_age: seconds after which a call no longer counts.
        minimum: calls below which a share says nothing, and is 0.
        clock: seconds, ever rising.
    """

    def __init__(
        self, size: int, max_age: float, minimum: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._outcomes: deque[Outcome] = deque(maxlen=size)
        self._max_age = max_age
        self._minimum = minimum
        self._clock = clock

    def add(self, *, failed: bool, slow: bool) -> None:
        """Count one call."""
        now = self._clock()
        while self._outcomes and self._outcomes[0].at <= now - self._max_age:
            self._outcomes.popleft()
        self._outcomes.append(Outcome(now, failed, slow))

    def clear(self) -> None:
        """Forget all calls."""
        self._outcomes.clear()

    @property
    def failure_rate(self) -> float:
        """Share of the calls that failed, 0 to 1."""
        return self._share([outcome.failed for outcome in self._outcomes])

    @property
    def slow_rate(self) -> float:
        """Share of the calls that were slow, 0 to 1."""
        return self._share([outcome.slow for outcome in self._outcomes])

    def _share(self, marks: list[bool]) -> float:
        return sum(marks) / len(marks) if len(marks) >= self._minimum else 0
