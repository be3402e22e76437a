import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import baggage, context, trace
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from chassis import inject
from chassis._tracing import extract

SERVER, CLIENT = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT


@pytest.fixture
def trace_id():
    return secrets.token_hex(16)


@pytest.fixture
def parent_id():
    return secrets.token_hex(8)


def test_traceparent_is_continued(service, trace_id, parent_id):
    response = service.get("/items/3", headers={"traceparent": f"00-{trace_id}-{parent_id}-01"})
    (span,) = service.spans(response)
    assert response.headers["x-trace-id"] == trace_id
    assert (span.parent, span.span.kind) == (parent_id, SERVER)


@pytest.mark.parametrize("separator", [":", "%3A"])
def test_jaeger_header_is_continued(service, trace_id, parent_id, separator):
    header = separator.join((trace_id, parent_id, "0", "1"))
    response = service.get("/items/3", headers={"uber-trace-id": header})
    assert response.headers["x-trace-id"] == trace_id
    assert service.spans(response)[0].parent == parent_id


def test_short_jaeger_trace_id_is_padded(service, parent_id):
    short = secrets.token_hex(7) + "1"
    response = service.get("/items/3", headers={"uber-trace-id": f"{short}:{parent_id}:0:1"})
    assert response.headers["x-trace-id"] == short.rjust(32, "0")


def test_traceparent_wins_over_jaeger(service, trace_id, parent_id):
    headers = {
        "traceparent": f"00-{trace_id}-{parent_id}-01",
        "uber-trace-id": f"{secrets.token_hex(16)}:{secrets.token_hex(8)}:0:1",
    }
    assert service.get("/items/3", headers=headers).headers["x-trace-id"] == trace_id


def test_jaeger_counts_when_traceparent_is_broken(service, trace_id, parent_id):
    headers = {"traceparent": "00-zz-zz-01", "uber-trace-id": f"{trace_id}:{parent_id}:0:1"}
    assert service.get("/items/3", headers=headers).headers["x-trace-id"] == trace_id


def test_baggage_reaches_the_handler(service):
    seen = service.get("/whoami", headers={"baggage": "user=a%20b, tier=gold;ttl=1"}).json()
    assert seen["baggage"] == {"user": "a b", "tier": "gold;ttl=1"} or seen["baggage"]["user"] == "a b"


@pytest.mark.parametrize("header", ["traceparent", "uber-trace-id"])
def test_unsampled_caller_is_honoured_and_still_told_its_trace(service, trace_id, parent_id, header):
    values = {"traceparent": f"00-{trace_id}-{parent_id}-00", "uber-trace-id": f"{trace_id}:{parent_id}:0:0"}
    response = service.get("/items/3", headers={header: values[header]})
    assert response.headers["x-trace-id"] == trace_id
    service.spans(service.get("/items/3"))
    assert trace_id not in {item.span.trace_id.hex() for item in service.collector.received}


@pytest.mark.parametrize("value", ["", "garbage", "00-0-0-01", f"00-{'0' * 32}-{'0' * 16}-01", "ff" * 500])
@pytest.mark.parametrize("header", ["traceparent", "uber-trace-id", "baggage", "tracestate"])
def test_broken_trace_header_starts_a_new_trace(service, header, value):
    response = service.get("/items/3", headers={header: value})
    assert response.status_code == 200
    assert service.spans(response)[0].parent == ""


def test_two_traceparents_are_none(service, trace_id, parent_id):
    line = ("traceparent", f"00-{trace_id}-{parent_id}-01")
    assert service.get("/items/3", headers=[line, line]).headers["x-trace-id"] != trace_id


def test_tracestate_is_kept(service, trace_id, parent_id):
    headers = {"traceparent": f"00-{trace_id}-{parent_id}-01", "tracestate": "vendor=abc,other=1"}
    (span,) = service.spans(service.get("/items/3", headers=headers))
    assert span.span.trace_state == "vendor=abc,other=1"


def test_server_span_follows_the_conventions(service):
    headers = {"X-Forwarded-For": "198.51.100.7", "User-Agent": "probe/1"}
    (span,) = service.spans(service.get("/items/3?q=1", headers=headers))
    assert span.name == "GET /items/{item_id}"
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/items/{item_id}",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": "/items/3",
        "client.address": "198.51.100.7",
        "server.address": "127.0.0.1",
        "server.port": service.port,
        "user_agent.original": "probe/1",
    }
    assert span.span.status.code == Status.STATUS_CODE_UNSET
    assert span.span.end_time_unix_nano > span.span.start_time_unix_nano
    assert (span.resource["service.name"], span.resource["service.version"]) == ("chassis", "0.1.0")


def test_failed_request_is_an_error_span_without_its_message(service):
    (span,) = service.spans(service.get("/boom"))
    assert (span.name, span.span.status.code) == ("GET /boom", Status.STATUS_CODE_ERROR)
    assert span.attributes["error.type"] == "500"
    (event,) = span.span.events
    assert event.name == "exception"
    assert "hunter2" not in str(span.span)


