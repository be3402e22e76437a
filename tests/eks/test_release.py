"""The playbook releases a commit as to EKS: AWS is moto's, the cluster that of TEST_KUBECONFIG.

LOAD is a program that brings an image there, in place of a push to the registry.
"""

import json
import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from .conftest import PROGRAMS, REPOSITORY
from .test_playbook import ADDRESS, IMAGES, changed

LIKE_ON_EKS = {"storageclass/gp3": "storageclass/standard", "ingressclass/alb": "ingressclass/nginx"}


@pytest.fixture
def needed():
    """What this machine has of the variables and programs."""
    found = {name: os.environ.get(name) for name in ("TEST_KUBECONFIG", "LOAD")}  # noqa: TID251 - where the cluster is
    found |= {name.upper(): shutil.which(name) for name in ("docker", "kubectl")}
    if missing := [name for name, value in found.items() if not value]:
        pytest.skip(f"there is no cluster to release to: {', '.join(missing)} missing")
    return found


@pytest.fixture
def kubectl(needed):
    def kubectl(*arguments, **options):
        command = (needed["KUBECTL"], f"--kubeconfig={needed['TEST_KUBECONFIG']}", *arguments)
        return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout  # noqa: S603

    return kubectl


@pytest.fixture
def like_on_eks(kubectl):
    """The cluster's own disks and its own Ingress controller, by the names that they have on EKS."""
    for wanted, known in LIKE_ON_EKS.items():
        item = json.loads(kubectl("get", known, "--output=json"))
        item["metadata"] = {"name": wanted.partition("/")[2]}
        kubectl("apply", "--filename=-", input=json.dumps(item))
    yield
    kubectl("delete", *LIKE_ON_EKS)


@pytest.fixture
def release(account, needed, like_on_eks, tmp_path):
    """The account, with this repository's last commit to release."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, clone], check=True)  # noqa: S603, S607 - git of the machine
    account.play("deploy", "--tags=infrastructure")
    return replace(account, repository=clone, programs=PROGRAMS, settings=needed)


def test_commit_is_released_once_and_destroyed(release, kubectl):
    release.play("deploy", "--tags=release")
    pods = json.loads(kubectl("get", "pods", "--namespace=quintet", "--output=json"))["items"]
    images = {c["image"] for pod in pods for c in pod["spec"]["containers"]}
    assert {f"{ADDRESS}/quintet/{name}:{release.commit()}" for name in IMAGES} <= images
    assert changed(release.play("deploy", "--tags=release")) == 0

    release.play("destroy", "--extra-vars", "confirm=quintet")
    assert kubectl("get", "namespace", "quintet", "--ignore-not-found") == ""
    assert kubectl("get", "persistentvolumes", "--output=name") == ""
