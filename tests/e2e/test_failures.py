"""What is lost when a store or a service is: nothing that was answered, and nothing but itself."""

import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from config_client import ConfigClient

PATHS = {
    "ip": "/ip/get-ip",
    "config": "/config/configs",
    "shout": "/shout/livez",
    "blog": "/blog/",
    "athlete": "/athlete/",
}
WORKERS, PACE = 16, 0.02
DEADLINE = 2.0


@dataclass
class Answer:
    """What a client was answered, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass
class Ledger:
    """What a load was answered, by the key that each request wrote."""

    answers: list[tuple[str, Answer]] = field(default_factory=list)

    def keys(self, status: int) -> set[str]:
        return {key for key, answer in self.answers if answer.status == status}

    def failures(self) -> list[Answer]:
        return [answer for _, answer in self.answers if answer.status >= 500]

    def since(self, count: int, status: int) -> int:
        return sum(answer.status == status for _, answer in self.answers[count:])


def call(stack, method, path, body=None, source=None):
    url, began = urlsplit(stack.url), time.monotonic()
    connection = http.client.HTTPConnection(
        "127.0.0.1", url.port, timeout=10, source_address=(source, 0) if source else None
    )
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        content = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, content, time.monotonic() - began)
    finally:
        connection.close()


def visit(stack) -> tuple[str, Answer]:
    """Be recorded as an address that never called before."""
    address = f"127.{'.'.join(str(1 + secrets.randbelow(254)) for _ in range(3))}"
    return address, call(stack, "GET", "/ip/get-ip", source=address)


def create(stack) -> tuple[str, Answer]:
    """Store a document that was not there before."""
    name = f"e2e-{secrets.token_hex(8)}"
    return name, call(stack, "POST", "/config/configs", json.dumps({"dcname": name, "metadata": {}}))


@contextmanager
def load(stack, write: Callable) -> Iterator[Ledger]:
    """Let many write at once, and keep account of the answers."""
    ledger, over = Ledger(), threading.Event()

    def work():
        while not over.wait(PACE):
            ledger.answers.append(write(stack))

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    try:
        yield ledger
    finally:
        over.set()
        for worker in workers:
            worker.join()


def process(stack, name):
    return stack.entry(name).identity.process()


def is_problem(answer, statuses):
    problem = json.loads(answer.body)
    assert answer.status in statuses
    assert (problem["status"], answer.headers["content-type"]) == (answer.status, "application/problem+json")
    assert problem["request_id"] == answer.headers["x-request-id"]
    return True


def check_others(stack, name):
    for other, path in PATHS.items():
        assert other == name or call(stack, "GET", path).status == 200


@pytest.mark.parametrize("failure", ["killed", "hung"])
def test_redis_lost_in_the_middle_of_a_load(own_stack, until, failure):
    with load(own_stack, visit) as ledger:
        until(lambda: len(ledger.keys(200)) > 50)
        store = process(own_stack, "valkey")
        store.kill() if failure == "killed" else store.suspend()
        try:
            until(lambda: len(ledger.failures()) > 20)
            check_others(own_stack, "ip")
            if failure == "hung":
                assert call(own_stack, "GET", "/ip/readyz").status == 503
                assert call(own_stack, "GET", "/ip/livez").status == 200
        finally:
            if failure == "hung":
                store.resume()
        count = len(ledger.answers)
        until(lambda: ledger.since(count, 200) > 50)
    assert {answer.status for _, answer in ledger.answers} == {200, 503}
    assert all(is_problem(answer, {503}) and answer.headers["retry-after"] for answer in ledger.failures())
    assert max(answer.seconds for answer in ledger.failures()) < DEADLINE
    assert own_stack.entry("ip").restarts == 0
    listed = set(call(own_stack, "GET", "/ip/get-ip-list").body.decode().split())
    assert ledger.keys(200) - listed == set()


@pytest.mark.parametrize("name", ["athlete", "blog", "ip", "shout"])
def test_killed_service_is_a_gateway_error_until_it_is_back(own_stack, until, name):
    process(own_stack, name).kill()
    failed = until(lambda: next((a for a in [call(own_stack, "GET", PATHS[name])] if a.status != 200), None))
    assert is_problem(failed, {502, 503})
    check_others(own_stack, name)
    until(lambda: call(own_stack, "GET", PATHS[name]).status == 200)
    assert own_stack.entry(name).restarts == 1


def test_killed_service_loses_no_answered_write(own_stack, until):
    with load(own_stack, create) as ledger:
        until(lambda: len(ledger.keys(204)) > 20)
        process(own_stack, "config").kill()
        until(lambda: len(ledger.failures()) > 5)
        check_others(own_stack, "config")
        count = len(ledger.answers)
        until(lambda: ledger.since(count, 204) > 20)
    assert all(is_problem(answer, {502, 503}) for answer in ledger.failures())
    listed = {document["dcname"] for document in json.loads(call(own_stack, "GET", "/config/configs").body)}
    assert ledger.keys(204) - listed == set()


def test_killed_service_loses_no_event(own_stack, until):
    prefix, seen = f"e2e-{secrets.token_hex(8)}-", []

    def watch():
        with ConfigClient(f"{own_stack.url}/config") as watching:
            for event in watching.watch(prefix, since="0"):
                seen.append(event.revision)
                if event.name == f"{prefix}end":
                    return

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ConfigClient(f"{own_stack.url}/config") as client:
        written = [client.put(f"{prefix}first", {}).revision]
        until(lambda: seen)
        process(own_stack, "config").kill()
        until(lambda: call(own_stack, "GET", PATHS["config"]).status != 200)
        until(lambda: call(own_stack, "GET", PATHS["config"]).status == 200)
        written += [client.put(f"{prefix}{number}", {}).revision for number in range(20)]
        written.append(client.put(f"{prefix}end", {}).revision)
    watcher.join(60)

    assert seen == written
