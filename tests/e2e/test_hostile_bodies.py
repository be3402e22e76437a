"""Bodies that mean harm: too large, broken, or not what they say."""

import secrets
from itertools import repeat

import pytest

MEGABYTE = 1_000_000
JSON = b"Content-Type: application/json"
FORM = b"Content-Type: application/x-www-form-urlencoded"
SINKS = {
    "ip": b"/get-ip",
    "config": b"/configs",
    "shout": b"/v1",
    "blog": b"/auth/login",
    "athlete": b"/",
}
BROKEN = {
    "empty": b"",
    "blank": b" ",
    "cut short": b'{"data": "a',
    "two documents": b'{"data": "a"} {}',
    "single quotes": b"{'data': 'a'}",
    "comment": b'{"data": "a"} // a',
    "NaN": b'{"data": NaN}',
    "Infinity": b'{"data": -Infinity}',
    "duplicate key": b'{"data": "a", "data": "b"}',
    "duplicate key, escaped": b'{"data": "a", "d\\u0061ta": "b"}',
    "lone surrogate": b'{"data": "\\ud800"}',
    "lone surrogate as a key": b'{"\\udfff": "a"}',
    "no UTF-8": b'{"data": "\xff"}',
    "UTF-8 of a surrogate": b'{"data": "\xed\xa0\x80"}',
    "UTF-16": '{"data": "a"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"data": "a"}',
    "NUL": b'{"data": "\x00"}',
    "line break in a string": b'{"data": "\n"}',
    "deep lists": b"[" * 100_000,
    "deep lists, closed": b"[" * 50_000 + b"]" * 50_000,
    "deep objects": b'{"data":' * 20_000 + b"1" + b"}" * 20_000,
}


@pytest.fixture
def sink(door):
    return SINKS[door.service]


@pytest.fixture
def name():
    return f"e2e-{secrets.token_hex(8)}"


@pytest.fixture(scope="module")
def config(new_client):
    return new_client("config")


@pytest.fixture(scope="module")
def person(new_person):
    return new_person()


def hundred_megabytes(target, host):
    media_type = FORM if b"auth" in target else JSON
    yield b"POST " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + media_type
    yield b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield from repeat(b"%x\r\n%s\r\n" % (MEGABYTE, b" " * MEGABYTE), 100)
    yield b"0\r\n\r\n"


def test_announced_hundred_megabytes_are_refused(door, sink):
    reply = door.request(b"POST", sink, JSON, b"Content-Length: 100000000")
    assert (reply.status, reply.header("content-type")) == (413, ["application/problem+json"])


def test_announced_hundred_megabytes_are_refused_before_they_are_sent(door, sink):
    reply = door.request(b"POST", sink, JSON, b"Content-Length: 100000000", b"Expect: 100-continue")
    assert reply.status == 413


def test_unannounced_hundred_megabytes_are_refused(door, sink):
    reply = door.wire.stream(hundred_megabytes(door.prefix + sink, door.wire.host))
    takes_none = door.service in ("ip", "athlete") and not door.has_limits
    assert reply.status in ((405, 413) if takes_none else (413,))


@pytest.mark.parametrize("door", ["direct-config", "direct-shout", "direct-blog"], indirect=True)
def test_refused_body_is_not_kept_in_memory(embedded, door, sink):
    process = embedded.entry(door.service).identity.process()
    before = memory_of(process)
    for _ in range(3):
        door.wire.stream(hundred_megabytes(sink, door.wire.host))
    assert memory_of(process) - before < 40 * MEGABYTE


def memory_of(process):
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))


