"""Addresses and methods that mean harm."""

import pytest

SERVICES = ["ip", "config", "shout", "athlete", "blog"]
TRAVERSALS = [
    b"/../../../../etc/passwd",
    b"/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    b"/..%2f..%2f..%2fetc/passwd",
    b"/..%5c..%5cetc/passwd",
    b"/..\\..\\etc\\passwd",
    b"/....//....//etc/passwd",
    b"/.%00./etc/passwd",
    b"/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
    b"/..;/..;/etc/passwd",
    b"//etc/passwd",
    b"/etc/passwd%00.svg",
    b"/static/../../../../../../etc/passwd",
    b"/static/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd",
    b"/static//etc/passwd",
    b"/.git/config",
    b"/.env",
    b"/settings.py",
    b"/../routes.yaml",
    b"/nginx.conf",
]
ODD = [
    b"/ip/get-ip-list?limit=%ff",
    b"/ip/get-ip-list?cursor=%0d%0aX-Injected:%201",
    b"/ip/v1/ips/%00",
    b"/ip/v1/ips/%ff",
    b"/ip/v1/ips?cidr=0.0.0.0/99&since=x&version=5",
    b"/config/configs/%00",
    b"/config/configs/%ff%fe",
    b"/config/configs/..%2f..%2fdatacenter-1",
    b"/config/configs/" + b"a" * 4000,
    b"/config/search?metadata.a%00b=1",
    b"/config/search?metadata.limits.cpu.value=%27%20OR%201=1%20--",
    b"/config/search?metadata.limits[0]..%22%24*=1",
    b"/config/search?metadata." + b"a." * 2000 + b"a=1",
    b"/config/search?" + b"&".join(b"metadata.a%d=1" % n for n in range(400)),
    b"/config/search?metadata.%ff=%ff",
    b"/shout/v1?unit=%ff",
    b"/blog/99999999999999999999",
    b"/blog/-1",
    b"/blog/?before=%00",
    b"/blog/?before=1e999,9",
    b"/blog/posts/%00",
    b"/blog/posts/%ff",
    b"/blog/posts/%0d%0aX-Injected:%201",
    b"/blog/tags/%ff%00%0d%0aX-Injected:%201",
    b"/blog/tags/%C3%89%20%0A",
    b"/blog/authors/%00",
    b"/blog/authors/..%2f..%2fetc",
    b"/blog/auth/login?next=%0d%0aX-Injected:%201",
    b"/blog/create?next=//evil.example/%0d%0aX-Injected:%201",
    b"/athlete/%0d%0aX-Injected:%201",
    b"/%0d%0aX-Injected:%201",
    b"/" + b"%25" * 2000,
]


@pytest.mark.parametrize("target", TRAVERSALS)
@pytest.mark.parametrize("prefix", ["", *(f"/{service}" for service in SERVICES)])
def test_no_path_leads_out(wire, prefix, target):
    reply = wire.get(prefix.encode() + target)
    assert reply.status in (400, 404)
    assert b"root:" not in reply.body


@pytest.mark.parametrize("accept", [b"*/*", b"text/html"])
@pytest.mark.parametrize("target", ODD)
def test_odd_address_breaks_nothing(wire, target, accept):
    reply = wire.get(target, b"Accept: " + accept)
    assert 200 <= reply.status < 500
    assert reply.header("x-injected") == []
    if reply.status >= 400:
        assert reply.header("content-type")[0] in ("application/problem+json", "text/html; charset=utf-8")


@pytest.mark.parametrize("service", [*SERVICES, "nope", ""])
def test_markup_in_an_address_stays_text(wire, service):
    prefix = f"/{service}".encode().rstrip(b"/")
    reply = wire.get(prefix + b"/<script>alert(1)</script>?<script>", b"Accept: text/html")
    assert reply.status in (400, 404)
    assert b"<script>" not in reply.body


def request(wire, method, service):
    return wire.send(
        f"{method} /{service}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "foo", "G\x00T", "GET\x7f", "A" * 10_000])
@pytest.mark.parametrize("service", SERVICES)
def test_method_that_is_none_is_refused(wire, service, method):
    reply = request(wire, method, service)
    assert reply.status in (400, 405, 414)
    assert reply.header("content-type") == ["application/problem+json"]


UNKNOWN = pytest.mark.xfail(reason="uvicorn's parser answers an unknown method itself: 400, plain text")
PARSED = [pytest.param(service, marks=() if service == "blog" else UNKNOWN) for service in SERVICES]


@pytest.mark.parametrize("service", PARSED)
def test_unknown_method_is_refused_by_the_service(wire, service):
    reply = request(wire, "FROBNICATE", service)
    assert reply.status in (404, 405)
    assert reply.header("content-type")[0] != "text/plain; charset=utf-8" or service == "athlete"
