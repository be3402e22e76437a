"""Response headers: a service's own are kept, the rest is added, nothing is there twice."""

import pytest

SAFE = [
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "content-security-policy",
    "x-request-id",
]


def reply_with(door, *headers):
    query = "&".join(f"header={header}" for header in headers).replace(" ", "%20").replace(";", "%3B")
    return door.get(f"/blog/reply?{query}")


@pytest.mark.parametrize(
    "target", ["/", "/portal.js", "/services.json", "/readyz", "/nope", "/ip/", "/ip/readyz", "/ip/metrics"]
)
def test_security_headers_are_on_every_answer(door, target):
    reply = door.get(target)
    for name in SAFE:
        assert len(reply.header(name)) == 1, name
    assert reply.header("x-content-type-options") == ["nosniff"]
    assert "frame-ancestors 'none'" in reply.header("content-security-policy")[0]


def test_headers_of_a_service_are_not_doubled(door):
    reply = reply_with(
        door,
        "X-Content-Type-Options:nosniff",
        "Referrer-Policy:same-origin",
        "Permissions-Policy:camera=()",
        "X-Request-ID:another",
        "Content-Security-Policy:default-src 'none'; frame-ancestors 'none'",
    )
    assert reply.header("referrer-policy") == ["same-origin"]
    assert reply.header("permissions-policy") == ["camera=()"]
    assert reply.header("content-security-policy") == ["default-src 'none'; frame-ancestors 'none'"]
    for name in SAFE:
        assert len(reply.header(name)) == 1, name


@pytest.mark.parametrize(
    "policy", ["default-src 'self'", "frame-ancestors *", "default-src 'self'; frame-ancestors 'self'"]
)
def test_policy_of_a_service_is_kept_and_framing_refused(door, policy):
    reply = reply_with(door, f"Content-Security-Policy:{policy}")
    assert reply.header("content-security-policy") == [f"{policy}, frame-ancestors 'none'"]


def test_several_policies_of_a_service_are_all_kept(door):
    reply = reply_with(
        door, "Content-Security-Policy:default-src 'self'", "Content-Security-Policy:img-src *"
    )
    assert reply.header("content-security-policy") == [
        "default-src 'self', img-src *, frame-ancestors 'none'"
    ]


@pytest.mark.parametrize("target", ["/", "/nope", "/ip/"])
def test_server_has_no_version(door, target):
    assert door.get(target).header("server") == ["nginx"]


def test_service_cannot_redirect_inside_the_gateway(door):
    reply = reply_with(door, "X-Accel-Redirect:/services.json")
    assert reply.body == b"the service's own body"


def test_redirects_and_cookies_of_a_service_pass(door):
    reply = reply_with(door, "Location:/blog/auth/login", "Set-Cookie:a=1", "Set-Cookie:b=2", 'ETag:"x"')
    assert reply.header("location") == ["/blog/auth/login"]
    assert reply.header("set-cookie") == ["a=1", "b=2"]
    assert reply.header("etag") == ['"x"']


@pytest.mark.parametrize("status", [400, 404, 413, 422, 429, 500, 502, 503, 504])
def test_errors_of_a_service_pass_untouched(client, status):
    answer = client.get(f"/shout/reply?status={status}&header=Content-Type:text/plain&header=Retry-After:9")
    assert (answer.status_code, answer.text) == (status, "the service's own body")
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.headers["Retry-After"] == "9"
