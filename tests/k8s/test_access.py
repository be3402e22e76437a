"""The roles of k8s/base/namespace: whoever deploys, whoever looks."""

from collections.abc import Iterator

import pytest
import yaml

from .conftest import Cluster, run

BEYOND = ("Namespace", "Role", "RoleBinding")  # whoever owns the cluster makes these


@pytest.fixture(scope="module", params=["deployer", "reader"])
def person(request: pytest.FixtureRequest, deployed: Cluster) -> Iterator[str]:
    """Somebody who has one of the roles."""
    name = request.param
    deployed.kubectl("create", "rolebinding", name, f"--role={name}", f"--user={name}")
    yield name
    deployed.kubectl("delete", "rolebinding", name)


def may(deployed: Cluster, person: str, verb: str, kind: str) -> bool:
    return deployed.kubectl("auth", "can-i", verb, kind, f"--as={person}", check=False).strip() == "yes"


def test_nobody_reads_secrets_or_enters_pods(deployed, person):
    forbidden = [("get", "secrets"), ("list", "secrets"), ("create", "pods/exec"), ("create", "rolebindings")]
    assert [what for what in forbidden if may(deployed, person, *what)] == []


def test_both_see_what_runs(deployed, person):
    seen = ["pods", "pods/log", "events", "deployments", "jobs", "ingresses", "httproutes"]
    assert [kind for kind in seen if not may(deployed, person, "get", kind)] == []


def test_only_the_deployer_applies_the_manifests(deployed, person, overlay):
    documents = yaml.safe_load_all(run("kubectl", "kustomize", str(overlay)).stdout)
    text = yaml.safe_dump_all([d for d in documents if d["kind"] not in BEYOND])
    options = ("--server-side", "--dry-run=server", "--force-conflicts", f"--as={person}", "--filename=-")
    said = deployed.kubectl("apply", *options, text=text, check=False)
    assert ("forbidden" in said) is (person == "reader")
    assert person == "reader" or [line for line in said.splitlines() if "applied" not in line] == []
