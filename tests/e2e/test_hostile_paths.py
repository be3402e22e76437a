"""Addresses and methods that mean harm."""

import pytest

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
    ("ip", b"/get-ip-list?limit=%ff"),
    ("ip", b"/get-ip-list?cursor=%0d%0aX-Injected:%201"),
    ("ip", b"/v1/ips/%00"),
    ("ip", b"/v1/ips/%ff"),
    ("ip", b"/v1/ips?cidr=0.0.0.0/99&since=x&version=5"),
    ("config", b"/configs/%00"),
    ("config", b"/configs/%ff%fe"),
    ("config", b"/configs/..%2f..%2fdatacenter-1"),
    ("config", b"/configs/" + b"a" * 4000),
    ("config", b"/search?metadata.a%00b=1"),
    ("config", b"/search?metadata.limits.cpu.value=%27%20OR%201=1%20--"),
    ("config", b"/search?metadata.limits[0]..%22%24*=1"),
    ("config", b"/search?metadata." + b"a." * 2000 + b"a=1"),
    ("config", b"/search?" + b"&".join(b"metadata.a%d=1" % n for n in range(400))),
    ("config", b"/search?metadata.%ff=%ff"),
    ("shout", b"/v1?unit=%ff"),
    ("blog", b"/99999999999999999999"),
    ("blog", b"/-1"),
    ("blog", b"/?before=%00"),
    ("blog", b"/?before=1e999,9"),
    ("blog", b"/posts/%00"),
    ("blog", b"/posts/%ff"),
    ("blog", b"/posts/%0d%0aX-Injected:%201"),
    ("blog", b"/tags/%ff%00%0d%0aX-Injected:%201"),
    ("blog", b"/tags/%C3%89%20%0A"),
    ("blog", b"/authors/%00"),
    ("blog", b"/authors/..%2f..%2fetc"),
    ("blog", b"/auth/login?next=%0d%0aX-Injected:%201"),
    ("blog", b"/create?next=//evil.example/%0d%0aX-Injected:%201"),
]
ANYWHERE = [
    b"/%0d%0aX-Injected:%201",
    b"/" + b"%25" * 2000,
]


@pytest.mark.parametrize("target", TRAVERSALS)
def test_no_path_leads_out(door, target):
    reply = door.get(target)
    assert reply.status in (400, 404)
    assert b"root:" not in reply.body


@pytest.mark.parametrize("target", TRAVERSALS)
def test_no_path_leads_out_of_the_portal(wire, target):
    reply = wire.get(target)
    assert reply.status in (400, 404)
    assert b"root:" not in reply.body


@pytest.mark.parametrize("accept", [b"*/*", b"text/html"])
@pytest.mark.parametrize(("name", "target"), ODD)
def test_odd_address_breaks_nothing(wire, name, target, accept):
    is_harmless(wire.get(f"/{name}".encode() + target, b"Accept: " + accept))


@pytest.mark.parametrize(("name", "target"), ODD)
def test_odd_address_breaks_nothing_behind_the_gateway(new_door, name, target):
    is_harmless(new_door("direct", name).get(target))


@pytest.mark.parametrize("target", ANYWHERE)
def test_odd_address_breaks_nothing_anywhere(door, target):
    is_harmless(door.get(target))


def is_harmless(reply):
    assert 200 <= reply.status < 500
    assert reply.header("x-injected") == []
    if reply.status >= 400 and reply.header("x-request-id"):
        assert reply.header("content-type")[0] in ("application/problem+json", "text/html; charset=utf-8")


def test_markup_in_an_address_stays_text(door):
    reply = door.get(b"/<script>alert(1)</script>?<script>", b"Accept: text/html")
    assert reply.status in (400, 404)
    assert b"<script>" not in reply.body


@pytest.mark.parametrize("path", [b"", b"/nope"])
def test_markup_in_an_address_of_the_gateway_stays_text(wire, path):
    reply = wire.get(path + b"/<script>alert(1)</script>?<script>", b"Accept: text/html")
    assert reply.status in (400, 404)
    assert b"<script>" not in reply.body


@pytest.mark.usefixtures("gateway_stack")
@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"foo", b"G\x00T", b"GET\x7f", b"A" * 10_000])
def test_method_that_is_none_is_refused_by_the_gateway(wire, method):
    reply = wire.request(method, b"/athlete/")
    assert reply.status in (400, 405, 414)
    assert reply.header("content-type") == ["application/problem+json"]


@pytest.mark.parametrize("method", [b"FROBNICATE", b"PROPFIND", b"TRACE", b"CONNECT", b"A" * 5000])
def test_unknown_method_is_refused_in_words(door, method):
    reply = door.request(method, b"/nope")
    assert reply.status in (400, 404, 405)
    assert reply.header("content-type") == ["application/problem+json"]
    assert (reply.json()["status"], len(reply.header("x-request-id"))) == (reply.status, 1)
