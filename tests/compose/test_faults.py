"""What is lost when a container is: nothing that was answered, and nobody else's service."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .targets import CALLS, TARGETS, Entry, Ledger, read

WORKERS, PACE = 6, 0.02
SLACK = 1.0  # of a machine that does other things, too
RECOVERY = 5.0
PATIENCE = 30  # longer than the gateway's with a service
THREADS, MEBIBYTES = 40, 24
STORES = {"redis": {"ip"}, "mysql": {"blog", "config"}}


@contextmanager
def load(stack, request: Callable) -> Iterator[Ledger]:
    """Let several send requests at once, and keep account of the answers."""
    ledger, over = Ledger(), threading.Event()

    def work():
        with stack.client() as client:
            client.timeout = PATIENCE
            while not over.wait(PACE):
                ledger.append(Entry(*request(client)))

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
    """Take it away, and tell when."""
    process = stack.process(container)
    began = time.monotonic()
    if fault == "kill":
        os.kill(process, signal.SIGKILL)
    else:
        stack.compose(fault, container)
    return began


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


def look_at(stack, names):
    """Start, threads and resident MiB of services."""
    found = {}
    for each in stack.containers(*names):
        lines = Path(f"/proc/{each['State']['Pid']}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        memory = int(fields["VmRSS"].split()[0]) / 1024
        found[each["Name"]] = (each["State"]["StartedAt"], int(fields["Threads"]), memory)
    return found


def growth(before, after):
    """The most that a service took more, after a look at what must not be otherwise."""
    assert {name: state[0] for name, state in after.items()} == {
        name: state[0] for name, state in before.items()
    }
    assert max(threads for _, threads, _ in after.values()) < THREADS
    return max(after[name][2] - before[name][2] for name in before)


def statuses(stack, paths):
    with stack.client() as client:
        return {path: client.get(path).status_code for path in paths}


def readiness(stack, services):
    return set(statuses(stack, [f"/{service}/readyz" for service in services]).values())


def check_answers(target, ledger):
    assert ledger.kinds().keys() <= {target.good, *target.otherwise}
    for answer in (entry.answer for entry in ledger if entry.answer.status_code >= 500):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert int(answer.headers["retry-after"]) > 0


def count_lost(stack, target, ledger):
    """How much of what was acknowledged is not there."""
    if target.stored is None:
        return 0
    with stack.client() as client:
        return len({entry.key for entry in ledger.of(target.good)} - target.stored(client))


@pytest.mark.parametrize("fault", ["stop", "kill", "pause"])
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_fault_stays_where_it_is(stack, until, outcomes, target, fault):
    others = {f"{name}-service" for name in CALLS} - {target.name}
    with load(stack, target.send) as ledger:
        until(lambda: len(ledger.of(target.good)) > 20)
        before, is_felt = look_at(stack, others), target.notice(stack, target, ledger)
        began = begin(stack, target.name, fault)
        if fault != "kill":
            until(is_felt, 60)
            assert not target.is_needed or readiness(stack, target.users) == {503}
        untouched = statuses(stack, (CALLS[name] for name in CALLS.keys() - target.users))
        assert set(untouched.values()) == {200}, untouched
        grown = growth(before, look_at(stack, others))
        end(stack, target.name, fault)
        ended = time.monotonic()
        until(lambda: len(ledger.of(target.good, since=ended)) > 20, RECOVERY)
    until(lambda: readiness(stack, CALLS) == {200}, RECOVERY)
    back = began if fault == "kill" else ended
    recovery = ledger.last_but(target.good, since=back) - back
    lost, slowest = count_lost(stack, target, ledger), ledger.slowest(since=began)
    outcomes.append((target.name, fault, ledger.kinds(), lost, slowest, grown, recovery))
    check_answers(target, ledger)
    assert lost == 0
    assert grown < MEBIBYTES
    assert slowest < target.within(fault) + SLACK


@pytest.mark.parametrize("store", STORES)
def test_service_that_starts_before_its_store_becomes_ready(stack, until, store):
    stack.compose("stop", store)
    try:
        services = [f"{name}-service" for name in STORES[store]]
        stack.compose("restart", *services)
        until(lambda: readiness(stack, STORES[store]) == {503})
        started = look_at(stack, services)
    finally:
        stack.up("--no-recreate", store)
    until(lambda: readiness(stack, STORES[store]) == {200}, RECOVERY)
    growth(started, look_at(stack, services))


def test_replaced_replica_fails_no_request(stack, until):
    stack.up("--scale=athlete-service=2", "--no-recreate")
    try:
        with load(stack, read("athlete")) as ledger:
            for container in stack.containers("athlete-service"):
                stack.docker("restart", container["Id"])
                stack.up("--scale=athlete-service=2", "--no-recreate")
                count = len(ledger)
                until(lambda count=count: len(ledger) > count + 50)
        assert ledger.kinds().keys() == {"200"}
    finally:
        stack.up()
