"""What the service counts, besides what the chassis counts for all."""

from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from shout_service.breaker import State

BREAKER_STATES: Final = ", ".join(f"{state.value} {state.label}" for state in State)


class Metrics:
    """The service's own metrics.

    Arguments:
        registry: the chassis' registry.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        lookups = counter(
            "shout_cache_lookups", "Texts looked up: known, unknown, or asked already.", ["result"]
        )
        self.count_hit = lookups.labels("hit").inc
        self.count_miss = lookups.labels("miss").inc
        self.count_joined = lookups.labels("joined").inc
        self.count_retry = counter("shout_retries", "Calls of SHOUTCLOUD that were repeated.").inc
        self.set_cache_bytes = gauge(
            "shout_cache_bytes", "Memory that the cache takes.", multiprocess_mode="livesum"
        ).set
        self.set_calls = gauge(
            "shout_calls_active", "Slots of the bulkhead in use.", multiprocess_mode="livesum"
        ).set
        self._fallbacks = counter("shout_fallbacks", "Texts shouted locally.", ["reason"])
        self._openings = counter("shout_breaker_openings", "Times the breaker opened.")
        self._breaker = gauge(
            "shout_breaker_state", f"Breaker: {BREAKER_STATES}.", multiprocess_mode="livemax"
        )

    def count_fallback(self, reason: str) -> None:
        """Count a text that was shouted locally."""
        self._fallbacks.labels(reason).inc()

    def set_breaker(self, state: State) -> None:
        """Note a new state of the breaker."""
        self._breaker.set(state.value)
        if state is State.OPEN:
            self._openings.inc()
