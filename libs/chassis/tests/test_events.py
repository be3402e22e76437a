import signal
import socket

import pytest

from chassis.testing import wait_until


def frames(lines, count):
    """The first `count` frames of an event stream."""
    found, current = [], []
    for line in lines:
        if line:
            current.append(line)
            continue
        found.append(current)
        current = []
        if len(found) == count:
            break
    return found


def test_events_are_framed(fastapi_service):
    with fastapi_service.http.stream("GET", "/events") as response:
        first, second, _ = frames(response.iter_lines(), 3)

    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert first == ["event: tick", r'data: {"text":"a\nb","number":0}', "id: 0"]
    assert second[2] == "id: 1"


def test_stream_ends_when_there_is_no_more(fastapi_service):
    assert fastapi_service.get("/events?count=1").text.endswith("id: 0\n\n")


def test_silence_is_filled_with_comments(fastapi_service):
    with fastapi_service.http.stream("GET", "/events?count=0&heartbeat=0.05") as response:
        (comment, _) = frames(response.iter_lines(), 2)

    assert comment[0].startswith(":")


def test_head_gets_the_headers_only(fastapi_service):
    response = fastapi_service.request("HEAD", "/events")

    assert response.headers["content-type"].startswith("text/event-stream")


def test_client_that_leaves_ends_the_generator(fastapi_service, request_id):
    with fastapi_service.http.stream("GET", "/events", headers={"X-Request-ID": request_id}) as response:
        frames(response.iter_lines(), 3)

    assert [line["event"] for line in fastapi_service.log(request_id, 2)].count("stream_ended") == 1


def test_streams_end_cleanly_when_the_service_does(start_fastapi):
    with start_fastapi() as service, service.http.stream("GET", "/events") as response:
        lines = response.iter_lines()
        frames(lines, 3)
        service.process.signal(signal.SIGTERM)

        assert list(lines) == []
        assert service.process.wait() == 0


@pytest.mark.parametrize("count", [20])
def test_slow_readers_hold_nothing_up(fastapi_service, count):
    readers = [socket.create_connection(("127.0.0.1", fastapi_service.port)) for _ in range(count)]
    for reader in readers:
        reader.sendall(b"GET /events HTTP/1.1\r\nHost: sample\r\n\r\n")
    wait_until(lambda: fastapi_service.metric("http_server_active_requests") >= count)

    assert fastapi_service.get("/items/7").status_code == 200
    for reader in readers:
        reader.close()
    wait_until(lambda: fastapi_service.metric("http_server_active_requests") == 0)
