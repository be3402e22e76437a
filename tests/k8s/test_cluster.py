"""What the API server and the running pods say."""

import secrets

import httpx
import pytest

from .conftest import PYTHON, ask_again


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


def addresses(client: httpx.Client, suffix: str) -> set[str] | None:
    answer = client.get("/ip/get-ip-list", headers={"Host": suffix, "Accept": "text/plain"})
    return set(answer.text.split()) if answer.status_code == 200 else None


@pytest.mark.parametrize("store", ["redis", "mysql"])
def test_data_survive_the_end_of_a_pod(deployed, client, suffix, store):
    name, host = f"survivor-{secrets.token_hex(8)}", {"Host": f"config.{suffix}"}
    body = {"dcname": name, "metadata": {"limits": {"cpu": {"enabled": True, "value": "300m"}}}}
    assert client.post("/configs", headers=host, json=body).is_success
    known, restarts = ask_again(lambda: addresses(client, suffix)), deployed.restarts()
    deployed.kubectl("delete", "pod", f"{store}-0", "--wait=true")
    deployed.kubectl("rollout", "status", f"statefulset/{store}", "--timeout=120s")
    ask_again(lambda: client.get(f"/configs/{name}", headers=host).status_code == 200, 60)
    assert known <= ask_again(lambda: addresses(client, suffix), 60)
    assert deployed.restarts() == restarts
