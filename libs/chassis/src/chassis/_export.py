"""Export of spans: a bounded queue and a thread; requests never wait for the collector."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from opentelemetry import context as otel_context
from opentelemetry.exporter.http.transport._base import BaseHTTPTransport
from opentelemetry.exporter.otlp.common.http import Compression, _OTLPHTTPClient
from opentelemetry.exporter.otlp.proto.http._common import _build_transport, _resolve_headers
from opentelemetry.sdk.environment_variables import (
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE,
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY,
    OTEL_EXPORTER_OTLP_TRACES_HEADERS,
)
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from prometheus_client import CollectorRegistry, Counter

from chassis._otlp import encode_request
from chassis._plain_http import PlainTransport

FLUSH_SECONDS = 3.0


class SpanQueue(SpanProcessor):
    """Batches ended spans for an exporter and counts those that it had to drop.

    The SDK's own processor drops in silence; otherwise this one is the same mechanism
    (OpenTelemetry specification, Trace SDK, "Batching processor").

    Args:
        exporter: takes the batches, in the queue's own thread.
        registry: gets the counter `otel_spans_dropped_total{reason}`.
        max_queue_size: spans that wait at most; more are dropped.
        max_batch_size: spans in one export at most.
        schedule_delay: seconds between exports when the queue is short.
    """

    def __init__(
        self,
        exporter: SpanExporter,
        registry: CollectorRegistry,
        *,
        max_queue_size: int = 2048,
        max_batch_size: int = 512,
        schedule_delay: float = 5.0,
    ) -> None:
        dropped = Counter(
            "otel_spans_dropped", "Spans that were not exported.", ["reason"], registry=registry
        )
        self._queue_full = dropped.labels("queue_full")
        self._export_failed = dropped.labels("export_failed")
        self._exporter = exporter
        self._spans: deque[ReadableSpan] = deque()
        self._max_queue_size = max_queue_size
        self._max_batch_size = max_batch_size
        self._schedule_delay = schedule_delay
        self._wake = threading.Event()
        self._stopping = False
        self._exporting = threading.Lock()
        self._thread: threading.Thread | None = None

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a span; never blocks."""
        waiting = len(self._spans)
        if waiting >= self._max_queue_size or self._stopping:
            self._queue_full.inc()
            return
        self._spans.append(span)
        if self._thread is None:
            self._start()
        if waiting >= self._max_batch_size and not self._wake.is_set():
            self._wake.set()

    def force_flush(self, timeout_millis: int = 3000) -> bool:
        """Export all that is queued now; False when the exporter failed."""
        return self._drain(1)

    def shutdown(self) -> None:
        """Export what is left, for three seconds at most."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(FLUSH_SECONDS)
        self._exporter.shutdown()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="span-exporter", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        otel_context.attach(otel_context.set_value("suppress_instrumentation", True))
        while not self._stopping:
            self._wake.wait(self._schedule_delay)
            self._wake.clear()
            self._drain(self._max_batch_size // 2 if not self._stopping else 1)
        self._drain(1)

    def _drain(self, least: int) -> bool:
        with self._exporting:
            succeeded = True
            first = True
            while len(self._spans) >= least or (first and self._spans):
                first = False
                batch = [self._spans.popleft() for _ in range(min(self._max_batch_size, len(self._spans)))]
                succeeded = self._export(batch) and succeeded
            return succeeded

    def _export(self, batch: Sequence[ReadableSpan]) -> bool:
        try:
            succeeded = self._exporter.export(batch) is SpanExportResult.SUCCESS
        except Exception:  # noqa: BLE001 - an exporter's fault must not end the thread
            succeeded = False
        if not succeeded:
            self._export_failed.inc(len(batch))
        return succeeded


class LightExporter(SpanExporter):
    """The SDK's OTLP/HTTP client (headers, TLS, compression, retries) with the quick encoder.

    `OTLPSpanExporter` is this with the official encoder, which takes 3 MB.

    Args:
        endpoint: URL that spans are posted to.
        timeout: of an export, in seconds.
        compression: of the body: `none`, `gzip` or `deflate`.
    """

    def __init__(self, *, endpoint: str, timeout: float, compression: str) -> None:
        self._client = _OTLPHTTPClient(
            PlainTransport(endpoint) if endpoint.startswith("http://") else _tls_transport(),
            endpoint,
            "spans",
            timeout,
            Compression(compression),
            _resolve_headers(None, OTEL_EXPORTER_OTLP_TRACES_HEADERS),
        )

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send one batch."""
        sent = self._client.export(encode_request(spans))
        return SpanExportResult.SUCCESS if sent.success else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Give up what is being tried again."""
        self._client.shutdown()


def _tls_transport() -> BaseHTTPTransport:
    return _build_transport(
        None,
        None,
        None,
        OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
        OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY,
        OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE,
        session=None,
    )
