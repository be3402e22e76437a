"""What the gateway answers by itself."""

import base64
import hashlib
import re

import pytest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def assert_problem(reply, status, *, instance=None):
    problem = reply.json()
    assert reply.status == problem["status"] == status
    assert reply.header("content-type") == ["application/problem+json"]
    assert reply.header("cache-control") == ["no-store"]
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    assert problem.get("instance") == instance
    assert [problem["request_id"]] == reply.header("x-request-id")


@pytest.mark.parametrize(
    "target", ["/nope", "/ip/metrics", "/_error/json", "/ipx", "/portal.js/x", "/a'b(c)"]
)
def test_unknown_address_is_404(door, target):
    assert_problem(door.get(target), 404, instance=target)


@pytest.mark.parametrize("target", ['/a"b', "/a\\b", '/a","status":200,"x":"'])
def test_path_cannot_break_out_of_the_problem(door, target):
    assert_problem(door.get(target), 404)


def test_query_is_not_in_the_problem(door):
    assert_problem(door.get("/nope?token=secret"), 404, instance="/nope")


def test_head_of_an_error_has_no_body(client):
    answer = client.head("/nope")
    assert (answer.status_code, answer.content) == (404, b"")


def test_problem_carries_the_request_id_that_was_sent(client):
    answer = client.get("/nope", headers={"X-Request-ID": "abc-1"})
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"] == "abc-1"


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML;q=1.0", True),
        ("text/html;q=0.9", True),
        ("text/html, application/json;q=0.9", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/problem+json, text/html", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;q=0.1, */*", False),
        ("text/plain", False),
        ("text/htmlx", False),
    ],
)
def test_browser_gets_a_page(client, accept, html):
    answer = client.get("/nope", headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.headers["Vary"] == "Accept"
    expected = "text/html; charset=utf-8" if html else "application/problem+json"
    assert answer.headers["Content-Type"] == expected


def test_page_has_the_request_id_and_a_policy_for_its_style(client):
    answer = client.get("/nope", headers={"Accept": BROWSER})
    style = re.search("<style>(.*?)</style>", answer.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Request-ID"] in answer.text
    assert "<h1>404 Not Found</h1>" in answer.text


def test_trace_is_405(door):
    reply = door.send(b"TRACE /ip/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert_problem(reply, 405, instance="/ip/")
    assert reply.header("allow") == ["GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"]


def test_connect_is_refused(door):
    reply = door.send(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")
    assert reply.status in (400, 405)
    assert reply.header("content-type") == ["application/problem+json"]


def test_other_protocol_version_is_505(door):
    assert_problem(door.send(b"GET /ip/ HTTP/3.0\r\nHost: localhost\r\n\r\n"), 505)


def test_unknown_transfer_coding_is_501(door):
    request = b"POST /ip/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: zip\r\n\r\n"
    assert_problem(door.send(request), 501, instance="/ip/")


def test_failed_condition_on_a_file_is_412(door):
    assert_problem(door.get("/portal.js", headers=['If-Match: "x"']), 412, instance="/portal.js")


def test_range_of_a_file_is_the_whole_file(door):
    reply = door.get("/portal.js", headers=["Range: bytes=99999999-"])
    assert (reply.status, reply.body) == (200, door.get("/portal.js").body)
