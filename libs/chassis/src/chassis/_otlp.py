"""OTLP encoding of light spans: what repeats is encoded once.

Wire format: protobuf's encoding and `opentelemetry/proto/trace/v1/trace.proto`. The official
encoder builds a message object for every attribute; most attributes of a service repeat, so
their bytes are cached. Spans with links or list values go the official way, which is loaded for
the first of them: it and protobuf take 3 MB.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode
from opentelemetry.util.types import Attributes

from chassis._span import SCOPE, LightSpan

_SCALARS = (str, bool, int, float)
_OF_RESOURCE, _OF_EVENT, _OF_SPAN = 0x0A, 0x1A, 0x4A  # the field `attributes` of each message
_INT64 = (1 << 64) - 1
_KINDS = {kind: bytes((0x30, kind.value + 1)) for kind in SpanKind}
_TIMES = struct.Struct("<BQBQ")
_DOUBLE = struct.Struct("<Bd")
_EVENT_TIME = struct.Struct("<BQ")
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
        parts.append(_encode_officially(others))
    return b"".join(parts)  # concatenated messages merge their repeated fields


def _is_plain(span: ReadableSpan) -> bool:
    return (
        type(span) is LightSpan
        and not span._links
        and _are_scalars(span._attributes)
        and all(_are_scalars(event.attributes) for event in span._events)
    )


def _are_scalars(attributes: Attributes) -> bool:
    return all(isinstance(value, _SCALARS) for value in (attributes or {}).values())


def _encode_officially(spans: Sequence[ReadableSpan]) -> bytes:
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans  # noqa: PLC0415 - see above

    encoded: bytes = encode_spans(spans).SerializePartialToString()
    return encoded


def _encode_light(spans: Sequence[LightSpan]) -> bytes:
    scope = _field(0x0A, _field(0x0A, SCOPE.name.encode()))
    scope_spans = b"".join([scope, *[_field(0x12, encode_span(span)) for span in spans]])
    return _field(0x0A, _resource(spans[0].resource) + _field(0x12, scope_spans))


def _resource(resource: Resource) -> bytes:
    attributes = [_attribute(key, value, _OF_RESOURCE) for key, value in resource.attributes.items()]
    return _field(0x0A, b"".join(attributes))


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
    parts += [_attribute(key, value, _OF_SPAN) for key, value in span._attributes.items()]
    parts += [_event(event) for event in span._events]
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


@lru_cache(maxsize=1024, typed=True)
def _attribute(key: str, value: Any, tag: int) -> bytes:
    return _field(tag, _field(0x0A, key.encode()) + _field(0x12, _any_value(value)))


def _any_value(value: Any) -> bytes:
    if isinstance(value, str):
        return _field(0x0A, value.encode("utf-8", "replace"))
    if isinstance(value, bool):
        return bytes((0x10, value))
    if isinstance(value, int):
        return b"\x18" + _varint(value & _INT64)
    if isinstance(value, float):
        return _DOUBLE.pack(0x21, value)
    return _field(0x2A, b"".join(_field(0x0A, _any_value(member)) for member in value))


def _event(event: Event) -> bytes:
    attributes = [_attribute(key, value, _OF_EVENT) for key, value in (event.attributes or {}).items()]
    head = _EVENT_TIME.pack(0x09, event.timestamp) + _field(0x12, event.name.encode())
    return _field(0x5A, head + b"".join(attributes))


def _status(status: Status) -> bytes:
    if status.status_code is StatusCode.UNSET:
        return b"\x7a\x00"
    message = _field(0x12, status.description.encode("utf-8", "replace")) if status.description else b""
    return _field(0x7A, message + bytes((0x18, status.status_code.value)))


def _field(tag: int, content: bytes) -> bytes:
    return bytes((tag,)) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
