import secrets

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from chassis.testing import wait_until


@pytest.fixture
def call(client):
    """Call the API within a trace; tell the trace and the span that called."""

    def call(flags="01"):
        trace, parent = secrets.token_hex(16), secrets.token_hex(8)
        headers = {"content_type": "application/json", "traceparent": f"00-{trace}-{parent}-{flags}"}
        client.request("POST", "/V1/SHOUT", {"INPUT": "x"}, **headers)
        return int(trace, 16), int(parent, 16)

    return call


@pytest.fixture
def span_of(exporter):
    def find(trace):
        return [span for span in exporter.get_finished_spans() if span.context.trace_id == trace]

    def span_of(trace):
        wait_until(lambda: bool(find(trace)))
        (span,) = find(trace)
        return span

    return span_of


def test_call_is_a_child_of_its_callers_span(call, span_of):
    trace, parent = call()
    span = span_of(trace)
    assert (span.name, span.kind, span.parent.span_id) == ("POST /V1/SHOUT", SpanKind.SERVER, parent)
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": "/V1/SHOUT",
        "url.path": "/V1/SHOUT",
        "url.scheme": "http",
        "http.response.status_code": 200,
    }


def test_wrong_answer_is_an_error_of_its_span(client, call, span_of):
    client.set_fault(kind="status", status=503)
    span = span_of(call()[0])
    assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, "503")


def test_call_that_is_not_sampled_has_no_span(call, exporter, span_of):
    unsampled, _ = call("00")
    span_of(call()[0])
    assert unsampled not in {span.context.trace_id for span in exporter.get_finished_spans()}
