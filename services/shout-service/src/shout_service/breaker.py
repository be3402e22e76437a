"""A circuit breaker: a dependency that fails or crawls is left alone for a while."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from shout_service.errors import BreakerOpen, NoAnswer
from shout_service.window import Window


class State(Enum):
    """Calls pass, one probe passes, or none; the value is the metric's."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2

    @property
    def label(self) -> str:
        """The state as a word."""
        return self.name.lower()


@dataclass(frozen=True)
class Thresholds:
    """When the breaker opens, and for how long.

    Attributes:
        failure_rate: share of failed calls, 0 to 1.
        slow_rate: share of slow calls, 0 to 1.
        slow_call: seconds from which on a call is slow.
        open_seconds: seconds until a probe.
        window: calls that are looked at, at most.
        minimum: calls that are looked at, at least.
        max_age: seconds that a call is looked at.
    """

    failure_rate: float = 0.5
    slow_rate: float = 0.8
    slow_call: float = 1.0
    open_seconds: float = 5.0
    window: int = 20
    minimum: int = 10
    max_age: float = 60.0


class Breaker:
    """Lets calls through, or not.

    Arguments:
        thresholds: when it opens.
        clock: seconds, ever rising.
        on_change: told each new state.
    """

    def __init__(
        self,
        thresholds: Thresholds,
        clock: Callable[[], float] = time.monotonic,
        on_change: Callable[[State], None] = lambda _: None,
    ) -> None:
        self.state = State.CLOSED
        self._thresholds = thresholds
        self._clock = clock
        self._on_change = on_change
        self._window = Window(thresholds.window, thresholds.max_age, thresholds.minimum, clock)
        self._era = 0
        self._probe_at = 0.0
        self._is_probing = False

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one call through and learn from it.

        A `NoAnswer` that leaves the block is a failure; any other exception says nothing.

        Raises:
            BreakerOpen: the call is not to be made.
        """
        era, started = self._admit(), self._clock()
        try:
            yield
        except NoAnswer:
            self._learn(era, failed=True, seconds=self._clock() - started)
            raise
        except BaseException:
            self._forget(era)
            raise
        self._learn(era, failed=False, seconds=self._clock() - started)

    def _admit(self) -> int:
        """Return the era of the call: what began in an earlier one is not news any more."""
        if self.state is State.OPEN and self._clock() >= self._probe_at:
            self._enter(State.HALF_OPEN)
        if self.state is State.OPEN or self._is_probing:
            raise self._refusal()
        self._is_probing = self.state is State.HALF_OPEN
        return self._era

    def _refusal(self) -> BreakerOpen:
        seconds = max(1, math.ceil(self._probe_at - self._clock()))
        detail = f"The shouting API is not well; try again in {seconds} s."
        return BreakerOpen(detail, headers={"Retry-After": str(seconds)})

    def _learn(self, era: int, *, failed: bool, seconds: float) -> None:
        if era != self._era:
            return
        slow = seconds >= self._thresholds.slow_call
        if self.state is State.HALF_OPEN:
            self._enter(State.OPEN if failed or slow else State.CLOSED)
            return
        self._window.add(failed=failed, slow=slow)
        if self._is_tripped():
            self._enter(State.OPEN)

    def _forget(self, era: int) -> None:
        if era == self._era:
            self._is_probing = False

    def _is_tripped(self) -> bool:
        window, limits = self._window, self._thresholds
        return window.failure_rate >= limits.failure_rate or window.slow_rate >= limits.slow_rate

    def _enter(self, state: State) -> None:
        self.state = state
        self._era += 1
        self._is_probing = False
        self._window.clear()
        if state is State.OPEN:
            self._probe_at = self._clock() + self._thresholds.open_seconds
        self._on_change(state)
