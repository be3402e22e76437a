"""What is lost when a container is: nothing that was answered, and nobody else's service."""

import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

WORKERS, PACE = 6, 0.02
DEADLINE = 2.0
SLACK = 1.0  # of a machine that does other things, too
RECOVERY = 5.0
THREADS = 40
CALLS = {
    "athlete": "/athlete/",
    "blog": "/blog/",
    "config": "/config/configs/datacenter-1",
    "ip": "/ip/v1/ips/me",
    "shout": "/shout/readyz",
}
USERS = {"redis": {"ip"}, "mysql": {"blog", "config"}}


@dataclass
class Ledger:
    """What the load was answered, and by which key each request can be found again."""

    answers: list[tuple[str, httpx.Response]] = field(default_factory=list)

    def having(self, *statuses: int, since: int = 0) -> list[tuple[str, httpx.Response]]:
        return [each for each in self.answers[since:] if each[1].status_code in statuses]

    @property
    def failures(self) -> list[httpx.Response]:
        return [answer for _, answer in self.answers if answer.status_code >= 500]


def visit(client):
    """Be recorded as an address that never called before."""
    address = f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    return address, client.get("/ip/get-ip", headers={"X-Forwarded-For": address})


def create(client):
    """Store a document that was not there before."""
    name = f"fault-{secrets.token_hex(8)}"
    return name, client.post("/config/configs", json={"dcname": name, "metadata": {}})


def read(service):
    if service == "ip":
        return visit  # an address has only so many requests a minute
    return lambda client: ("", client.get(CALLS[service]))


WRITES = {"redis": (visit, 200), "mysql": (create, 204)}


def stored(stack, store):
    """The keys of all that a store has."""
    with stack.client() as client:
        if store == "redis":
            return set(client.get("/ip/get-ip-list").text.split())
        return {document["dcname"] for document in client.get("/config/configs").json()}


@contextmanager
def load(stack, request: Callable) -> Iterator[Ledger]:
    """Let several send requests at once, and keep account of the answers."""
    ledger, over = Ledger(), threading.Event()

    def work():
        with stack.client() as client:
            while not over.wait(PACE):
                ledger.answers.append(request(client))

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    try:
        yield ledger
    finally:
        over.set()
        for worker in workers:
            worker.join()


def begin(stack, container, fault):
    if fault == "kill":
        os.kill(stack.process(container), signal.SIGKILL)
    else:
        stack.compose(fault, container)


def end(stack, container, fault):
    """Bring it back; one that was killed comes back by itself."""
    if fault == "pause":
        stack.compose("unpause", container)
    else:
        stack.up("--no-recreate", container)


@pytest.fixture(autouse=True)
def healthy_end(stack, until):
    """Leave everything as it was, also where a health check takes its time to see it."""
    yield
    until(lambda: all(state["Status"] == "healthy" for state in health(stack)), 60)


def health(stack):
    return [each["State"]["Health"] for each in stack.containers() if "Health" in each["State"]]


def statuses(stack, services):
    with stack.client() as client:
        return {name: client.get(CALLS[name]).status_code for name in services}


def threads(stack, service):
    with open(f"/proc/{stack.process(f'{service}-service')}/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Threads:"))


def readiness(stack, service):
    with stack.client() as client:
        return client.get(f"/{service}/readyz").status_code


def check_failure(answer):
    assert (answer.status_code, answer.json()["status"]) == (503, 503)
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.elapsed.total_seconds() < DEADLINE + SLACK


@pytest.mark.parametrize("fault", ["stop", "kill", "pause"])
@pytest.mark.parametrize("store", WRITES)
def test_lost_store(stack, until, outcomes, store, fault):
    write, done = WRITES[store]
    users = [f"{service}-service" for service in USERS[store]]
    started = [each["State"]["StartedAt"] for each in stack.containers(*users)]
    with load(stack, write) as ledger:
        until(lambda: len(ledger.having(done)) > 20)
        begin(stack, store, fault)
        if fault != "kill":
            until(lambda: len(ledger.failures) > 10)
            assert {readiness(stack, service) for service in USERS[store]} == {503}
            others = statuses(stack, CALLS.keys() - USERS[store])
            assert set(others.values()) == {200}, others
            assert max(threads(stack, service) for service in USERS[store]) < THREADS
        end(stack, store, fault)
        count, began = len(ledger.answers), time.monotonic()
        until(lambda: len(ledger.having(done, since=count)) > 20, RECOVERY)
        recovery = time.monotonic() - began
    until(lambda: {readiness(stack, service) for service in USERS[store]} == {200}, RECOVERY)
    for answer in ledger.failures:
        check_failure(answer)
    assert {answer.status_code for _, answer in ledger.answers} <= {done, 503}
    assert [each["State"]["StartedAt"] for each in stack.containers(*users)] == started
    acknowledged = {key for key, _ in ledger.having(done)}
    lost = acknowledged - stored(stack, store)
    slowest = max((answer.elapsed.total_seconds() for answer in ledger.failures), default=0)
    outcomes.append((store, fault, len(acknowledged), len(lost), len(ledger.failures), slowest, recovery))
    assert lost == set()


@pytest.mark.parametrize("fault", ["stop", "pause"])
def test_lost_emulator_is_stood_in_for(stack, client, fault):
    begin(stack, "shoutcloud-emulator", fault)
    try:
        answer = client.post("/shout/v1", json={"data": (text := secrets.token_hex(8))})
        assert (answer.status_code, answer.json()) == (200, text[::-1].upper())
        assert set(statuses(stack, CALLS).values()) == {200}
    finally:
        end(stack, "shoutcloud-emulator", fault)


def test_jaeger_that_hangs_is_not_noticed(stack):
    begin(stack, "jaeger", "pause")
    try:
        with load(stack, read("athlete")) as ledger:
            assert set(statuses(stack, CALLS).values()) == {200}
        assert ledger.failures == []
    finally:
        end(stack, "jaeger", "pause")


@pytest.mark.parametrize("service", CALLS)
def test_killed_service_comes_back_by_itself(stack, until, outcomes, service):
    others = CALLS.keys() - {service}
    with load(stack, read(service)) as ledger:
        until(lambda: len(ledger.having(200)) > 10)
        begin(stack, f"{service}-service", "kill")
        until(lambda: ledger.failures)
        began = time.monotonic()
        assert set(statuses(stack, others).values()) == {200}
        count = len(ledger.answers)
        until(lambda: len(ledger.having(200, since=count)) > 20, 60)
        recovery = time.monotonic() - began
    assert {answer.status_code for _, answer in ledger.answers} <= {200, 502, 503}
    assert {answer.headers["content-type"] for answer in ledger.failures} == {"application/problem+json"}
    slowest = max(answer.elapsed.total_seconds() for answer in ledger.failures)
    outcomes.append((service, "kill", 0, 0, len(ledger.failures), slowest, recovery))


def test_replaced_replica_fails_no_request(stack, until):
    stack.up("--scale=athlete-service=2", "--no-recreate")
    try:
        with load(stack, read("athlete")) as ledger:
            for container in stack.containers("athlete-service"):
                stack.docker("restart", container["Id"])
                stack.up("--scale=athlete-service=2", "--no-recreate")
                count = len(ledger.answers)
                until(lambda count=count: len(ledger.answers) > count + 50)
        assert {answer.status_code for _, answer in ledger.answers} == {200}
    finally:
        stack.up()
