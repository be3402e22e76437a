"""What both adapters do the same way, asked of real servers."""

import re
import socket

import orjson
import pytest

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ANSWERS = [
    ("GET", "/items/3", 200),
    ("GET", "/cached", 200),
    ("GET", "/nowhere", 404),
    ("DELETE", "/items/3", 405),
    ("GET", "/boom", 500),
    ("GET", "/conflict", 409),
    ("OPTIONS", "/items/3", 204),
    ("HEAD", "/items/3", 200),
    ("GET", "/livez", 200),
    ("GET", "/readyz", 200),
    ("POST", "/livez", 405),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_response_carries_id_type_options_and_cache_control(service, method, path, status):
    response = service.request(method, path)
    assert response.status_code == status
    assert re.fullmatch(UUID7, response.headers["x-request-id"])
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == ("max-age=60" if path == "/cached" else "no-store")


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_good_request_id_is_kept_on_every_response(service, request_id, method, path, status):
    response = service.request(method, path, headers={"X-Request-ID": request_id})
    assert response.headers.get_list("x-request-id") == [request_id]


@pytest.mark.parametrize("given", ["", "a b", "ä", "x" * 129, "a,b", "<b>", "a\tb"])
def test_bad_request_id_is_replaced(service, given):
    response = service.get("/items/3", headers={"X-Request-ID": given.encode()})
    assert re.fullmatch(UUID7, response.headers["x-request-id"])


def test_two_request_ids_are_replaced(service):
    response = service.get("/items/3", headers=[("X-Request-ID", "a"), ("X-Request-ID", "b")])
    assert re.fullmatch(UUID7, response.headers["x-request-id"])


def test_304_keeps_its_headers(service, request_id):
    headers = {"If-None-Match": service.get("/cached").headers["etag"], "X-Request-ID": request_id}
    response = service.get("/cached", headers=headers)
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["x-request-id"] == request_id
    assert response.headers["cache-control"] == "max-age=60"
    assert response.headers["vary"] == "Accept"


def test_problem_has_all_members(service, request_id):
    response = service.get("/items/0", headers={"X-Request-ID": request_id})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["vary"] == "Accept"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "No such item.",
        "instance": "/sample/items/0",
        "request_id": request_id,
    }


def test_browser_gets_a_page_with_the_same_content(service, request_id):
    response = service.get("/items/0", headers={**BROWSER, "X-Request-ID": request_id})
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    for text in ("404 Not Found", "No such item.", request_id):
        assert text in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


def test_markup_in_a_problem_is_text(service):
    attack = "<script>alert(1)</script>"
    for path in ("/conflict", f"/{attack}"):
        response = service.get(path, params={"detail": attack}, headers=BROWSER)
        assert "<script" not in response.text
    assert "&lt;script&gt;" in service.get("/conflict", params={"detail": attack}, headers=BROWSER).text


def test_line_break_in_a_problem_header_makes_no_header(service):
    response = service.get("/conflict")
    assert response.status_code == 409
    assert "set-cookie" not in response.headers
    assert response.headers["x-reason"] == "held Set-Cookie: a=b"


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_unexpected_error_leaks_nothing(service, request_id, headers):
    response = service.get("/boom", headers={**headers, "X-Request-ID": request_id})
    assert response.status_code == 500
    assert "Internal Server Error" in response.text
    for secret in ("mysql", "hunter2", "db.internal", "SELECT", "RuntimeError", "Traceback", ".py"):
        assert secret not in response.text
        assert secret not in str(response.headers)


def test_unexpected_error_is_in_the_log_under_its_id(service, request_id):
    service.get("/boom", headers={"X-Request-ID": request_id})
    error, access = service.log(request_id, 2)
    assert (error["level"], error["event"], access["status"]) == ("error", "unhandled_error", 500)
    assert "RuntimeError: mysql://root:hunter2" in error["exception"]
    assert error["trace_id"] == access["trace_id"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/cached", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/echo", {"POST", "OPTIONS"}),
        ("POST", "/", {"GET", "HEAD", "OPTIONS"}),
        ("PROPFIND", "/", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/livez", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/readyz", {"GET", "HEAD", "OPTIONS"}),
        ("PUT", "/metrics", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_wrong_method_is_405_with_allow(service, method, path, allowed):
    response = service.request(method, path)
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.headers["allow"].split(", ")) == allowed


def test_other_method_of_what_no_route_takes_is_404(flask_service):
    assert flask_service.request("DELETE", "/items/99999999999").status_code == 404


@pytest.mark.parametrize("path", ["/", "/cached", "/echo", "/items/7", "/livez", "/readyz", "/metrics"])
def test_options_is_204_with_allow(service, path):
    response = service.request("OPTIONS", path)
    assert (response.status_code, response.content) == (204, b"")
    assert "OPTIONS" in response.headers["allow"]
    assert ("HEAD" in response.headers["allow"]) == (path != "/echo")
    assert "content-type" not in response.headers


def test_options_of_an_unknown_path_is_404(service):
    assert service.request("OPTIONS", "/nowhere").status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/items/3", "/items/0", "/page", "/livez", "/readyz", "/metrics", "/boom"]
)
def test_head_is_get_without_a_body(service, path):
    get, head = service.get(path), service.request("HEAD", path)
    assert head.content == b""
    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]
    if path not in ("/metrics", "/items/0", "/boom"):
        assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("path", ["/items/3/", "/whoami/", "/cached//"])
