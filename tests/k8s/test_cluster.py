"""What the API server and the running pods say."""

import json
import secrets
from copy import deepcopy
from pathlib import Path

import httpx
import pytest
import yaml

from .conftest import PROBE, PYTHON, SERVICES, ask_again

CONNECT = (Path(__file__).parent / "connect.py").read_text()
WEB = {f"{service}-service": 8000 for service in SERVICES}
TARGETS = {**WEB, "shoutcloud-emulator": 8000, "gateway": 8080, "redis": 6379, "mysql": 3306, "jaeger": 4318}
EDGES = {
    "athlete-service": {"jaeger", "config-service"},
    "blog-service": {"jaeger", "mysql"},
    "config-service": {"jaeger", "mysql"},
    "ip-service": {"jaeger", "redis"},
    "shout-service": {"jaeger", "shoutcloud-emulator"},
}


def test_pod_without_a_security_context_is_refused(deployed):
    said = deployed.kubectl("run", "refused", "--image=redis:8.0", "--restart=Never", check=False)
    assert "violates PodSecurity" in said


def test_all_pods_run_as_somebody_without_rights(deployed):
    code = "print(open('/proc/self/status').read())"
    said = deployed.kubectl("exec", "deployment/ip-service", "--container=service", "--", PYTHON, "-c", code)
    assert "CapEff:\t0000000000000000" in said
    assert "NoNewPrivs:\t1" in said
    assert "Uid:\t65532" in said


def test_migrations_end_well(deployed):
    jobs = ("job/blog-migrate", "job/config-migrate")
    deployed.kubectl("wait", *jobs, "--for=condition=Complete", "--timeout=120s")


def test_secrets_stay_when_they_are_asked_for_again(deployed, overlay):
    before = deployed.get("secret", "ip-service")["data"]
    deployed.apply(overlay)
    deployed.kubectl("wait", "job/secrets", "--for=condition=Complete", "--timeout=60s")
    assert deployed.get("secret", "ip-service")["data"] == before


def reachable_from(said: str) -> set[str]:
    return {name for name, open_ in json.loads(said).items() if open_}


@pytest.mark.parametrize("service", EDGES)
def test_service_reaches_its_own_edges_only(deployed, service):
    targets = json.dumps({name: port for name, port in TARGETS.items() if name != service})
    pod = f"deployment/{service}"
    said = deployed.kubectl("exec", pod, "--container=service", "--", PYTHON, "-c", CONNECT, targets)
    assert reachable_from(said) == EDGES[service]


@pytest.mark.parametrize("namespace", ["quintet", "default"])
def test_stranger_reaches_the_gateway_at_most(deployed, namespace):
    pod = deepcopy(PROBE)
    targets = {f"{name}.quintet.svc.cluster.local": port for name, port in TARGETS.items()}
    pod["spec"]["containers"][0]["args"] = ["-c", CONNECT, json.dumps(targets)]
    option = f"--namespace={namespace}"
    deployed.kubectl("apply", option, "--filename=-", text=yaml.safe_dump(pod))
    try:
        deployed.kubectl(
            "wait", option, "pod/probe", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s"
        )
        reached = reachable_from(deployed.kubectl("logs", option, "probe"))
    finally:
        deployed.kubectl("delete", option, "pod", "probe", "--wait=true", "--grace-period=0")
    assert reached == ({"gateway.quintet.svc.cluster.local"} if namespace == "default" else set())


def addresses(client: httpx.Client, suffix: str) -> set[str] | None:
    answer = client.get("/ip/get-ip-list", headers={"Host": suffix, "Accept": "text/plain"})
    return set(answer.text.split()) if answer.status_code == 200 else None


@pytest.mark.parametrize("store", ["redis", "mysql"])
def test_data_survive_the_end_of_a_pod(deployed, client, suffix, store):
    name, host = f"survivor-{secrets.token_hex(8)}", {"Host": f"config.{suffix}"}
    body = {"dcname": name, "metadata": {"limits": {"cpu": {"enabled": True, "value": "300m"}}}}
    assert client.post("/configs", headers=host, json=body).is_success
    known, restarts = addresses(client, suffix), deployed.restarts()
    assert known
    deployed.kubectl("delete", "pod", f"{store}-0", "--wait=true")
    deployed.kubectl("rollout", "status", f"statefulset/{store}", "--timeout=120s")
    ask_again(lambda: client.get(f"/configs/{name}", headers=host).status_code == 200, 60)
    assert known <= ask_again(lambda: addresses(client, suffix), 60)
    assert deployed.restarts() == restarts
