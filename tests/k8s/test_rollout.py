"""Restarts, scaling and lost pods under load."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from .conftest import SERVICES, ask_again, setting

CALLS = {
    "athlete": ("GET", "/athlete/", None),
    "blog": ("GET", "/blog/hello", None),
    "config": ("GET", "/config/configs", None),
    "ip": ("GET", "/ip/get-ip", None),
    "shout": ("POST", "/shout/v1", {"data": "hello"}),
}
full = pytest.mark.skipif(not setting("FULL"), reason="takes a machine of its own; FULL=1 runs it too")
PAUSE = 0.02  # between two requests of a client: the machine has work to do besides


class Load:
    """One client a service, that calls until it is told to stop.

    Attributes:
        answers: how often each service answered with each status; an error counts by its name.
    """

    def __init__(self, url: str, host: str) -> None:
        self.answers: Counter[tuple[str, str]] = Counter()
        self._url, self._host = url, host
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(service,)) for service in SERVICES]

    def _call(self, service: str) -> None:
        method, path, body = CALLS[service]
        with httpx.Client(
            base_url=self._url, headers={"Host": self._host}, trust_env=False, timeout=20
        ) as client:
            while not self._stop.wait(PAUSE):
                self.answers[service, outcome(client, method, path, body)] += 1

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def report(self, what: str) -> None:
        """Leave a line for docs/reliability.md in the output of `pytest -s`."""
        print(f"\n{what}: {sum(self.answers.values())} requests, lost: {self.failures}")  # noqa: T201

    @property
    def failures(self) -> dict[tuple[str, str], int]:
        return {key: number for key, number in self.answers.items() if not key[1].startswith("2")}


def outcome(client: httpx.Client, method: str, path: str, body: object) -> str:
    try:
        return str(client.request(method, path, json=body).status_code)
    except httpx.HTTPError as exc:
        return type(exc).__name__


@contextmanager
def under_load(url: str, host: str) -> Iterator[Load]:
    load = Load(url, host)
    load.start()
    try:
        yield load
    finally:
        load.stop()


def restart(deployed):
    deployed.kubectl("rollout", "restart", *(f"deployment/{service}-service" for service in SERVICES))
    deployed.wait_for_rollouts(600)


def scale(deployed):
    for replicas in (4, 2):
        for service in SERVICES:
            deployed.kubectl("scale", f"deployment/{service}-service", f"--replicas={replicas}")
        deployed.wait_for_rollouts(600)


@pytest.mark.parametrize(
    ("change", "way"),
    [
        (restart, "gateway"),
        pytest.param(restart, "ingress", marks=full),
        pytest.param(scale, "gateway", marks=full),
        pytest.param(scale, "ingress", marks=full),
    ],
)
def test_no_request_is_lost(deployed, suffix, way: str, change: Callable) -> None:
    address = deployed.address() if way == "ingress" else f"{deployed.node()}:30080"
    began = time.monotonic()
    with under_load(f"http://{address}", suffix) as load:
        change(deployed)
        ask_again(lambda: not [p for p in deployed.pods("") if p["metadata"].get("deletionTimestamp")], 180)
    load.report(f"{way}, {change.__name__}, {time.monotonic() - began:.0f} s")
    assert sum(load.answers.values()) > 500
    assert load.failures == {}


@full
def test_killed_pod_costs_at_most_what_was_in_flight(deployed, suffix):
    with under_load(f"http://{deployed.address()}", suffix) as load:
        for service in SERVICES:
            pod = deployed.pods(f"app.kubernetes.io/name={service}-service")[0]["metadata"]["name"]
            deployed.kubectl("delete", "pod", pod, "--force", "--grace-period=0")
        deployed.wait_for_rollouts(200)
    load.report("killed")
    assert all(number <= 2 for number in load.failures.values())
