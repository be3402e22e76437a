"""An OpenTelemetry collector: takes spans by OTLP/HTTP and keeps them."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from chassis.testing import wait_until


@dataclass(frozen=True)
class Received:
    """A span as the collector sees it."""

    span: Span
    resource: dict[str, Any]

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes as Python values."""
        return {item.key: _value(item.value) for item in self.span.attributes}

    @property
    def id(self) -> str:
        """The span's id."""
        return self.span.span_id.hex()

    @property
    def parent(self) -> str:
        """The parent's id."""
        return self.span.parent_span_id.hex()

    @property
    def name(self) -> str:
        """The span's name."""
        return self.span.name


class Collector:
    """Keeps what it is sent.

    Attributes:
        status: of its answers.
        hold: cleared, it takes requests and does not answer.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.requests: list[dict[str, str]] = []
        self.status = 200
        self.hold = threading.Event()
        self.hold.set()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Decode one request and keep its spans."""
        self.requests.append(headers)
        self.hold.wait(30)
        body = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = {item.key: _value(item.value) for item in group.resource.attributes}
            for scope in group.scope_spans:
                self.received += [Received(span, resource) for span in scope.spans]
        return self.status

    def trace(self, trace_id: str, count: int = 1) -> list[Received]:
        """The spans of a trace, once `count` of them are there."""
        wait_until(lambda: len(self._of(trace_id)) >= count)
        return self._of(trace_id)

    def _of(self, trace_id: str) -> list[Received]:
        return [item for item in list(self.received) if item.span.trace_id.hex() == trace_id]


@contextmanager
def collector() -> Iterator[tuple[Collector, str]]:
    """Run a collector in a thread, and give it and its base URL."""
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {"path": self.path, **{name.lower(): value for name, value in self.headers.items()}}
            self.send_response(kept.take(headers, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A client that left is no news."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield kept, f"http://127.0.0.1:{server.server_port}"
        finally:
            kept.hold.set()
            server.shutdown()
            thread.join()


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, kind) if kind else None
