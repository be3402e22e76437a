"""Shouting: cache, single flight, bulkhead, breaker, retries and fallback, in this order."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple, Protocol

from opentelemetry import trace

from chassis import get_logger
from shout_service.breaker import Breaker, State, Thresholds
from shout_service.bulkhead import Bulkhead
from shout_service.cache import Cache
from shout_service.errors import DeadlineExceeded, NoAnswer
from shout_service.flight import SingleFlight
from shout_service.metrics import Metrics
from shout_service.retry import Retrier, RetryBudget
from shout_service.settings import Settings
from shout_service.uppercase import shout

log = get_logger("shout")
ANSWER_SHARE = 0.05  # of the deadline, for the answer to reach its caller in time
Source = Literal["upstream", "cache", "fallback"]


class Shout(NamedTuple):
    """A shouted text, and where its capitals came from."""

    text: str
    source: Source


class Upstream(Protocol):
    """Who does the shouting."""

    async def shout(self, text: str) -> str:
        """Uppercase a text; one attempt."""


class Shouter:
    """Shouts, whatever becomes of SHOUTCLOUD.

    Arguments:
        settings: deadline, sizes and limits.
        upstream: SHOUTCLOUD.
        metrics: what is counted.
        clock: seconds, ever rising.
    """

    def __init__(
        self,
        settings: Settings,
        upstream: Upstream,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._upstream = upstream
        self._metrics = metrics
        self._seconds = settings.shout_deadline * (1 - ANSWER_SHARE)
        self._has_fallback = settings.shout_fallback
        self._cache = Cache(settings.shout_cache_bytes, settings.shout_cache_ttl, clock)
        self._flights = SingleFlight[str]()
        self._bulkhead = Bulkhead(
            settings.shout_concurrency, settings.shout_queue_seconds, on_change=metrics.set_calls
        )
        thresholds = Thresholds(
            slow_call=settings.shout_slow_call, open_seconds=settings.shout_breaker_seconds
        )
        self._breaker = Breaker(thresholds, clock, on_change=self._note_breaker)
        self._retrier = Retrier(RetryBudget(), on_retry=self._note_retry)

    def new_deadline(self) -> float:
        """Return the time, by the event loop's clock, by which a request of now must have its answer."""
        return asyncio.get_running_loop().time() + self._seconds

    async def shout(self, text: str, deadline: float | None = None) -> Shout:
        """Shout a text.

        Arguments:
            text: any text.
            deadline: by the event loop's clock; None for the usual one.

        Raises:
            NoAnswer: SHOUTCLOUD did not answer, and the fallback is off.
        """
        answer = self._cache.get(text)
        if answer is not None:
            self._metrics.count_hit()
            trace.get_current_span().set_attribute("shout.source", "cache")
            return Shout(answer, "cache")
        try:
            until = self.new_deadline() if deadline is None else deadline
            shouted = Shout(await self._ask(text, until), "upstream")
        except NoAnswer as exc:
            shouted = self._fall_back(text, exc)
        span = trace.get_current_span()
        span.set_attributes({"shout.source": shouted.source, "shout.breaker": self._breaker.state.label})
        return shouted

    async def aclose(self) -> None:
        """End the calls under way."""
        await self._flights.aclose()

    async def _ask(self, text: str, deadline: float) -> str:
        count = self._metrics.count_joined if text in self._flights else self._metrics.count_miss
        count()
        seconds = deadline - asyncio.get_running_loop().time()
        if seconds <= 0:
            raise DeadlineExceeded("There was no time left to shout this text.")
        try:
            return await self._flights.run(text, partial(self._call, text), seconds)
        except TimeoutError as exc:
            raise DeadlineExceeded("The shouting API did not answer in time.") from exc

    async def _call(self, text: str) -> str:
        deadline = self.new_deadline()
        async with self._bulkhead.slot():
            with self._breaker.guard():
                answer = await self._try(text, deadline)
        self._cache.put(text, answer)
        self._metrics.set_cache_bytes(self._cache.size)
        return answer

    async def _try(self, text: str, deadline: float) -> str:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._retrier.run(partial(self._upstream.shout, text), deadline)
        except TimeoutError as exc:
            raise DeadlineExceeded("The shouting API did not answer in time.") from exc

    def _fall_back(self, text: str, reason: NoAnswer) -> Shout:
        trace.get_current_span().set_attribute("shout.unanswered", reason.reason)
        if not self._has_fallback:
            raise reason
        self._metrics.count_fallback(reason.reason)
        return Shout(shout(text), "fallback")

    def _note_breaker(self, state: State) -> None:
        self._metrics.set_breaker(state)
        log.warning("breaker_changed", state=state.label)
        _recording_span().add_event("shout.breaker", {"state": state.label})

    def _note_retry(self, number: int, delay: float) -> None:
        self._metrics.count_retry()
        span = _recording_span()
        span.set_attribute("shout.retries", number)
        span.add_event("shout.retry", {"delay": delay})


def _recording_span() -> trace.Span:
    """Return the span of the request that started the call, unless it has ended before the call."""
    span = trace.get_current_span()
    return span if span.is_recording() else trace.INVALID_SPAN
