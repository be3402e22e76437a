import http.client

import pytest

MEBIBYTE = 2**20


def test_shouts(client):
    reply = client.shout("straße ᾳ")
    assert (reply.status, reply.headers["content-type"]) == (200, "APPLICATION/JSON")
    assert reply.json == {"INPUT": "straße ᾳ", "OUTPUT": "STRAßE ᾼ"}


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "text/plain", "Application/JSON", ""]
)
def test_content_type_must_be_exactly_json(client, content_type):
    reply = client.request("POST", "/V1/SHOUT", {"INPUT": "x"}, content_type=content_type)
    assert (reply.status, reply.body) == (400, b"BAD REQUEST")
    assert reply.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'{"INPUT": 1}',
        b'{"input": "x"}',
        b'{"INPUT": "\xff"}',
        b'{"INPUT": "\\ud800"}',
    ],
)
def test_anything_but_an_input_is_a_bad_request(client, body):
    reply = client.request("POST", "/V1/SHOUT", body, content_type="application/json")
    assert (reply.status, reply.body) == (400, b"BAD REQUEST")


def test_a_huge_body_is_a_bad_request(client):
    reply = client.shout("x" * MEBIBYTE)
    assert (reply.status, reply.body) == (400, b"BAD REQUEST")


def test_wrong_method_is_405(client):
    reply = client.request("GET", "/V1/SHOUT")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")


def test_unknown_path_is_404(client):
    assert client.request("POST", "/v1/shout", {"INPUT": "x"}).status == 404


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes(client, path):
    reply = client.request("GET", path)
    assert (reply.status, reply.body) == (200, b"ok")


def test_asleep_it_answers_as_a_router_would(client):
    client.set_fault(kind="status", status=503, retry_after="7")
    reply = client.shout("x")
    assert (reply.status, reply.headers["retry-after"]) == (503, "7")
    assert reply.headers["content-type"].startswith("text/html")
    assert b"<h1>" in reply.body


@pytest.mark.parametrize("status", [200, 404, 429, 500, 502])
def test_any_status_on_demand(client, status):
    client.set_fault(kind="status", status=status)
    assert client.shout("x").status == status


def test_redirect_leads_to_itself(client):
    client.set_fault(kind="redirect")
    reply = client.shout("x")
    assert (reply.status, reply.headers["location"]) == (307, "/V1/SHOUT")


def test_garbage_is_no_json(client):
    client.set_fault(kind="garbage")
    reply = client.shout("x")
    assert (reply.status, reply.headers["content-type"]) == (200, "APPLICATION/JSON")
    with pytest.raises(ValueError, match="utf-8"):
        reply.json  # noqa: B018 - reading it is the test


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("wrong_input", {"INPUT": "not x", "OUTPUT": "NOT X"}),
        ("wrong_output", {"INPUT": "x", "OUTPUT": 42}),
        ("missing_output", {"INPUT": "x"}),
    ],
)
def test_wrong_answers(client, kind, answer):
    client.set_fault(kind=kind)
    assert client.shout("x").json == answer


def test_wrong_type_says_html(client):
    client.set_fault(kind="wrong_type")
    assert client.shout("x").headers["content-type"].startswith("text/html")


def test_oversize_is_more_than_twice_the_input_and_a_kibibyte(client):
    client.set_fault(kind="oversize")
    assert len(client.shout("x" * 5000).json["OUTPUT"]) > 2 * 5000 + 1024


def test_reset_ends_the_connection_without_an_answer(client):
    client.set_fault(kind="reset")
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        client.shout("x")
    client.request("DELETE", "/admin/faults")
    assert client.shout("x").status == 200


def test_fault_ends_after_its_times(client):
    client.set_fault(kind="status", times=2)
    assert [client.shout("x").status for _ in range(3)] == [503, 503, 200]
    state = client.request("GET", "/admin/faults").json
    assert (state["calls"], state["hits"]) == (3, 2)


def test_latency_delays_a_right_answer(client):
    client.set_fault(latency=0.05)
    assert client.shout("x").json["OUTPUT"] == "X"
    assert client.request("GET", "/admin/faults").json["hits"] == 1


def test_clearing_ends_the_fault_and_counts_from_nothing(client):
    client.set_fault(kind="garbage")
    client.shout("x")
    state = client.request("DELETE", "/admin/faults").json
    assert (state["fault"]["kind"], state["calls"], state["hits"]) == ("none", 0, 0)
    assert client.shout("x").json["OUTPUT"] == "X"


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"kind": "resets"}, b"kind"),
        ({"latency": -1}, b"latency"),
        ({"percentage": 101}, b"percentage"),
        ({"status": 99}, b"status"),
        ({"retry_after": "1\r\nX: y"}, b"retry_after"),
        ({"colour": "red"}, b"colour"),
    ],
)
def test_unknown_fault_is_422_and_names_it(client, fault, named):
    reply = client.set_fault(**fault)
    assert reply.status == 422
    assert named in reply.body
    assert client.shout("x").status == 200
