import http

import orjson
import pytest

from chassis import _problem
from chassis._problem import (
    FieldError,
    NotFound,
    Problem,
    QuotaExceeded,
    StoreUnavailable,
    UnprocessableContent,
    render_problem,
    status_phrase,
)
from chassis._rate_limit import RateLimit

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def render(problem, accept=None):
    body, headers = render_problem(problem, accept=accept, instance="/x", request_id="r-1")
    return body, dict(headers)


def test_members_come_in_the_order_of_the_standard():
    problem = UnprocessableContent("Two faults.", errors=[FieldError("/a", "is missing")])
    assert list(problem.document("/x", "r-1").items()) == [
        ("type", "about:blank"),
        ("title", "Unprocessable Content"),
        ("status", 422),
        ("detail", "Two faults."),
        ("instance", "/x"),
        ("request_id", "r-1"),
        ("errors", [{"pointer": "/a", "detail": "is missing"}]),
    ]


def test_absent_detail_and_errors_are_left_out():
    assert NotFound().document("/x", "r") == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "instance": "/x",
        "request_id": "r",
    }


def test_service_problem_needs_two_class_variables():
    class OutOfTea(Problem):
        status = 418
        type = "https://example.org/out-of-tea"
        title = "No tea"

    document = OutOfTea("Sorry.").document("/tea", "r")
    assert (document["type"], document["title"], document["status"]) == (OutOfTea.type, "No tea", 418)


@pytest.mark.parametrize(
    ("name", "status", "title"),
    [
        ("BadRequest", 400, "Bad Request"),
        ("Unauthorized", 401, "Unauthorized"),
        ("Forbidden", 403, "Forbidden"),
        ("NotFound", 404, "Not Found"),
        ("Conflict", 409, "Conflict"),
        ("PreconditionFailed", 412, "Precondition Failed"),
        ("ContentTooLarge", 413, "Content Too Large"),
        ("UnsupportedMediaType", 415, "Unsupported Media Type"),
        ("UnprocessableContent", 422, "Unprocessable Content"),
        ("BadGateway", 502, "Bad Gateway"),
        ("ServiceUnavailable", 503, "Service Unavailable"),
        ("StoreUnavailable", 503, "Service Unavailable"),
        ("GatewayTimeout", 504, "Gateway Timeout"),
    ],
)
def test_ready_made_problem_has_its_status_and_title(name, status, title):
    document = getattr(_problem, name)().document("/", "r")
    assert (document["status"], document["title"], document["type"]) == (status, title, "about:blank")


@pytest.mark.parametrize(
    ("status", "phrase"), [(414, "URI Too Long"), (416, "Range Not Satisfiable"), (599, "Error")]
)
def test_phrase_is_the_name_of_today(status, phrase):
    assert status_phrase(status) == phrase


@pytest.mark.parametrize("status", [status for status in http.HTTPStatus if status >= 400])
def test_every_status_can_be_rendered(status):
    body, _ = render(Problem.of_status(status.value, "Because.", headers={"Allow": "GET"}))
    assert orjson.loads(body)["status"] == status


def test_text_of_a_problem_is_its_detail_or_phrase():
    assert (str(NotFound("No such post.")), str(NotFound())) == ("No such post.", "Not Found")


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/json",
        "application/*",
        "image/png",
        "nonsense",
        "text/html;q=0",
        "text/html;q=0.5,*/*",
    ],
)
def test_json_unless_html_is_preferred(accept):
    body, headers = render(NotFound("gone"), accept)
    assert headers["Content-Type"] == "application/problem+json"
    assert orjson.loads(body)["detail"] == "gone"


@pytest.mark.parametrize(
    "accept", [BROWSER, "text/html", "text/*", "application/json;q=0.1, text/html;q=0.2"]
)
def test_page_for_who_prefers_html(accept):
    body, headers = render(UnprocessableContent("gone", errors=[FieldError("/a/b", "wrong")]), accept)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "style-src 'sha256-" in headers["Content-Security-Policy"]
    for text in (b"<h1>422 Unprocessable Content</h1>", b"gone", b"/a/b", b"wrong", b"r-1"):
        assert text in body


def test_page_escapes_what_a_client_sent():
    errors = [FieldError("/<script>", "<script>")]
    body, _ = render(UnprocessableContent("<script>alert(1)</script>", errors=errors), "text/html")
    assert b"<script" not in body


def test_path_is_a_uri_reference():
    body, _ = render_problem(NotFound(), accept=None, instance="/a b/ß%/x:1", request_id="r")
    assert orjson.loads(body)["instance"] == "/a%20b/%C3%9F%25/x:1"


@pytest.mark.parametrize("accept", [None, "text/html"])
def test_lone_surrogates_never_break_an_answer(accept):
    problem = UnprocessableContent("a\ud800b", errors=[FieldError("/\udfff", "c\udc00")])
    body, _ = render_problem(problem, accept=accept, instance="/\udcff", request_id="r")
    assert "a?b" in body.decode()


def test_answer_is_not_stored_and_varies_by_accept():
    _, headers = render(NotFound())
    assert (headers["Cache-Control"], headers["Vary"]) == ("no-store", "Accept")


def test_own_headers_are_sent_and_win():
    _, headers = render(NotFound(headers={"WWW-Authenticate": "Bearer", "Cache-Control": "max-age=5"}))
    assert (headers["WWW-Authenticate"], headers["Cache-Control"]) == ("Bearer", "max-age=5")


def test_header_value_cannot_start_another_header():
    _, headers = render(NotFound(headers={"X-Name": "a\r\nSet-Cookie: b=c\x00\u20ac\ud800"}))
    assert headers["X-Name"] == "a Set-Cookie: b=c"


def test_store_failure_says_when_to_come_back():
    assert StoreUnavailable().headers == {"Retry-After": "1"}
    assert StoreUnavailable(headers={"Retry-After": "5"}).headers == {"Retry-After": "5"}


@pytest.mark.parametrize(("reset", "seconds"), [(-3, 1), (0, 1), (0.2, 1), (1, 1), (29.01, 30)])
def test_quota_problem_says_when_to_come_back(reset, seconds):
    problem = QuotaExceeded.of(RateLimit(20, 60), reset)
    body, headers = render(problem)
    assert headers["Retry-After"] == str(seconds)
    assert headers["RateLimit-Policy"] == '"default";q=20;w=60'
    assert headers["RateLimit"] == f'"default";r=0;t={seconds}'
    assert orjson.loads(body)["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
