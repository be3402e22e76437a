"""Who reaches whom: the edges of the picture in docs/architecture.md, and no other."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from .conftest import K8S, PROBE, PYTHON, SERVICES, Cluster, ask_again

CONNECT = (Path(__file__).parent / "connect.py").read_text()
WEB = {f"{service}-service": 8000 for service in SERVICES}
TARGETS = {
    **WEB,
    "shoutcloud-emulator": 8000,
    "gateway": 8080,
    "redis": 6379,
    "mysql": 3306,
    "jaeger": 4318,
    "kubernetes.default": 443,
}
EDGES = {
    "athlete-service": {"jaeger", "config-service"},
    "blog-service": {"jaeger", "mysql"},
    "config-service": {"jaeger", "mysql"},
    "ip-service": {"jaeger", "redis"},
    "shout-service": {"jaeger", "shoutcloud-emulator"},
}
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"
STAND_INS = [
    ({COMPONENT: "gateway"}, {*WEB, "shoutcloud-emulator"}),  # which has the labels of a service here
    ({COMPONENT: "secrets"}, {"kubernetes.default"}),
    ({NAME: "config-service", COMPONENT: "migration"}, {"mysql"}),
    ({NAME: "blog-service", COMPONENT: "migration"}, {"mysql"}),
    ({NAME: "redis", COMPONENT: "store"}, set()),
    ({NAME: "mysql", COMPONENT: "store"}, set()),
    ({NAME: "jaeger"}, set()),
]


def reachable_from(said: str) -> set[str]:
    return {name for name, is_open in json.loads(said).items() if is_open}


def ask_from_a_pod(
    cluster: Cluster, namespace: str, targets: dict[str, int], labels: dict[str, str] | None = None
) -> set[str]:
    """Ask in a new pod, which is never ready, so that nobody is sent to it whatever its labels are."""
    pod = deepcopy(PROBE)
    pod["metadata"]["labels"] = labels or {}
    container = pod["spec"]["containers"][0]
    container |= {
        "args": ["-c", CONNECT, json.dumps(targets)],
        "readinessProbe": {"exec": {"command": ["no"]}},
    }
    there = Cluster(cluster.kubeconfig, namespace)
    there.kubectl("apply", "--filename=-", text=yaml.safe_dump(pod))
    try:
        there.kubectl("wait", "pod/probe", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s")
        return reachable_from(there.kubectl("logs", "probe"))
    finally:
        there.kubectl("delete", "pod", "probe", "--wait=true", "--grace-period=0")


@pytest.mark.parametrize("service", EDGES)
def test_service_reaches_its_own_edges_only(deployed, service):
    targets = json.dumps({name: port for name, port in TARGETS.items() if name != service})
    pod = f"deployment/{service}"
    said = deployed.kubectl("exec", pod, "--container=service", "--", PYTHON, "-c", CONNECT, targets)
    assert reachable_from(said) == EDGES[service]


@pytest.mark.parametrize(("labels", "edges"), STAND_INS, ids=lambda value: "-".join(value))
def test_pod_in_the_place_of_another_reaches_its_edges_only(deployed, labels, edges):
    """In the place of what has no Python to ask with."""
    assert ask_from_a_pod(deployed, "quintet", TARGETS, labels) == edges


@pytest.fixture
def doors(deployed: Cluster) -> dict[str, int]:
    """Every address of ours as another namespace names it, and one metrics port of each service."""
    pods = [deployed.pods(f"{NAME}={service},{COMPONENT}=service")[0] for service in WEB]
    named = {f"{name}.quintet.svc.cluster.local": port for name, port in TARGETS.items() if "." not in name}
    return named | {pod["status"]["podIP"]: 9090 for pod in pods}


@pytest.fixture
def monitoring(cluster: Cluster) -> Iterator[str]:
    """The namespace where Prometheus usually is."""
    cluster.kubectl("create", "namespace", "monitoring")
    there = Cluster(cluster.kubeconfig, "monitoring")
    ask_again(lambda: "default" in there.kubectl("get", "serviceaccounts", check=False))
    yield "monitoring"
    cluster.kubectl("delete", "namespace", "monitoring", "--wait=false")


def test_stranger_in_the_namespace_reaches_nothing(deployed, doors):
    assert ask_from_a_pod(deployed, "quintet", doors) == set()


def test_stranger_elsewhere_reaches_the_gateway(deployed, doors):
    assert ask_from_a_pod(deployed, "default", doors) == {"gateway.quintet.svc.cluster.local"}


def test_monitoring_reaches_the_metrics_too(deployed, doors, monitoring):
    metrics = {address for address, port in doors.items() if port == 9090}
    assert len(metrics) == len(SERVICES)
    assert ask_from_a_pod(deployed, monitoring, doors) == metrics | {"gateway.quintet.svc.cluster.local"}


def test_only_the_shout_service_may_leave_the_cluster(render):
    policies = [d for d in render(K8S / "overlays/kubernetes") if d["kind"] == "NetworkPolicy"]
    everywhere = {
        policy["metadata"]["name"]
        for policy in policies
        for rule in policy["spec"].get("egress", [])
        for peer in rule["to"]
        if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    }
    assert everywhere == {"shout-service"}
    assert all(rule["to"] for policy in policies for rule in policy["spec"].get("egress", []))
