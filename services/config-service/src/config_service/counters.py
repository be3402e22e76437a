"""The request counters that dashboards of the first config service read, under today's naming rule."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

_SOURCE = "http_server_request_duration_seconds_count"
_NOT_CONFIG = frozenset({"unmatched", "/docs", "/openapi.json"})


class RequestCounters(Collector):
    """Reads them off the chassis' own histogram, when they are asked for.

    Args:
        registry: of the chassis.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._source = registry.restricted_registry([_SOURCE])

    def describe(self) -> Iterator[Metric]:
        """Name the counters, without reading anything."""
        yield from _families()

    def collect(self) -> Iterator[Metric]:
        """Add up the requests by method and code, and by endpoint where it is one of the API."""
        every, config = _families()
        total: Counter[tuple[str, str]] = Counter()
        for sample in (sample for metric in self._source.collect() for sample in metric.samples):
            route, method, code = (
                sample.labels["route"],
                sample.labels["method"].lower(),
                sample.labels["status"],
            )
            total[method, code] += int(sample.value)
            if route not in _NOT_CONFIG:
                config.add_metric([route, method, code], sample.value)
        for labels, count in total.items():
            every.add_metric(labels, count)
        yield from (every, config)


def _families() -> tuple[CounterMetricFamily, CounterMetricFamily]:
    every = CounterMetricFamily("http_requests", "Requests by method and code.", labels=["method", "code"])
    config = CounterMetricFamily(
        "http_requests_config",
        "Requests to the endpoints of the API by template, method and code.",
        labels=["endpoint", "method", "code"],
    )
    return every, config
