"""An earlier version of the chart becomes this one with its data, and goes back to what it was."""

import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .conftest import K8S, PYTHON, REPOSITORY, SERVICES, Cluster, full, run, setting

RELEASE = NAMESPACE = "quintet-upgrade"
FIRST = "e008ca8"  # the first commit with a chart
MINUTES = "--timeout=10m"
ASK = """
import sys, urllib.request
method, path, body = sys.argv[1:]
request = urllib.request.Request("http://localhost:8000" + path, body.encode() or None, method=method)
request.add_header("Content-Type", "application/json")
print(urllib.request.urlopen(request, timeout=10).read().decode())
"""


@dataclass(frozen=True)
class Release:
    """One release of the chart, in a namespace of its own."""

    cluster: Cluster

    def helm(self, *arguments: str) -> str:
        options = (f"--kubeconfig={self.cluster.kubeconfig}", f"--namespace={NAMESPACE}")
        return run("helm", *options, *arguments).stdout

    def install(self, chart: Path, *values: str) -> None:
        small = [f"services.{service}-service.replicas=1" for service in SERVICES]
        chosen = ",".join([f"image.tag={setting('TAG', 'test')}", *small, *values])
        self.helm("upgrade", "--install", RELEASE, str(chart), "--set", chosen, "--wait", MINUTES)

    def ask(self, service: str, path: str, method: str = "GET", body: str = "") -> str:
        """Make a request inside the service's pod."""
        pod = f"deployment/{service}-service"
        command = ("exec", pod, "--container=service", "--", PYTHON, "-c", ASK, method, path, body)
        return self.cluster.kubectl(f"--namespace={NAMESPACE}", *command)

    def setting_of(self, service: str, name: str) -> str:
        code = f"import os; print(os.environ['{name}'])"
        pod = f"deployment/{service}-service"
        options = ("--container=service", "--", PYTHON, "-c", code)
        return self.cluster.kubectl(f"--namespace={NAMESPACE}", "exec", pod, *options).strip()


@pytest.fixture(scope="module")
def earlier_chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart as it was, packed with the number of an earlier version."""
    if not shutil.which("helm"):
        pytest.skip("helm is not installed; .ci/run builds it where there is go")
    if run("git", "-C", str(REPOSITORY), "cat-file", "-e", FIRST, check=False).returncode:
        pytest.skip("a shallow clone does not know the first chart")
    folder = tmp_path_factory.mktemp("earlier")
    archive = str(folder / "k8s.tar")
    run("git", "-C", str(REPOSITORY), "archive", f"--output={archive}", FIRST, "k8s")
    run("tar", "--extract", f"--file={archive}", f"--directory={folder}")
    run("helm", "package", "--version=0.0.9", f"--destination={folder}", str(folder / "k8s/chart"))
    return folder / "quintet-0.0.9.tgz"


@pytest.fixture(scope="module")
def release(cluster: Cluster, earlier_chart: Path) -> Iterator[Release]:
    """The earlier version, running with settings of its own."""
    release = Release(cluster)
    cluster.kubectl("create", "namespace", NAMESPACE)
    try:
        release.install(earlier_chart, "environment.LOG_LEVEL=warning")
        yield release
    finally:
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=true", "--timeout=180s")


def history(release: Release) -> list[dict[str, Any]]:
    return json.loads(release.helm("history", RELEASE, "--output=json"))


@full
def test_data_stay_through_an_upgrade_and_a_rollback(release: Release) -> None:
    name = f"upgrade-{secrets.token_hex(4)}"
    document = {"dcname": name, "metadata": {"limits": {"cpu": {"enabled": True, "value": "300m"}}}}

    def has_its_data() -> bool:
        addresses = release.ask("ip", "/get-ip-list").split()
        return addresses == ["127.0.0.1"] and json.loads(release.ask("config", f"/configs/{name}")) == [
            document
        ]

    release.ask("config", "/configs", "POST", json.dumps(document))
    assert release.ask("ip", "/get-ip").strip() == "127.0.0.1"
    assert has_its_data()

    release.install(K8S / "chart", "environment.LOG_LEVEL=debug")
    assert release.setting_of("config", "LOG_LEVEL") == "debug"
    assert has_its_data()
    release.helm("test", RELEASE)

    release.helm("rollback", RELEASE, "1", "--wait", MINUTES)
    assert release.setting_of("config", "LOG_LEVEL") == "warning"
    assert has_its_data()
    assert [entry["chart"] for entry in history(release)] == [
        "quintet-0.0.9",
        "quintet-0.1.0",
        "quintet-0.0.9",
    ]
