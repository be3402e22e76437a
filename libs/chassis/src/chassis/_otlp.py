"""OTLP encoding of light spans: what repeats is encoded once.

Wire format: protobuf's encoding and `opentelemetry/proto/trace/v1/trace.proto`. The official
encoder builds a message object for every attribute; most attributes of a service repeat, so
their bytes are cached. Spans with events, links or list values go the official way.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from chassis._span import LightSpan

_SCALARS = (str, bool, int, float)
_KINDS = {kind: bytes((0x30, kind.value + 1)) for kind in SpanKind}
_TIMES = struct.Struct("<BQBQ")
_HAS_IS_REMOTE, _IS_REMOTE = 0x100, 0x200
_LOCAL_FLAGS = b"\x85\x01" + struct.pack("<I", _HAS_IS_REMOTE)
_REMOTE_FLAGS = b"\x85\x01" + struct.pack("<I", _HAS_IS_REMOTE | _IS_REMOTE)


def encode_request(spans: Sequence[ReadableSpan]) -> bytes:
    """An `ExportTraceServiceRequest` in protobuf's binary form.

    Args:
        spans: ended spans of one resource.
    """
    light: list[LightSpan] = []
    others: list[ReadableSpan] = []
    for span in spans:
        if _is_plain(span):
            light.append(cast("LightSpan", span))
        else:
            others.append(span)
    parts = []
    if light:
        parts.append(_encode_light(light))
    if others:
        parts.append(encode_spans(others).SerializePartialToString())
    return b"".join(parts)  # concatenated messages merge their repeated fields


def _is_plain(span: ReadableSpan) -> bool:
    return (
        type(span) is LightSpan
        and not span.events
        and not span.links
        and all(isinstance(value, _SCALARS) for value in (span.attributes or {}).values())
    )


def _encode_light(spans: Sequence[LightSpan]) -> bytes:
    resource, scope = _envelope(spans[0])
    scope_spans = b"".join([scope, *[_field(0x12, encode_span(span)) for span in spans]])
    return _field(0x0A, resource + _field(0x12, scope_spans))


def _envelope(span: LightSpan) -> tuple[bytes, bytes]:
    """The encoded `resource` and `scope` fields, taken from the official encoder."""
    bare = ReadableSpan(
        "", context=span.context, resource=span.resource, instrumentation_scope=span.instrumentation_scope
    )
    resource_spans = encode_spans([bare]).resource_spans[0]
    return (
        _field(0x0A, resource_spans.resource.SerializeToString()),
        _field(0x0A, resource_spans.scope_spans[0].scope.SerializeToString()),
    )


def encode_span(span: LightSpan) -> bytes:
    """One `Span` message without its field header."""
    context, parent = span._context, span._parent
    parts = [
        b"\x0a\x10" + context.trace_id.to_bytes(16, "big") + b"\x12\x08" + context.span_id.to_bytes(8, "big"),
        _trace_state(context),
        b"\x22\x08" + parent.span_id.to_bytes(8, "big") if parent else b"",
        _name(span._name),
        _KINDS[span._kind],
        _TIMES.pack(0x39, span._start_time, 0x41, span._end_time),
    ]
    parts += [_attribute(key, value) for key, value in span._attributes.items()]
    parts.append(_status(span._status))
    parts.append(_REMOTE_FLAGS if parent and parent.is_remote else _LOCAL_FLAGS)
    return b"".join(parts)


def _trace_state(context: SpanContext) -> bytes:
    if not context.trace_state:
        return b""
    return _field(0x1A, context.trace_state.to_header().encode())


@lru_cache(maxsize=1024)
def _name(name: str) -> bytes:
    return _field(0x2A, name.encode("utf-8", "replace"))


@lru_cache(maxsize=8192, typed=True)
def _attribute(key: str, value: Any) -> bytes:
    if isinstance(value, str):
        any_value = AnyValue(string_value=value.encode("utf-8", "replace").decode())
    elif isinstance(value, bool):
        any_value = AnyValue(bool_value=value)
    elif isinstance(value, int):
        any_value = AnyValue(int_value=value)
    else:
        any_value = AnyValue(double_value=value)
    return _field(0x4A, KeyValue(key=key, value=any_value).SerializeToString())


def _status(status: Status) -> bytes:
    if status.status_code is StatusCode.UNSET:
        return b"\x7a\x00"
    message = _field(0x12, status.description.encode("utf-8", "replace")) if status.description else b""
    return _field(0x7A, message + bytes((0x18, status.status_code.value)))


def _field(tag: int, content: bytes) -> bytes:
    size = len(content)
    prefix = bytearray((tag,))
    while size > 0x7F:
        prefix.append(size & 0x7F | 0x80)
        size >>= 7
    prefix.append(size)
    return bytes(prefix) + content
