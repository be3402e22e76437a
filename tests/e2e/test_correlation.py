"""One request, one id, one trace: from the client through the gateway to the service and its log."""

import json
import re
import secrets

import pytest

CALLS = [
    ("GET", "/ip/get-ip"),
    ("GET", "/config/configs"),
    ("POST", "/shout/v1"),
    ("GET", "/blog/"),
    ("GET", "/athlete/"),
    ("GET", "/athlete/nope"),
]


@pytest.fixture
def trace():
    return secrets.token_hex(16)


@pytest.fixture
def parent():
    return secrets.token_hex(8)


@pytest.mark.parametrize(("method", "path"), [*CALLS, ("GET", "/"), ("GET", "/nope"), ("GET", "/ip/livez")])
def test_valid_request_id_is_kept(client, method, path):
    request_id = f"e2e.{secrets.token_hex(8)}_-"
    assert (
        client.request(method, path, headers={"X-Request-ID": request_id}).headers["x-request-id"]
        == request_id
    )


@pytest.mark.parametrize("bad", ["", "a b", "a" * 129, "é", "<script>", 'a","level":"error', "%0d%0aX: y"])
def test_invalid_request_id_is_replaced(client, bad):
    answer = client.get("/athlete/", headers={"X-Request-ID": bad.encode()})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"].replace("-", ""))


def test_request_id_is_in_the_problem_of_a_service(client):
    answer = client.get("/athlete/nope", headers={"X-Request-ID": "e2e-1"})
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "e2e-1"


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_traceparent_is_joined(client, trace, parent, method, path):
    answer = client.request(method, path, headers={"traceparent": f"00-{trace}-{parent}-01"})
    assert answer.headers["x-trace-id"] == trace


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_trace_of_an_old_client_is_joined(client, trace, parent, method, path):
    answer = client.request(method, path, headers={"uber-trace-id": f"{trace}:{parent}:0:1"})
    assert answer.headers["x-trace-id"] == trace


def test_traceparent_goes_before_an_old_clients_trace(client, trace, parent):
    headers = {
        "traceparent": f"00-{trace}-{parent}-00",
        "uber-trace-id": f"{secrets.token_hex(16)}:{parent}:0:1",
    }
    assert client.get("/athlete/", headers=headers).headers["x-trace-id"] == trace


@pytest.mark.parametrize(
    "bad", ["x", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "ff-" + "a" * 32, "<script>"]
)
def test_broken_traceparent_begins_a_new_trace(client, bad):
    answers = [client.get("/athlete/", headers={"traceparent": bad}) for _ in range(2)]
    traces = [answer.headers["x-trace-id"] for answer in answers]
    assert all(re.fullmatch("[0-9a-f]{32}", found) for found in traces)
    assert len(set(traces)) == 2


def find_line(stack, name, request_id):
    lines = (stack.folder / f"logs/{name}.log").read_text().splitlines()
    found = [json.loads(line) for line in lines if request_id in line]
    return next((line for line in found if line["event"] == "request"), None)


@pytest.mark.parametrize("service", ["ip", "config", "blog", "athlete"])
def test_id_and_trace_are_in_the_logs_of_gateway_and_service(
    embedded, new_client, until, trace, parent, service
):
    request_id = f"e2e-{secrets.token_hex(8)}"
    client = new_client(service)
    client.get("/", headers={"X-Request-ID": request_id, "traceparent": f"00-{trace}-{parent}-01"})
    for name in (service, "gateway"):
        line = until(lambda name=name: find_line(embedded, name, request_id))
        assert (line["request_id"], line["trace_id"]) == (request_id, trace)
        assert client.address in (None, line["client_ip"])


def test_client_cannot_forge_a_log_line(embedded, client, until):
    mark = secrets.token_hex(8)
    forged = f'{mark}%0d%0a{{"event":"forged"}}'
    client.get(
        f"/athlete/{forged}?{forged}",
        headers={"User-Agent": f'{mark}"}}\\n{{"event":"forged"}}', "Referer": forged},
    )
    for name in ("athlete", "gateway"):
        log = embedded.folder / f"logs/{name}.log"
        lines = until(lambda log=log: [line for line in log.read_text().splitlines() if mark in line])
        assert [json.loads(line)["event"] for line in lines] == ["request"]
