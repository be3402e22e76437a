"""A cluster that TEST_KUBECONFIG names, with the images of TAG loaded, and all of Quintet on it."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
K8S = REPOSITORY / "k8s"
OVERLAYS = ("minikube", "kind", "kubernetes", "openshift", "eks", "test")
SERVICES = ("athlete", "blog", "config", "ip", "shout")
NAMESPACE = "quintet"
READY_SECONDS = int(os.environ.get("READY_SECONDS", "120"))  # noqa: TID251 - for a busy machine


def setting(name: str, default: str = "") -> str:
    return os.environ.get(name, default)  # noqa: TID251 - where the cluster is


def run(*command: str, text: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)  # noqa: S603
    assert not check or done.returncode == 0, (
        f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    )
    return done


def ask_again(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Ask for what takes a moment until it is there, and tell it."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"it did not come to be within {seconds} s"
        time.sleep(0.2)
    return result


def ok(client: httpx.Client, host: str, path: str) -> httpx.Response | None:
    """The answer, once it is a good one."""
    answer = client.get(path, headers={"Host": host})
    return answer if answer.status_code == 200 else None


@pytest.fixture(scope="session")
def render() -> Callable[[Path], list[dict[str, Any]]]:
    """Render a kustomization, each once."""
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    known: dict[Path, list[dict[str, Any]]] = {}

    def render(folder: Path) -> list[dict[str, Any]]:
        if folder not in known:
            known[folder] = list(yaml.safe_load_all(run("kubectl", "kustomize", str(folder)).stdout))
        return known[folder]

    return render


@dataclass(frozen=True)
class Cluster:
    """The cluster, seen from the namespace of Quintet."""

    kubeconfig: str

    def kubectl(self, *arguments: str, text: str | None = None, check: bool = True) -> str:
        command = ("kubectl", f"--kubeconfig={self.kubeconfig}", f"--namespace={NAMESPACE}", *arguments)
        done = run(*command, text=text, check=check)
        return done.stdout + (done.stderr if not check else "")

    def get(self, *arguments: str) -> dict[str, Any]:
        return json.loads(self.kubectl("get", *arguments, "--output=json"))

    def pods(self, selector: str) -> list[dict[str, Any]]:
        return self.get("pods", f"--selector={selector}")["items"]

    def restarts(self) -> dict[str, int]:
        """How often the containers of each service's pod were started again."""
        pods = self.pods("app.kubernetes.io/component=service")
        return {
            p["metadata"]["name"]: sum(c["restartCount"] for c in p["status"]["containerStatuses"])
            for p in pods
        }

    def apply(self, folder: Path) -> None:
        """Apply a kustomization; ended Jobs are made anew, as they cannot be changed."""
        self.kubectl("delete", "job", "--selector=app.kubernetes.io/part-of=quintet", "--ignore-not-found")
        text = run("kubectl", "kustomize", str(folder)).stdout
        self.kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", text=text)

    def wait_for_rollouts(self, seconds: int) -> None:
        """Wait until every workload has the pods it wants, all ready."""
        deadline = time.monotonic() + seconds
        for item in self.get("deployments,statefulsets")["items"]:
            name = f"{item['kind'].lower()}/{item['metadata']['name']}"
            left = max(1, int(deadline - time.monotonic()))
            self.kubectl("rollout", "status", name, f"--timeout={left}s")

    def address(self) -> str:
        """Where the ingress controller listens."""
        status = ask_again(lambda: self.get("ingress", "gateway")["status"]["loadBalancer"].get("ingress"))
        return status[0]["ip"]

    def node(self) -> str:
        addresses = self.get("nodes")["items"][0]["status"]["addresses"]
        return next(a["address"] for a in addresses if a["type"] == "InternalIP")

    def why(self) -> str:
        """What helps to see why pods are not ready."""
        return self.kubectl("get", "pods,jobs", check=False) + self.kubectl(
            "get", "events", "--field-selector=type=Warning", "--sort-by=.lastTimestamp", check=False
        )


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    if not (kubeconfig := setting("TEST_KUBECONFIG")):
        pytest.skip("TEST_KUBECONFIG names no cluster")
    return Cluster(kubeconfig)


@pytest.fixture(scope="session")
def overlay(tmp_path_factory) -> Path:
    """The overlay `test` with the images that were built here."""
    folder = tmp_path_factory.mktemp("overlay")
    names = [f"quintet/{s}-service" for s in SERVICES] + ["quintet/gateway", "quintet/shoutcloud-emulator"]
    images = [{"name": name, "newTag": setting("TAG", "test")} for name in names]
    resources = [os.path.relpath(K8S / "overlays" / "test", folder.resolve())]
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": resources, "images": images}))
    return folder


@pytest.fixture(scope="session")
def deployed(cluster, overlay) -> Iterator[Cluster]:
    """All of Quintet, ready; how long that took is in READY_SECONDS."""
    cluster.apply(overlay)
    try:
        cluster.wait_for_rollouts(READY_SECONDS)
    except AssertionError as exc:
        exc.add_note(cluster.why())
        raise
    yield cluster
    if not setting("KEEP"):
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=true", "--timeout=120s")


@pytest.fixture(scope="session")
def suffix(render) -> str:
    """The suffix of host names in the overlay."""
    return yaml.safe_load((K8S / "overlays/test/platform/address.yaml").read_text())["data"]["suffix"]


@pytest.fixture
def client(deployed) -> Iterator[httpx.Client]:
    """Somebody who comes through the Ingress."""
    with httpx.Client(base_url=f"http://{deployed.address()}", trust_env=False, timeout=15) as client:
        yield client
