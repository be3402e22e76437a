"""The live feed of the config-service through the gateway: at once, kept alive, resumed."""

import secrets

import pytest


@pytest.fixture
def prefix():
    return f"e2e-{secrets.token_hex(8)}-"


@pytest.fixture(params=["", "localhost"], ids=["path", "host"])
def config(request, new_client):
    return new_client("config", request.param)


def write(config, name, number):
    answer = config.put(f"/v1/configs/{name}", json={"metadata": {"number": number}})
    assert answer.status_code in (200, 201)
    return answer.json()["revision"]


def listen(config, query, headers=None):
    """Give the lines of a watch; the answer is closed with it."""
    with config.stream("GET", f"/v1/watch?{query}", headers=headers, timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield from answer.iter_lines()


def ids(lines, count):
    """The ids of the next events that say something."""
    found, event = [], {}
    for line in lines:
        field, _, value = line.partition(": ")
        event[field] = value
        if not line:
            found += [int(event["id"])] if "data" in event else []
            event = {}
        if len(found) == count:
            return found
    raise AssertionError("the stream ended")


def test_event_arrives_while_the_stream_goes_on(config, new_client, prefix):
    since = write(config, f"{prefix}a", 0)
    lines = listen(config, f"prefix={prefix}&since={since}")
    other = new_client("config")

    for number in range(1, 4):
        revision = write(other, f"{prefix}a", number)
        assert ids(lines, 1) == [revision]
    lines.close()


def test_feed_resumes_after_the_last_event(config, prefix):
    revisions = [write(config, f"{prefix}{number}", number) for number in range(6)]

    lines = listen(config, f"prefix={prefix}&since={revisions[0]}")
    assert ids(lines, 2) == revisions[1:3]
    lines.close()
    lines = listen(config, f"prefix={prefix}", headers={"Last-Event-ID": str(revisions[2])})
    assert ids(lines, 3) == revisions[3:]
    lines.close()


def test_silent_feed_is_kept_alive(new_client, prefix):
    lines = listen(new_client("config"), f"prefix={prefix}")
    assert next(line for line in lines if line.startswith(":"))
    lines.close()
