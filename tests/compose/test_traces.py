"""One request, one trace: every hop in Jaeger, with the same id in headers and logs."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

EDGES = {
    "athlete": {"GET /": None},
    "blog": {"GET /": None, "SELECT mysql": "GET /"},
    "config": {"GET /configs": None, "SELECT mysql": "GET /configs"},
    "ip": {"GET /get-ip": None, "record redis": "GET /get-ip"},
    "shout": {"POST /v1": None, "POST shoutcloud": "POST /v1", "POST /V1/SHOUT": "POST shoutcloud"},
}
SYSTEMS = {
    "blog": ("db.system.name", "mysql"),
    "config": ("db.system.name", "mysql"),
    "ip": ("db.system.name", "redis"),
}
SYSTEMS["shout"] = ("server.address", "shoutcloud-emulator")
PASSWORD = "correct horse battery"


def tags(span):
    return {tag["key"]: tag["value"] for tag in span["tags"]}


def is_child(span, parent):
    return any(reference["spanID"] == parent for reference in span["references"])


def child_of(parent, spans):
    return next(span for span in spans if is_child(span, parent))


@pytest.fixture
def trace():
    return secrets.token_hex(16)


@pytest.fixture
def parent():
    return secrets.token_hex(8)


@pytest.fixture
def spans(stack, until, parent):
    """Read the spans of a trace, once as many as these are there, and the service's own, which ends last."""

    def read(trace, count=1):
        answer = httpx.get(f"{stack.url}/jaeger/api/traces/{trace}", trust_env=False)
        data = answer.json()["data"] if answer.status_code == 200 else []
        found = data[0]["spans"] if data else []
        complete = any(is_child(span, parent) for span in found)
        return found if complete and len(found) >= count else None

    return lambda trace, count=1: until(lambda: read(trace, count))


@pytest.mark.parametrize("service", EDGES)
def test_every_hop_is_in_one_trace(stack, ask, until, spans, trace, parent, service):
    answer = ask(service, traceparent=f"00-{trace}-{parent}-01")
    assert answer.status_code == 200
    assert answer.headers["x-trace-id"] == trace

    found = spans(trace, len(EDGES[service]))
    names = {span["spanID"]: span["operationName"] for span in found}
    parents = {span["operationName"]: span["references"][0]["spanID"] for span in found}
    assert {name: names.get(identity) for name, identity in parents.items()} == EDGES[service]
    assert tags(child_of(parent, found))["span.kind"] == "server"

    lines = until(
        lambda: [
            line
            for name in (f"{service}-service", "gateway")
            for line in stack.logs(name)
            if line["event"] == "request" and line["trace_id"] == trace
        ][1:]
    )
    assert {line["request_id"] for line in lines} == {answer.headers["x-request-id"]}


@pytest.mark.parametrize("service", EDGES)
def test_spans_follow_the_semantic_conventions(ask, spans, trace, parent, service):
    ask(service, traceparent=f"00-{trace}-{parent}-01")
    found = spans(trace, len(EDGES[service]))
    server = tags(child_of(parent, found))
    assert server["http.request.method"] in ("GET", "POST")
    assert server["http.response.status_code"] == 200
    assert {"http.route", "url.path", "url.scheme", "client.address", "server.address"} <= server.keys()
    if service in SYSTEMS:
        key, value = SYSTEMS[service]
        (client,) = [tags(span) for span in found if tags(span)["span.kind"] == "client"]
        assert client[key] == value


def test_old_clients_trace_is_joined(ask, spans, trace, parent):
    ask("ip", **{"uber-trace-id": f"{trace}:{parent}:0:1"})
    (root,) = [span for span in spans(trace, 2) if span["operationName"] == "GET /get-ip"]
    assert root["references"][0]["spanID"] == parent


def test_trace_that_is_not_sampled_is_not_kept(stack, ask, spans, trace, parent):
    unsampled, sampled = secrets.token_hex(16), trace
    answer = ask("athlete", traceparent=f"00-{unsampled}-{parent}-00")
    assert answer.headers["x-trace-id"] == unsampled
    ask("athlete", traceparent=f"00-{sampled}-{parent}-01")
    assert spans(sampled)
    assert httpx.get(f"{stack.url}/jaeger/api/traces/{unsampled}", trust_env=False).status_code == 404


def test_statements_have_no_values(client, spans, trace, parent):
    mark = f"secret-{secrets.token_hex(8)}"
    document = {
        "dcname": "x" + secrets.token_hex(8),
        "metadata": {"limits": {"cpu": {"enabled": True, "value": mark}}},
    }
    headers = {"traceparent": f"00-{trace}-{parent}-01"}
    assert client.post("/config/configs", json=document, headers=headers).status_code == 204
    found = spans(trace, 2)
    assert any("INSERT" in tags(span).get("db.query.text", "") for span in found)
    assert mark not in json.dumps(found)
    assert document["dcname"] not in json.dumps(found)


def test_password_is_in_no_span(client, spans, parent):
    form = {"username": "ada", "password": PASSWORD}
    for method, path, data in (("POST", "/blog/auth/login", form), ("DELETE", "/ip/v1/ips/x", None)):
        trace = secrets.token_hex(16)
        headers = {"traceparent": f"00-{trace}-{parent}-01", "Authorization": f"Bearer {PASSWORD}"}
        client.request(method, path, data=data, headers=headers)
        assert PASSWORD not in json.dumps(spans(trace))


def test_error_is_marked_on_the_span_that_failed(stack, ask, spans, trace, parent):
    stack.compose("stop", "--timeout=1", "shoutcloud-emulator")
    try:
        answer = ask("shout", traceparent=f"00-{trace}-{parent}-01")
    finally:
        stack.up("shoutcloud-emulator")
    assert answer.status_code == 200  # it shouts by itself then
    found = {span["operationName"]: tags(span) for span in spans(trace, 2)}
    assert found["POST shoutcloud"]["error"] is True
    assert found["POST shoutcloud"]["error.type"]
    assert "error" not in found["POST /v1"]


@pytest.mark.parametrize("service", ["athlete", "blog"])
def test_stopped_service_has_sent_every_span(stack, ask, spans, parent, service):
    """One that runs on uvicorn, and one on granian: both are asked until they are gone."""
    answered = []
    with ThreadPoolExecutor(1) as pool:
        stop = pool.submit(stack.compose, "stop", f"{service}-service")
        while not stop.done():
            trace = secrets.token_hex(16)
            if ask(service, traceparent=f"00-{trace}-{parent}-01").status_code == 200:
                answered.append(trace)
    stop.result()
    try:
        assert len(answered) > 10
        assert all(spans(trace) for trace in answered)
    finally:
        stack.up()


def test_without_jaeger_nothing_fails_or_waits(stack, ask, until):
    stack.compose("stop", "jaeger")
    try:
        answers = [ask("athlete") for _ in range(50)]
        assert {answer.status_code for answer in answers} == {200}
        assert max(answer.elapsed.total_seconds() for answer in answers) < 1
        until(lambda: stack.metric("athlete-service", "otel_spans_dropped_total") >= 50, 60)
    finally:
        stack.up("jaeger")
