"""Tracing: who continues which trace, what is sampled, where spans go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from random import getrandbits
from urllib.parse import unquote

from opentelemetry import trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from prometheus_client import CollectorRegistry

from chassis._export import LightExporter, SpanQueue
from chassis._settings import ServiceSettings
from chassis._span import LightSpan

_W3C = TraceContextTextMapPropagator()
_JAEGER = JaegerPropagator()
_BAGGAGE = W3CBaggagePropagator()
_OUTGOING = CompositePropagator([_W3C, _BAGGAGE])
_SAMPLED, _UNSAMPLED = TraceFlags(TraceFlags.SAMPLED), TraceFlags(TraceFlags.DEFAULT)


class Tracing:
    """Makes the spans of one service.

    Args:
        settings: the `OTEL_*` part of them is read here.
        service: name of the service, unless `OTEL_SERVICE_NAME` gives another.
        version: version of the service.
        registry: gets the counter of dropped spans.
        exporter: instead of the one that the settings ask for; for tests.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        service: str,
        version: str,
        registry: CollectorRegistry,
        exporter: SpanExporter | None = None,
    ) -> None:
        name = settings.otel_service_name or service
        self.resource = Resource.create({"service.name": name, "service.version": version})
        self._sampled = sampler(settings.otel_traces_sampler, settings.otel_traces_sampler_arg)
        self.processor = _Processors()
        chosen = exporter or _exporter(settings)
        if chosen is not None:
            self.processor.add(
                SpanQueue(
                    chosen,
                    registry,
                    max_queue_size=settings.otel_bsp_max_queue_size,
                    max_batch_size=settings.otel_bsp_max_export_batch_size,
                    schedule_delay=settings.otel_bsp_schedule_delay / 1000,
                )
            )

    def start(
        self, name: str, kind: SpanKind, parent: SpanContext | None, attributes: dict[str, AttributeValue]
    ) -> Span:
        """Start a span below `parent`, or the first of a trace; not yet current.

        Args:
            name: span name.
            kind: SERVER or CLIENT.
            parent: valid context of the parent, or None.
            attributes: taken over when the span records.
        """
        trace_id = parent.trace_id if parent is not None else getrandbits(128) or 1
        sampled = self._sampled(parent, trace_id)
        state = parent.trace_state if parent is not None else None
        flags = _SAMPLED if sampled else _UNSAMPLED
        context = SpanContext(trace_id, getrandbits(64) or 1, False, flags, state)
        if not sampled or not self.processor.active:
            return NonRecordingSpan(context)
        return LightSpan(name, context, parent, kind, attributes, self.resource, self.processor)

    def shutdown(self) -> None:
        """Export what is left."""
        self.processor.shutdown()


class _Processors(SpanProcessor):
    """Hands ended spans to those that want them; without one, spans need not record."""

    def __init__(self) -> None:
        self._all: tuple[SpanProcessor, ...] = ()
        self.active = False

    def add(self, processor: SpanProcessor) -> None:
        self._all = (*self._all, processor)
        self.active = True

    def on_end(self, span: ReadableSpan) -> None:
        for processor in self._all:
            processor.on_end(span)

    def shutdown(self) -> None:
        for processor in self._all:
            processor.shutdown()


def extract(headers: Mapping[str, str]) -> Context:
    """The context that a caller sent along.

    `traceparent` (W3C Trace Context) wins over `uber-trace-id` (Jaeger); `baggage` is added.

    Args:
        headers: names in lower case.
    """
    context = Context()
    if "traceparent" in headers:
        context = _W3C.extract(headers, context)
    if "uber-trace-id" in headers and not trace.get_current_span(context).get_span_context().is_valid:
        context = _JAEGER.extract({"uber-trace-id": unquote(headers["uber-trace-id"])}, context)
    if "baggage" in headers:
        context = _BAGGAGE.extract(headers, context)
    return context


def inject(headers: MutableMapping[str, str]) -> None:
    """Add the current context to the headers of an outgoing request."""
    _OUTGOING.inject(headers)
    span = trace.get_current_span().get_span_context()
    if span.is_valid:  # JaegerPropagator would set the debug flag too, which overrides samplers
        headers["uber-trace-id"] = f"{span.trace_id:032x}:{span.span_id:016x}:0:{span.trace_flags & 1}"


def sampler(name: str, argument: float | None) -> Callable[[SpanContext | None, int], bool]:
    """The decision of a standard sampler (OpenTelemetry specification, Trace SDK, "Built-in samplers").

    The SDK's own objects build a context and a result for each decision; this is the same
    arithmetic without them.

    Args:
        name: value of `OTEL_TRACES_SAMPLER`.
        argument: value of `OTEL_TRACES_SAMPLER_ARG`, a ratio between 0 and 1, default 1.

    Returns:
        Function of the parent's context and the trace id.
    """
    ratio = {"always_on": 1.0, "always_off": 0.0}.get(name.removeprefix("parentbased_"))
    bound = TraceIdRatioBased.get_bound_for_rate(
        (1.0 if argument is None else argument) if ratio is None else ratio
    )
    mask = TraceIdRatioBased.TRACE_ID_LIMIT
    if not name.startswith("parentbased_"):
        return lambda _, trace_id: trace_id & mask < bound
    return lambda parent, trace_id: trace_id & mask < bound if parent is None else parent.trace_flags.sampled


def _exporter(settings: ServiceSettings) -> SpanExporter | None:
    if settings.otel_sdk_disabled or settings.otel_traces_exporter == "none":
        return None
    if settings.otel_traces_exporter == "console":
        return ConsoleSpanExporter(formatter=lambda span: f"{span.to_json(indent=None)}\n")
    endpoint = settings.otlp_traces_url
    if not endpoint:
        return None
    timeout = settings.otel_exporter_otlp_traces_timeout or settings.otel_exporter_otlp_timeout
    compression = settings.otel_exporter_otlp_traces_compression or settings.otel_exporter_otlp_compression
    return LightExporter(endpoint=endpoint, timeout=timeout / 1000, compression=compression)
