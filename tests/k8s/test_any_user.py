"""Every image as a user that it never heard of, as OpenShift starts it."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import K8S, PYTHON, READY_SECONDS, Cluster, images_of, relative

NAMESPACE = "quintet-any-user"
KINDS = ("ConfigMap", "Deployment", "Job", "Role", "RoleBinding", "Service", "ServiceAccount", "StatefulSet")


def as_openshift_admits(document: dict[str, Any], user: int) -> dict[str, Any]:
    """What the admission controller of OpenShift fills in; one replica of each is enough here."""
    document["metadata"]["namespace"] = NAMESPACE
    for subject in document.get("subjects", []):
        subject["namespace"] = NAMESPACE
    if "template" in document.get("spec", {}):
        security = document["spec"]["template"]["spec"]["securityContext"]
        assert "runAsUser" not in security
        security |= {"runAsUser": user, "fsGroup": user}
    if document["kind"] == "Deployment":
        document["spec"]["replicas"] = 1
    return document


@pytest.fixture(scope="module")
def user() -> int:
    """One of a range that OpenShift gives to a namespace."""
    return random.randrange(1_000_000_000, 1_010_000_000)  # noqa: S311 - not to be kept secret


@pytest.fixture(scope="module")
def everything(
    tmp_path_factory: pytest.TempPathFactory, render: Callable[[Path], list]
) -> list[dict[str, Any]]:
    """The overlay of OpenShift, and the images that it leaves out."""
    folder = tmp_path_factory.mktemp("any-user").resolve()
    names = ("overlays/openshift", "overlays/test/emulator")
    content = {
        "resources": [relative(K8S / name, folder) for name in names],
        "components": [relative(K8S / f"components/{name}", folder) for name in ("gateway", "tracing")],
        "images": images_of(),
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content))
    return [document for document in render(folder) if document["kind"] in KINDS]


@pytest.fixture(scope="module")
def admitted(cluster: Cluster, everything: list[dict[str, Any]], user: int) -> Iterator[Cluster]:
    namespace = yaml.safe_load((K8S / "base/namespace/namespace.yaml").read_text())
    namespace["metadata"]["name"] = NAMESPACE
    documents = [namespace, *(as_openshift_admits(document, user) for document in everything)]
    elsewhere = Cluster(cluster.kubeconfig, NAMESPACE)
    elsewhere.kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump_all(documents))
    try:
        elsewhere.wait_for_rollouts(READY_SECONDS)
    except AssertionError as exc:
        exc.add_note(elsewhere.why())
        raise
    else:
        yield elsewhere
    finally:
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=true", "--timeout=180s")


def test_every_image_runs_as_any_user(admitted: Cluster, user: int) -> None:
    pods = admitted.pods("")
    used = {c["image"].rpartition(":")[0].rpartition("/")[2] for p in pods for c in p["spec"]["containers"]}
    assert {"gateway", "ip-service", "jaeger", "mysql", "redis", "shoutcloud-emulator"} <= used
    for pod in pods:
        assert pod["spec"]["securityContext"]["runAsUser"] == user
        assert sum(c["restartCount"] for c in pod["status"]["containerStatuses"]) == 0
    code = "import os; print(os.getuid())"
    said = admitted.kubectl(
        "exec", "deployment/blog-service", "--container=service", "--", PYTHON, "-c", code
    )
    assert int(said) == user
