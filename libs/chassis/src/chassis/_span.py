"""A span that costs little: the OpenTelemetry API, filled once, read by any SDK exporter."""

from __future__ import annotations

from collections.abc import Mapping
from time import time_ns
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.util.types import Attributes, AttributeValue

SCOPE = InstrumentationScope("chassis")
_UNSET = Status(StatusCode.UNSET)
_NO_EVENTS: tuple[Event, ...] = ()
_NO_LINKS: tuple[Link, ...] = ()


class LightSpan(trace.Span, ReadableSpan):
    """A recording span without the SDK's per-attribute checks and locks.

    One request is served by one task or thread at a time, so a plain dict does. Ended, it is
    handed to the processor as the `ReadableSpan` that exporters take.

    Args:
        name: span name, may be changed until the end.
        context: its own identity.
        parent: identity of its parent, None for the first span of a trace.
        kind: SERVER or CLIENT.
        attributes: taken over, not copied.
        resource: what made the span.
        processor: told when the span ends.
    """

    _context: SpanContext
    _attributes: dict[str, AttributeValue]

    def __init__(
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: dict[str, AttributeValue],
        resource: Resource,
        processor: SpanProcessor,
    ) -> None:
        self._name = name
        self._context = context
        self._parent = parent
        self._kind = kind
        self._attributes = attributes
        self._resource = resource
        self._processor = processor
        self._events = _NO_EVENTS
        self._links = _NO_LINKS
        self._status = _UNSET
        self._instrumentation_scope = SCOPE
        self._instrumentation_info = None
        self._start_time = time_ns()
        self._end_time = None

    def get_span_context(self) -> SpanContext:
        """The span's identity."""
        return self._context

    def is_recording(self) -> bool:
        """True until the end."""
        return self._end_time is None

    def set_attribute(self, key: str, value: AttributeValue) -> None:
        """Set one attribute; an ended span stays as it is."""
        if self._end_time is None:
            self._attributes[key] = value

    def set_attributes(self, attributes: Mapping[str, AttributeValue]) -> None:
        """Set several attributes; an ended span stays as it is."""
        if self._end_time is None:
            self._attributes.update(attributes)

    def update_name(self, name: str) -> None:
        """Rename the span."""
        self._name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Set the status."""
        self._status = status if isinstance(status, Status) else Status(status, description)

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        """Add an event at a time in ns, default now."""
        self._events = (*self._events, Event(name, attributes, timestamp or time_ns()))

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        """Link another span."""
        self._links = (*self._links, Link(context, attributes))

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        """Note an exception by its class; messages may hold secrets and stay in the log."""
        self.add_event(
            "exception", {"exception.type": type(exception).__qualname__, **(attributes or {})}, timestamp
        )

    def end(self, end_time: int | None = None) -> None:
        """End the span once, at a time in ns, default now."""
        if self._end_time is None:
            self._end_time = end_time or time_ns()
            self._processor.on_end(self)

    def __enter__(self) -> LightSpan:
        return self

    def __exit__(self, kind: Any, exception: BaseException | None, traceback: Any) -> None:
        if exception is not None:
            self.set_status(StatusCode.ERROR, type(exception).__qualname__)
        self.end()
