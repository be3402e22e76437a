"""One request, seen once: id, trace, metrics and access log in a single pass."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextvars import Token
from functools import lru_cache

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.util.types import AttributeValue

from chassis._chassis import Chassis
from chassis._context import request_id_var
from chassis._logging import get_logger, timestamp, write_json
from chassis._metrics import METHODS
from chassis._request_id import request_id
from chassis._span import LightSpan
from chassis._tracing import extract

UNMATCHED = "unmatched"
_PORT = re.compile(r":([0-9]{1,5})$")
CLIENT_CLOSED_REQUEST = 499  # nginx's code for a client that left before the answer

_NO_PARENT = Context()
_CONSOLE_FIELDS = (
    *("method", "route", "path", "status", "duration_ms"),
    *("client_ip", "user_agent", "bytes", "subject"),
)
_PROPAGATED = ("traceparent", "uber-trace-id", "baggage")


class Exchange:
    """A request being served; adapters fill in the answer and call `finish`.

    Args:
        chassis: of the service.
        method: as received.
        path: as received, without the query.
        scheme: `http` or `https`, as the client sees it.
        client: address of the client.
        headers: those in `HEADERS`, names in lower case.

    Attributes:
        status: of the answer; 499 until there is one.
        subject: whom the caller's token speaks for; None when nobody asked.
        route: template of the route, once known.
        size: bytes of the answer's body so far.
    """

    HEADERS = frozenset({"x-request-id", "user-agent", "host", "tracestate", *_PROPAGATED})

    __slots__ = (
        "_chassis",
        "_context_token",
        "_id_token",
        "_started",
        "_wall",
        "client",
        "headers",
        "method",
        "path",
        "request_id",
        "route",
        "scheme",
        "size",
        "span",
        "status",
        "subject",
        "trace_id",
    )

    def __init__(
        self,
        chassis: Chassis,
        *,
        method: str,
        path: str,
        scheme: str,
        client: str,
        headers: Mapping[str, str],
    ) -> None:
        self._started = time.perf_counter()
        self._wall = time.time()
        self._chassis = chassis
        self.method, self.path, self.scheme, self.client, self.headers = method, path, scheme, client, headers
        self.status, self.route, self.size = CLIENT_CLOSED_REQUEST, UNMATCHED, 0
        self.subject: str | None = None
        self.request_id = request_id(headers.get("x-request-id"))
        self._id_token: Token[str | None] = request_id_var.set(self.request_id)
        incoming, parent = _NO_PARENT, None
        if not headers.keys().isdisjoint(_PROPAGATED):
            incoming = extract(headers)
            parent = trace.get_current_span(incoming).get_span_context()
            parent = parent if parent.is_valid else None
        self.span: Span = chassis.tracing.start(method, SpanKind.SERVER, parent, {})
        self.trace_id = f"{self.span.get_span_context().trace_id:032x}"
        self._context_token = otel_context.attach(trace.set_span_in_context(self.span, incoming))
        chassis.metrics.enter()

    @property
    def is_last(self) -> bool:
        """Whether its connection ends with this answer: clients are to leave while the service drains."""
        return bool(self._chassis.health.flag)

    def identify(self, subject: str) -> None:
        """Note whom the caller's token speaks for, in the access line and on the span."""
        self.subject = subject
        self.span.set_attribute("enduser.id", subject)

    def fail(self, error: BaseException) -> None:
        """Note an error that the service did not expect: the log gets its traceback."""
        self.span.record_exception(error)
        get_logger("chassis").error("unhandled_error", exc_info=error, method=self.method, path=self.path)

    def finish(self) -> None:
        """Measure, log and end; once, after the last byte."""
        seconds = time.perf_counter() - self._started
        metrics = self._chassis.metrics
        metrics.leave()
        metrics.request(self.method, self.route, self.status, seconds)
        if isinstance(self.span, LightSpan):
            self._end_span(self.span)
        otel_context.detach(self._context_token)
        self._log(seconds)
        request_id_var.reset(self._id_token)

    def _end_span(self, span: LightSpan) -> None:
        method = self.method if self.method in METHODS else "_OTHER"
        attributes: dict[str, AttributeValue] = {
            "http.request.method": method,
            "url.scheme": self.scheme,
            "url.path": self.path,
            "client.address": self.client,
            "http.response.status_code": self.status,
        }
        if method == "_OTHER":
            attributes["http.request.method_original"] = self.method
        if host := self.headers.get("host"):
            attributes["server.address"], port = _address(host)
            attributes["server.port"] = port or (443 if self.scheme == "https" else 80)
        if agent := self.headers.get("user-agent"):
            attributes["user_agent.original"] = agent
        name = "HTTP" if method == "_OTHER" else method
        if self.route != UNMATCHED:
            attributes["http.route"] = self.route
            name = f"{name} {self.route}"
        if self.status >= 500:
            attributes["error.type"] = str(self.status)
            span.set_status(StatusCode.ERROR)
        span.update_name(name)
        span.set_attributes(attributes)
        span.end()

    def _log(self, seconds: float) -> None:
        chassis = self._chassis
        if chassis.settings.log_level not in ("debug", "info"):
            return
        line: dict[str, object] = {
            "timestamp": timestamp(self._wall),
            "level": "info",
            "logger": "access",
            "event": "request",
            "service": chassis.name,
            "version": chassis.version,
            "request_id": self.request_id,
            "trace_id": self.trace_id,
            "span_id": f"{self.span.get_span_context().span_id:016x}",
            "method": self.method,
            "route": self.route,
            "path": self.path,
            "status": self.status,
            "duration_ms": round(seconds * 1000, 3),
            "client_ip": self.client,
            "user_agent": self.headers.get("user-agent"),
            "bytes": self.size,
        }
        if self.subject is not None:
            line["subject"] = self.subject
        if chassis.settings.log_format == "json":
            write_json(line)
        else:
            shown = {name: line[name] for name in _CONSOLE_FIELDS if name in line}
            get_logger("access").info("request", **shown)


@lru_cache(maxsize=256)
def _address(host: str) -> tuple[str, int | None]:
    """Name and port of a `Host` header."""
    found = _PORT.search(host)
    return (host[: found.start()], int(found[1])) if found else (host, None)