def test_portal_takes_no_body(wire):
    assert wire.request(b"POST", b"/", JSON, b"Content-Length: 100000000").status == 413
    assert wire.stream(hundred_megabytes(b"/", wire.host)).status in (405, 413)


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("target", [b"/config/configs", b"/shout/v1", b"/shout/v1/batch"], ids=bytes.decode)
def test_broken_json_is_400(wire, target, body):
    reply = wire.request(b"POST", target, JSON, b"Content-Length: %d" % len(body), body=body)
    assert (reply.status, reply.header("content-type")) == (400, ["application/problem+json"])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_broken_json_changes_nothing(config, method, body):
    before = config.get("/configs/datacenter-1").json()
    answer = config.request(
        method, "/configs/datacenter-1", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert config.get("/configs/datacenter-1").json() == before


@pytest.mark.parametrize("target", [b"/config/configs", b"/shout/v1", b"/shout/v1/batch"], ids=bytes.decode)
def test_body_without_a_type_is_415_and_no_body_is_400(wire, target):
    assert wire.request(b"POST", target, b"Content-Length: 2", body=b"{}").status == 415
    assert wire.request(b"POST", target).status == 400


@pytest.mark.parametrize("target", [b"/config/configs", b"/shout/v1"], ids=bytes.decode)
def test_compressed_body_is_not_taken_for_text(wire, target):
    body = b"\x1f\x8b\x08" + bytes(100)
    headers = (JSON, b"Content-Encoding: gzip", b"Content-Length: %d" % len(body))
    reply = wire.request(b"POST", target, *headers, body=body)
    assert reply.status in (400, 415)


@pytest.mark.parametrize(
    "value",
    ["<script>alert(1)</script>", "\x00\x1b[31m", "'; DROP TABLE config; --", "\u202e\U0001f4a9", "{{7*7}}"],
)
def test_odd_value_comes_back_as_it_was(config, name, value):
    document = {"dcname": name, "metadata": {"limits": {"cpu": {"value": value}}}}
    assert config.post("/configs", json=document).status_code == 204
    answer = config.get(f"/configs/{name}")
    assert answer.json() == [document]
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == (
        "application/json",
        "nosniff",
    )
    assert config.get("/search", params={"metadata.limits.cpu.value": value}).json().count(document) == 1


@pytest.mark.parametrize("bad", ["<b>", "a/b", "a b", "", "-a", "a" * 129, "é", "a\x00", "a\n", ".."])
def test_odd_name_is_422(config, bad):
    answer = config.post("/configs", json={"dcname": bad, "metadata": {}})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/dcname")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (FORM, b"username=%ff%fe&password=%00"),
        (FORM, b"&".join(b"a%d=1" % n for n in range(20_000))),
        (FORM, b"username=" + b"a" * 5 * MEGABYTE),
        (FORM, b"\xff\x00=\x00&&&==="),
        (
            b"Content-Type: multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="\x00',
        ),
        (b"Content-Type: multipart/form-data", b"--x--"),
        (b"Content-Type: multipart/form-data; boundary=" + b"x" * 5000, b"--x--"),
        (b"Content-Type: application/x-www-form-urlencoded; charset=utf-7", b"username=+ADw-script+AD4-"),
        (JSON, b"{}"),
    ],
)
def test_odd_form_is_refused(wire, media_type, body):
    reply = wire.request(
        b"POST", b"/blog/auth/login", media_type, b"Content-Length: %d" % len(body), body=body
    )
    assert 400 <= reply.status < 500


@pytest.mark.parametrize("path", ["/auth/register", "/auth/login", "/create"])
@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\x1b[31m", "\u202e", "\ufffe", "a" * 70_000])
def test_odd_text_in_a_form_breaks_nothing(person, path, value):
    answer = person.post(
        path, username=value, password=value, title=value, body=value, tags=value, publish_at=value
    )
    assert answer.status_code in (200, 400, 429)


@pytest.mark.parametrize("escape", [b"%ff", b"%ed%a0%80", b"\xff", b"%C3"])
def test_form_that_is_not_utf_8_is_refused(person, escape):
    answer = person.client.post(
        "/create",
        content=b"title=a" + escape + b"&csrf_token=" + person.token().encode(),
        headers={"Content-Type": FORM.partition(b": ")[2].decode()},
    )
    assert (answer.status_code, "The form is not UTF-8." in answer.text) == (400, True)
