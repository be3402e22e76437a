"""Headers that mean harm: nobody is taken for someone else, nothing is injected, nothing breaks."""

import httpx
import pytest

from chassis.testing import running_service, valkey_server

FORGED = "203.0.113.66"
FORGERIES = [
    {"X-Forwarded-For": FORGED},
    {"X-Forwarded-For": f"{FORGED}, 127.0.0.1"},
    {"X-Forwarded-For": "<script>alert(1)</script>"},
    {"X-Forwarded-For": "127.0.0.1, " * 200 + FORGED},
    {"Forwarded": f"for={FORGED}"},
    {"Forwarded": 'for="[2001:db8::66]:80";proto=https;host=evil.example'},
    {"X-Real-IP": FORGED, "True-Client-IP": FORGED, "CF-Connecting-IP": FORGED, "X-Client-IP": FORGED},
]
PAGES = {"ip": b"/get-ip", "config": b"/configs/none", "shout": b"/v1", "blog": b"/hello", "athlete": b"/"}
NAMES = [
    b"Accept",
    b"Accept-Language",
    b"Authorization",
    b"Content-Type",
    b"Cookie",
    b"Forwarded",
    b"If-None-Match",
    b"Referer",
    b"User-Agent",
    b"X-Change-Reason",
    b"X-Forwarded-For",
    b"X-Forwarded-Host",
    b"X-Forwarded-Prefix",
    b"X-Forwarded-Proto",
    b"X-Request-ID",
    b"baggage",
    b"traceparent",
    b"tracestate",
    b"uber-trace-id",
]
PARSERS = pytest.mark.parametrize("door", ["gateway-athlete", "direct-athlete", "direct-blog"], indirect=True)


@pytest.fixture
def page(door):
    return PAGES[door.service]


@pytest.fixture
def untrusted(new_disguise, new_client):
    """Somebody whose forwarding headers the stack does not believe."""
    if new_disguise().headers:
        pytest.skip("this stack takes the tests for its front proxy")
    return new_client("ip")


@pytest.fixture(scope="module")
def outsider(tmp_path_factory):
    """Somebody who reaches an ip-service that believes another machine only."""
    folder = tmp_path_factory.mktemp("outsider")
    with valkey_server(folder) as store:
        environment = {"REDIS_URL": store.url, "TRUSTED_PROXIES": "192.0.2.0/24", "RATE_LIMIT": "off"}
        with (
            running_service("ip_service", folder, environment) as service,
            httpx.Client(base_url=service.url, trust_env=False) as client,
        ):
            yield client


@pytest.mark.parametrize("headers", FORGERIES, ids=" ".join)
def test_forged_address_is_not_believed(untrusted, headers):
    own = untrusted.get("/get-ip").text
    assert untrusted.get("/get-ip", headers=headers).text == own
    page = untrusted.get("/get-ip-list", headers={**headers, "Accept": "text/html"}).text
    assert FORGED not in page
    assert "<script" not in page


@pytest.mark.parametrize("headers", FORGERIES, ids=" ".join)
def test_service_itself_believes_its_proxies_only(outsider, headers):
    assert outsider.get("/get-ip", headers=headers).text == "127.0.0.1\n"
    headers |= {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    answer = outsider.get("/get-ip-list?limit=1", headers=headers)
    assert answer.text == "127.0.0.1\n"
    assert "evil" not in answer.headers.get("link", "")


@pytest.mark.usefixtures("told_apart")
def test_forged_address_does_not_lead_around_the_limit(untrusted):
    answers = [untrusted.get("/get-ip", headers={"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(21)]
    assert answers[-1].status_code == 429


@PARSERS
@pytest.mark.parametrize(
    "value", [b"a\rX-Injected: 1", b"a\nX-Injected: 1", b"a\x00b", b"a\r\n X-Injected: 1"]
)
@pytest.mark.parametrize("name", NAMES, ids=bytes.decode)
def test_line_break_in_a_header_injects_nothing(door, page, name, value):
    reply = door.get(page, name + b": " + value)
    assert reply.status in (200, 400)
    assert reply.header("x-injected") == []


@pytest.mark.parametrize("name", NAMES, ids=bytes.decode)
def test_bytes_that_are_no_text_break_nothing(door, page, name):
    reply = door.get(page, name + b": \xff\xfe\xc0\xaf\xed\xa0\x80'\"<b>")
    assert 200 <= reply.status < 500
    assert b"<b>" not in reply.body


@pytest.mark.usefixtures("gateway_stack")
@pytest.mark.parametrize("name", NAMES, ids=bytes.decode)
def test_header_of_ten_kilobytes_is_refused(wire, name):
    assert wire.get(b"/athlete/", name + b": " + b"a" * 10_240).status == 431


@pytest.mark.parametrize("name", NAMES, ids=bytes.decode)
def test_header_of_ten_kilobytes_breaks_no_service(door, page, name):
    reply = door.get(page, name + b": " + b"a, " * 3500)
    assert reply.status == 431 if door.has_limits else (200 <= reply.status < 500)


def test_many_headers_are_refused(door, page):
    count = 50 if door.has_limits else 600
    reply = door.get(page, *(b"X-%d: %s" % (n, b"a" * 1000) for n in range(count)))
    hung_up = 502 if door.prefix and not door.has_limits else 0  # in the middle of it
    assert reply.status in (431, hung_up)


def test_header_of_seven_kilobytes_is_served(door, page):
    assert door.get(page, b"X-Long: " + b"a" * 7000).status in (200, 405)


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 6\r\nTransfer-Encoding: chunked",
        b"Content-Length: 6\r\nContent-Length: 5",
        b"Content-Length: -1",
    ],
)
def test_ambiguous_length_is_never_two_requests(door, page, framing):
    if door.prefix and not door.has_limits:
        pytest.skip("an ingress controller reads these in its own way")
    smuggled = b"0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = b"POST " + door.prefix + page + b" HTTP/1.1\r\nHost: " + door.wire.host + b"\r\n"
    reply = door.wire.send(head + framing + b"\r\n\r\n" + smuggled)
    assert reply.status in ((400,) if door.has_limits else (400, 405))
    assert reply.status == 405 or reply.header("connection") == ["close"]
