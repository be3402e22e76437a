import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from chassis.testing import http_client, wait_until

TERM, INT = signal.SIGTERM, signal.SIGINT


def readyz(service):
    """Status of `/readyz`, or None when nobody listens."""
    try:
        return service.get("/readyz").status_code
    except httpx.TransportError:
        return None


@pytest.fixture
def in_background():
    """Runs a call in a thread; `.result()` gives what came out."""
    threads = []

    def run(call):
        box = []
        thread = threading.Thread(target=lambda: box.append(call()))
        thread.start()
        threads.append(thread)
        return lambda: (thread.join(10), box)[1][0]

    yield run
    for thread in threads:
        thread.join(10)


def test_drain_goes_on_serving_and_ends_well(start, request_id):
    with start(DRAIN_SECONDS="2") as service:
        assert readyz(service) == 200
        started = time.monotonic()
        service.process.signal(TERM)
        wait_until(lambda: readyz(service) == 503)
        assert service.get("/readyz?verbose").json()["status"] == "draining"
        assert service.get("/livez").status_code == 200
        answer = service.get("/items/3", headers={"X-Request-ID": request_id})
        assert answer.status_code == 200
        assert service.process.wait() == 0
        assert time.monotonic() - started >= 2
        assert service.log(request_id)
        assert service.spans(answer)
        assert service.process.errors.read_bytes() == b""


def test_clients_that_keep_connections_leave_during_the_drain(start):
    with start(DRAIN_SECONDS="60") as service, closing(HTTPConnection("127.0.0.1", service.port, 10)) as kept:
        assert ask(kept).getheader("Connection") is None
        service.process.signal(TERM)
        wait_until(lambda: readyz(service) == 503)
        assert ask(kept).getheader("Connection") == "close"
        assert kept.sock is None
        service.process.signal(TERM)


def test_server_hangs_up_after_its_last_answer(start):
    with start(DRAIN_SECONDS="60") as service:
        service.process.signal(TERM)
        wait_until(lambda: readyz(service) == 503)
        with (
            socket.create_connection(("127.0.0.1", service.port), 10) as client,
            client.makefile("rb") as answer,
        ):
            client.sendall(b"GET /items/3 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert answer.read().startswith(b"HTTP/1.1 200 ")
        service.process.signal(TERM)


def ask(connection):
    connection.request("GET", "/items/3")
    response = connection.getresponse()
    response.read()
    return response


def test_request_in_flight_is_finished_and_its_telemetry_flushed(start, in_background, request_id):
    with start(OTEL_BSP_SCHEDULE_DELAY="60000") as service:
        headers = {"X-Request-ID": request_id}
        answer = in_background(lambda: service.get("/slow?seconds=0.7", headers=headers))
        wait_until(lambda: service.metric("http_server_active_requests") == 1)
        service.process.signal(TERM)
        assert service.process.wait() == 0
        response = answer()
        assert (response.status_code, response.text) == (200, "done")
        assert {line["event"] for line in service.log(request_id, 2)} == {"slept", "request"}
        assert service.spans(response)


@pytest.mark.parametrize("signals", [(TERM, TERM), (INT, INT), (TERM, INT)])
def test_second_signal_ends_the_drain(start, signals):
    with start(DRAIN_SECONDS="60") as service:
        service.process.signal(signals[0])
        if signals[0] == TERM:
            wait_until(lambda: readyz(service) == 503)
            service.process.signal(signals[1])
        assert service.process.wait() == 0


def test_two_signals_at_the_same_moment_end_the_service(start):
    with start(DRAIN_SECONDS="60") as service:
        for number in (TERM, INT):
            service.process.signal(number)
        assert service.process.wait() == 0


def test_listener_closes_after_the_drain(start, in_background):
    with start(DRAIN_SECONDS="0.2") as service:
        answer = in_background(lambda: service.get("/slow?seconds=1"))
        wait_until(lambda: service.metric("http_server_active_requests") == 1)
        service.process.signal(TERM)
        wait_until(lambda: refuses(service.port))
        assert answer().status_code == 200
        assert service.process.wait() == 0


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return True
    return False


@pytest.mark.parametrize("workers", ["1", "2"])
def test_signal_to_the_whole_process_group_drains_too(start, workers):
    with start(DRAIN_SECONDS="60", WEB_CONCURRENCY=workers, own_group=True) as service:
        os.killpg(service.process.process.pid, TERM)
        wait_until(lambda: all_are_draining(service))
        assert service.get("/items/3").status_code == 200
        service.process.signal(TERM)
        assert service.process.wait() == 0


@pytest.mark.parametrize("start", ["fastapi"], indirect=True)  # granian counts the signals itself
def test_second_signal_ends_the_drain_of_a_worker_that_was_too_busy_for_the_first(start):
    with start(DRAIN_SECONDS="60", WEB_CONCURRENCY="2") as service:
        busy, other = two_workers(service)
        os.kill(busy, signal.SIGSTOP)
        service.process.signal(TERM)
        wait_until(lambda: readyz(service) == 503)
        service.process.signal(TERM)
        wait_until(lambda: ended(other))
        os.kill(busy, signal.SIGCONT)
        assert service.process.wait() == 0


def two_workers(service, besides=None):
    """Process ids of both workers, when there are two."""
    seen = set()

    def both_answer():
        with suppress(httpx.TransportError), http_client(service.url) as http:
            seen.add(http.get("/whoami").json()["pid"])
        return len(seen - {besides}) == 2

    wait_until(both_answer)
    return seen - {besides}


def ended(pid):
    """Whether a process is gone, or only waits to be read by its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_worker_started_while_the_service_stops_is_told_to(programs, tmp_path):
    command = [sys.executable, programs / "respawn.py", tmp_path]
    done = subprocess.run(command, timeout=30, check=False)  # noqa: S603
    assert done.returncode == 0


def all_are_draining(service):
    """Whether each of ten new connections meets a worker that drains."""
    for _ in range(10):
        with http_client(service.url) as http:
            if http.get("/readyz").status_code != 503:
                return False
    return True


def test_workers_do_not_outlive_a_killed_supervisor(start):
    with start(WEB_CONCURRENCY="2") as service:
        service.process.signal(signal.SIGKILL)
        wait_until(lambda: refuses(service.port))


def test_worker_that_dies_is_replaced(start):
    with start(WEB_CONCURRENCY="2") as service:
        first = service.get("/whoami").json()["pid"]
        os.kill(first, signal.SIGKILL)
        two_workers(service, besides=first)
        service.process.signal(TERM)
        assert service.process.wait() == 0
        assert all(line["service"] for line in service.lines())
