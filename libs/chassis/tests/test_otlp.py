import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from chassis._otlp import encode_request
from chassis._span import LightSpan

RESOURCE = Resource({"service.name": "chassis", "process.pid": 7, "process.command_args": ("python", "-m")})

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
scalars = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
)
attributes = st.dictionaries(names, scalars, max_size=4)
contexts = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    st.booleans(),
    st.just(TraceFlags(1)),
    st.sampled_from([TraceState(), TraceState([("vendor", "value"), ("other", "1")])]),
)
statuses = st.sampled_from([Status(), Status(StatusCode.OK), Status(StatusCode.ERROR, "because")])


@st.composite
def spans(draw):
    kind = draw(st.sampled_from(SpanKind))
    parent = draw(st.none() | contexts)
    span = LightSpan(draw(names), draw(contexts), parent, kind, draw(attributes), RESOURCE, SpanProcessor())
    for name, noted in draw(st.lists(st.tuples(names, attributes), max_size=2)):
        span.add_event(name, noted)
    span.set_status(draw(statuses))
    span.end()
    return span


def decoded(body):
    return ExportTraceServiceRequest.FromString(body)


@given(st.lists(spans(), min_size=1, max_size=3))
def test_light_encoding_means_what_the_official_one_does(ended):
    assert decoded(encode_request(ended)) == encode_spans(ended)


@pytest.mark.parametrize("value", [["a", "b"], (1, 2)])
def test_lists_and_links_arrive_too(value):
    context = SpanContext(1, 2, is_remote=False)
    listing = LightSpan("list", context, None, SpanKind.CLIENT, {"values": value}, RESOURCE, SpanProcessor())
    linked = LightSpan("link", context, None, SpanKind.CLIENT, {"a": 1}, RESOURCE, SpanProcessor())
    linked.add_link(context, {"b": 2})
    ended = [listing, linked]
    for span in ended:
        span.end()

    assert decoded(encode_request(ended)) == encode_spans(ended)


def test_text_that_is_no_unicode_is_replaced():
    context = SpanContext(1, 2, is_remote=False)
    span = LightSpan("name", context, None, SpanKind.CLIENT, {"a": "\ud800"}, RESOURCE, SpanProcessor())
    span.end()

    (group,) = decoded(encode_request([span])).resource_spans
    assert group.scope_spans[0].spans[0].attributes[0].value.string_value == "?"


def test_protobuf_is_not_loaded_before_it_is_needed():
    program = "import sys, chassis.fastapi, chassis.flask; print('google.protobuf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)  # noqa: S603
    assert done.stdout == "False\n"
