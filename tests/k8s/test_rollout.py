"""Restarts, scaling and lost pods under a load from within the cluster."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from .conftest import FULL, OUTCOMES, SERVICES, Cluster, Row, full, setting, ways_in
from .load_job import CLIENTS, Load

REQUESTS = int(setting("REQUESTS", "100000" if FULL else "3000"))  # of all tests together
NAMES = [f"{service}-service" for service in SERVICES]
SECONDS = 3600


@contextmanager
def under_load(deployed: Cluster, host: str, requests: int) -> Iterator[list[Load]]:
    """Calls through both ways in at once; so many through each, at least."""
    with ExitStack() as jobs:
        yield [
            jobs.enter_context(Load(deployed, way).running(address, host, requests=requests))
            for way, address in ways_in(deployed).items()
        ]


def wait(deployed: Cluster, name: str) -> None:
    deployed.kubectl("rollout", "status", f"deployment/{name}", f"--timeout={SECONDS}s")


def restart(deployed: Cluster) -> None:
    """Every Deployment, one after the other: all pods at once would want more than two cores to start on."""
    for deployment in deployed.get("deployments")["items"]:
        name = deployment["metadata"]["name"]
        deployed.kubectl("rollout", "restart", "deployment", name)
        wait(deployed, name)


def scale(deployed: Cluster) -> None:
    for name in NAMES:
        for replicas in (2, 4, 2):
            deployed.kubectl("scale", "deployment", name, f"--replicas={replicas}")
            wait(deployed, name)


def kill(deployed: Cluster) -> None:
    for name in (*NAMES, "gateway"):
        pod = deployed.pods(f"app.kubernetes.io/name={name},!batch.kubernetes.io/job-name")[0]
        deployed.kubectl("delete", "pod", pod["metadata"]["name"], "--force", "--grace-period=0")
        wait(deployed, name)


@pytest.fixture
def replicas(deployed: Cluster) -> Iterator[None]:
    """As many pods as before."""
    before = {name: deployed.get("deployment", name)["spec"]["replicas"] for name in NAMES}
    yield
    for name, number in before.items():
        deployed.kubectl("scale", "deployment", name, f"--replicas={number}")
    deployed.wait_until_calm(SECONDS)


@pytest.mark.usefixtures("replicas")
@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (restart, 0),
        pytest.param(scale, 0, marks=full),
        pytest.param(kill, CLIENTS * (len(NAMES) + 1), marks=full),
    ],
)
def test_no_request_is_lost_but_those_in_a_killed_pod(
    deployed: Cluster, suffix: str, request: pytest.FixtureRequest, change: Callable, lost: int
) -> None:
    """A client waits for each answer, so a pod that is killed has no more than one request of each."""
    least, changes = REQUESTS // 6, 0
    with under_load(deployed, suffix, least) as loads:
        while not changes or any(load.account()["requests"] < least for load in loads):
            change(deployed)
            deployed.wait_until_calm(SECONDS)
            changes += 1
        accounts = {load.name: load.end() for load in loads}
    rows = [Row(change.__name__, changes, way, account) for way, account in accounts.items()]
    request.config.stash.setdefault(OUTCOMES, []).extend(rows)
    for account in accounts.values():
        assert account["lost"] <= lost * changes, account["first_lost"]
        assert account["lost_writes"] == 0
        assert {f"{service} 200" for service in SERVICES} <= account["outcomes"].keys()