def test_client_error_is_no_error_of_the_server(service):
    (span,) = service.spans(service.get("/items/0"))
    assert span.span.status.code == Status.STATUS_CODE_UNSET
    assert "error.type" not in span.attributes


@pytest.mark.parametrize(
    ("method", "path", "name", "original"),
    [
        ("GET", "/nowhere/at/all", "GET", None),
        ("DELETE", "/items/3", "DELETE /items/{item_id}", None),
        ("PROPFIND", "/items/3", "HTTP /items/{item_id}", "PROPFIND"),
        ("PROPFIND", "/nowhere", "HTTP", "PROPFIND"),
        ("HEAD", "/items/3", "HEAD /items/{item_id}", None),
        ("OPTIONS", "/items/3", "OPTIONS /items/{item_id}", None),
    ],
)
def test_span_name_has_the_template_or_none(service, method, path, name, original):
    (span,) = service.spans(service.request(method, path))
    assert span.name == name
    assert span.attributes["http.request.method"] == (method if original is None else "_OTHER")
    assert span.attributes.get("http.request.method_original") == original


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_probes_are_not_traced(service, path, trace_id, parent_id):
    response = service.get(path, headers={"traceparent": f"00-{trace_id}-{parent_id}-01"})
    assert "x-trace-id" not in response.headers
    service.spans(service.get("/items/3"))
    assert trace_id not in {item.span.trace_id.hex() for item in service.collector.received}


def test_redis_calls_are_children_without_keys_or_values(fastapi_service):
    server, *calls = sorted(
        fastapi_service.spans(fastapi_service.get("/stored/some-key"), 3), key=lambda item: item.span.kind
    )
    assert server.span.kind == SERVER
    assert {call.name for call in calls} == {"SET redis", "GET redis"}
    for call in calls:
        assert (call.parent, call.span.kind) == (server.id, CLIENT)
        assert call.attributes["db.system.name"] == "redis"
        assert call.attributes["db.operation.name"] in ("SET", "GET")
        assert "some-key" not in str(call.attributes)
        assert "secret-value" not in str(call.attributes)


def test_sql_calls_are_children_without_literals(flask_service):
    server, *calls = sorted(
        flask_service.spans(flask_service.get("/stored/some-key"), 2), key=lambda item: item.span.kind
    )
    (select,) = [call for call in calls if call.name == "SELECT sqlite"]
    assert (select.parent, select.span.kind) == (server.id, CLIENT)
    assert select.attributes["db.query.text"] == "SELECT ? || ? WHERE ? = ?"
    assert "some-key" not in str(select.attributes)


@pytest.mark.parametrize(
    ("sampler", "argument", "with_parent", "expected"),
    [
        ("always_off", "", True, False),
        ("parentbased_always_off", "", True, True),
        ("parentbased_always_off", "", False, False),
        ("parentbased_traceidratio", "0", True, True),
        ("parentbased_traceidratio", "0", False, False),
        ("traceidratio", "1", False, True),
    ],
)
def test_sampler_is_the_configured_one(
    trace_id, parent_id, make_chassis, sampler, argument, with_parent, expected
):
    chassis = make_chassis(otel_traces_sampler=sampler, otel_traces_sampler_arg=argument or None)
    parent = SpanContext(int(trace_id, 16), int(parent_id, 16), True, TraceFlags(1)) if with_parent else None
    span = chassis.tracing.start("x", trace.SpanKind.SERVER, parent, {})
    assert span.get_span_context().trace_flags.sampled is expected


def test_ratio_is_about_right(make_chassis):
    chassis = make_chassis(otel_traces_sampler="traceidratio", otel_traces_sampler_arg=0.05)
    spans = [chassis.tracing.start("x", trace.SpanKind.SERVER, None, {}) for _ in range(5000)]
    assert 150 < sum(span.get_span_context().trace_flags.sampled for span in spans) < 350


def test_all_formats_are_sent():
    headers = {}
    span = NonRecordingSpan(SpanContext(0xAB, 0xCD, False, TraceFlags(1)))
    token = context.attach(baggage.set_baggage("k", "v", trace.set_span_in_context(span)))
    inject(headers)
    context.detach(token)
    assert headers == {
        "traceparent": f"00-{0xAB:032x}-{0xCD:016x}-01",
        "uber-trace-id": f"{0xAB:032x}:{0xCD:016x}:0:1",
        "baggage": "k=v",
    }


@given(
    st.dictionaries(
        st.sampled_from(["traceparent", "tracestate", "uber-trace-id", "baggage"]),
        st.text(st.characters(max_codepoint=255), max_size=200)
        | st.from_regex(r"[0-9a-f-]{0,40}:[0-9a-f-]{0,20}:[0-9a-f]{0,3}:[0-9a-f-]{0,3}", fullmatch=True)
        | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True),
    )
)
def test_no_header_breaks_the_extraction(headers):
    found = trace.get_current_span(extract(headers)).get_span_context()
    assert found.trace_id < 1 << 128
    assert found.span_id < 1 << 64