def test_trailing_slash_answers_without_a_redirect(service, path):
    assert service.get(path).status_code == 200


def test_html_gets_a_policy(service):
    response = service.get("/page")
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_body_past_its_limit_is_413(service):
    response = service.request("POST", "/echo", content=b"x" * 2001)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "The request body may have at most 2000 bytes."


def test_body_without_a_length_past_its_limit_is_413(service):
    response = service.request("POST", "/echo", content=(b"x" * 500 for _ in range(5)))
    assert response.status_code == 413


def test_body_at_its_limit_is_taken(service):
    assert service.request("POST", "/echo", content=b"x" * 2000).text == "2000"
    assert service.request("POST", "/echo", content=(b"x" * 500 for _ in range(4))).text == "2000"


def test_public_prefix_is_in_links(service):
    assert service.get("/whoami").json()["prefix"] == "/sample"
    assert service.get("/sample/whoami").json()["url"] == f"{service.url}/sample/whoami"


def test_optional_prefix_is_in_links_where_the_request_came_with_it(start):
    with start(ROOT_PATH="/sample", ROOT_PATH_OPTIONAL="true") as service:
        for path in ("/whoami", "/whoami/", "/sample/whoami", "/sample/whoami/"):
            prefix = "/sample" if path.startswith("/sample") else ""
            assert service.get(path).json()["prefix"] == prefix
            headers = {"X-Forwarded-Prefix": "/base"}
            assert service.get(path, headers=headers).json()["prefix"] == "/base"


def test_path_that_only_begins_like_the_prefix_is_not_cut(service):
    assert service.get("/samplewhoami").status_code == 404


def test_trusted_peer_is_believed(service):
    headers = {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7, 127.0.0.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "public.example",
        "X-Forwarded-Prefix": "/base",
        "Forwarded": "for=192.0.2.1",
    }
    assert service.get("/whoami", headers=headers).json() | {"pid": 0, "objects_spared": 0} == {
        "client": "198.51.100.7",
        "scheme": "https",
        "host": "public.example",
        "url": "https://public.example/base/whoami",
        "prefix": "/base",
        "pid": 0,
        "objects_spared": 0,
        "baggage": {},
    }


def test_several_forwarding_lines_are_one_list(service):
    headers = [("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-For", "127.0.0.1, 127.0.0.2")]
    assert service.get("/whoami", headers=headers).json()["client"] == "198.51.100.7"


@pytest.mark.parametrize(
    ("header", "value", "member", "expected"),
    [
        ("X-Forwarded-Proto", "gopher", "scheme", "http"),
        ("X-Forwarded-Proto", "https,http", "scheme", "http"),
        ("X-Forwarded-Prefix", "//evil.example", "prefix", "/sample"),
        ("X-Forwarded-Prefix", "/a/../b c", "prefix", "/sample"),
        ("X-Forwarded-Host", "evil.example/path?x", "host", None),
        ("X-Forwarded-For", "not-an-address", "client", "127.0.0.1"),
    ],
)
def test_forwarding_header_of_the_wrong_form_is_ignored(service, header, value, member, expected):
    expected = expected or service.url.removeprefix("http://")
    assert service.get("/whoami", headers={header: value}).json()[member] == expected


def test_untrusted_peer_is_not_believed(start):
    headers = {
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
    }
    with start(TRUSTED_PROXIES="192.0.2.0/24") as service:
        seen = service.get("/whoami", headers=headers).json()
        assert (seen["client"], seen["scheme"], seen["prefix"]) == ("127.0.0.1", "http", "")
        assert seen["url"] == f"{service.url}/whoami"


def test_forwarded_is_believed_instead_when_it_is_configured(start):
    headers = {"Forwarded": 'for="[2001:db8::9]:4711";proto=https', "X-Forwarded-For": "198.51.100.7"}
    with start(FORWARDED_HEADER="Forwarded") as service:
        assert service.get("/whoami", headers=headers).json()["client"] == "2001:db8::9"


def test_unicode_path_reaches_the_log(service, request_id):
    response = service.get("/kö/%C3%A4", headers={"X-Request-ID": request_id})
    assert response.status_code == 404
    assert response.json()["instance"] == "/sample/k%C3%B6/%C3%A4"
    assert service.log(request_id)[0]["path"].endswith("/kö/ä")


def test_strict_json_forms_are_400(service):
    bodies = [
        b"",
        b" ",
        b"{",
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": "a", "name": "b"}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b'\xef\xbb\xbf{"name": "a"}',
        b"[" * 900 + b"]" * 900,
        b'{"name": 1e999}',
    ]
    for body in bodies:
        response = service.request(
            "POST", "/items", content=body, headers={"Content-Type": "application/json"}
        )
        assert (body, response.status_code) == (body, 400)
        assert orjson.loads(response.content)["status"] == 400


def test_refused_client_may_finish_sending(fastapi_service):
    with socket.create_connection(("127.0.0.1", fastapi_service.port), timeout=10) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
        assert b" 413 " in connection.recv(65536)
        for _ in range(30):
            connection.sendall(b" " * 100_000)
        assert connection.recv(65536) == b""
