"""The commands of docs/kubernetes.md that say of themselves that they were run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import K8S, REPOSITORY, Cluster, run

MARK = re.compile(r"^\$ (kubectl .+?) +# ✔$", re.MULTILINE)
COMMANDS = MARK.findall((REPOSITORY / "docs/kubernetes.md").read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader stands; what the commands write stays there."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "k8s").symlink_to(K8S)
    return folder


@pytest.fixture(scope="module")
def reader(deployed: Cluster) -> Iterator[Cluster]:
    """Somebody who tries them all; what they changed is as it was before afterwards."""
    yield deployed
    deployed.kubectl("delete", "rolebinding", "ada-deploys")
    deployed.kubectl("scale", "deployment", "shout-service", "--replicas=3")
    deployed.wait_until_calm(600)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_runs(reader, folder, command):
    run("bash", "-euc", f"cd {folder}; {command}", KUBECONFIG=reader.kubeconfig)


def test_backup_has_what_is_stored(reader, folder):
    assert "datacenter-1" in (folder / "backup.sql").read_text(errors="replace")
    assert list((folder / "redis-backup").rglob("*.aof"))
