"""Calls to stores and other services: one CLIENT span and one measurement each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextvars import Token
from types import TracebackType

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.util.types import AttributeValue

from chassis._chassis import Chassis


class Call:
    """A call to a dependency, used as a context manager around it.

    Args:
        chassis: of the service.
        dependency: name of what is called, such as `redis`.
        operation: what is asked of it; from a small fixed set, since it is a metric label.
        attributes: of the span.
        current: make the span the current one within the block, for calls that pass it on.

    Attributes:
        outcome: `ok`, the class of the error that left the block, or what the block says.
        span: the CLIENT span.
    """

    __slots__ = ("_chassis", "_current", "_dependency", "_operation", "_started", "_token", "outcome", "span")

    def __init__(
        self,
        chassis: Chassis,
        dependency: str,
        operation: str,
        attributes: Mapping[str, AttributeValue],
        *,
        current: bool = False,
    ) -> None:
        self._chassis, self._dependency, self._operation = chassis, dependency, operation
        self.outcome = "ok"
        self._current = current
        self._token: Token[Context] | None = None
        parent = trace.get_current_span().get_span_context()
        name = f"{operation} {dependency}" if operation else dependency
        self.span = chassis.tracing.start(
            name, SpanKind.CLIENT, parent if parent.is_valid else None, dict(attributes)
        )

    def __enter__(self) -> Call:
        self._started = time.perf_counter()
        if self._current:
            self._token = otel_context.attach(trace.set_span_in_context(self.span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self.fail(type(error).__name__)
        self._chassis.metrics.dependency(
            self._dependency, self._operation, self.outcome, time.perf_counter() - self._started
        )
        if self._token is not None:
            otel_context.detach(self._token)
        self.span.end()

    def fail(self, outcome: str) -> None:
        """Mark the call as failed.

        Args:
            outcome: class of the error, or a status code; from a small set.
        """
        self.outcome = outcome
        self.span.set_attribute("error.type", outcome)
        self.span.set_status(StatusCode.ERROR)
