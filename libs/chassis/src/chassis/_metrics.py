"""Metrics: what Prometheus reads of a service."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    multiprocess,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.values import ValueClass

# OpenTelemetry semantic conventions, `http.server.request.duration`, explicit bucket boundaries.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY"})


class Metrics:
    """The measurements that every service takes.

    Args:
        registry: where they are registered.
        service: value of the label in `service_info`.
        version: value of the label in `service_info`.
    """

    def __init__(self, registry: CollectorRegistry, *, service: str, version: str) -> None:
        disable_created_metrics()
        self.registry = registry
        self._durations = Histogram(
            "http_server_request_duration_seconds",
            "Duration of HTTP requests.",
            ["method", "route", "status"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._active = Gauge(
            "http_server_active_requests",
            "Requests being served.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._dependencies = Histogram(
            "dependency_request_duration_seconds",
            "Duration of calls to stores and other services.",
            ["dependency", "operation", "outcome"],
            buckets=BUCKETS,
            registry=registry,
        )
        info = Gauge(
            "service_info",
            "The service and its version; always 1.",
            ["service", "version"],
            registry=registry,
            multiprocess_mode="livemax",
        )
        info.labels(service, version).set(1)
        self._observe: dict[tuple[str, str, int], Callable[[float], None]] = {}
        self.enter, self.leave = self._active.inc, self._active.dec
        if not is_multiprocess():
            ProcessCollector(registry=registry)
            PlatformCollector(registry=registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request.

        Args:
            method: as received; unknown ones count as `_OTHER`.
            route: the template, or `unmatched`.
            status: of the answer.
            seconds: from the first byte taken to the last one given.
        """
        key = (method, route, status)
        observe = self._observe.get(key)
        if observe is None:
            known = method if method in METHODS else "_OTHER"
            observe = self._durations.labels(known, route, str(status)).observe
            if known is method:
                self._observe[key] = observe
        observe(seconds)

    def dependency(self, dependency: str, operation: str, outcome: str, seconds: float) -> None:
        """Count one call to a dependency."""
        self._dependencies.labels(dependency, operation, outcome).observe(seconds)


def is_multiprocess() -> bool:
    """Whether several worker processes share their figures (`PROMETHEUS_MULTIPROC_DIR`)."""
    return bool(ValueClass.__name__ != "MutexValue")


def expose(registry: CollectorRegistry, accept: str | None) -> tuple[bytes, str]:
    """The figures of all worker processes as text, and its content type.

    Args:
        registry: the service's registry.
        accept: the `Accept` header; OpenMetrics is given when it asks for it.
    """
    encode, content_type = choose_encoder(accept or "")
    if is_multiprocess():
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return encode(registry), content_type
