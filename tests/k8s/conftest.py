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

OUTCOMES = pytest.StashKey[list["Row"]]()
READY_AFTER = pytest.StashKey[float]()
REPOSITORY = Path(__file__).parents[2]
K8S = REPOSITORY / "k8s"
OVERLAYS = ("minikube", "kind", "kubernetes", "openshift", "eks", "test")
SERVICES = ("athlete", "blog", "config", "ip", "shout")
NAMESPACE = "quintet"
PYTHON = "/usr/bin/python3.13"
CHART = str(K8S / "chart")
KUBERNETES = "--kube-version=1.36.0"
READY_SECONDS = int(os.environ.get("READY_SECONDS", "120"))  # noqa: TID251 - for a busy machine

# A pod that any namespace takes, to run Python in.
PROBE = yaml.safe_load("""
apiVersion: v1
kind: Pod
metadata: {name: probe}
spec:
  automountServiceAccountToken: false
  restartPolicy: Never
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: probe
      image: gcr.io/distroless/python3-debian13:nonroot
      imagePullPolicy: IfNotPresent
      securityContext:
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}
        readOnlyRootFilesystem: true
""")


@dataclass(frozen=True)
class Row:
    """What one way in answered to a load while something was changed some times."""

    change: str
    times: int
    way: str
    account: dict[str, Any]

    def __str__(self) -> str:
        counts = "{requests:>7} requests in {seconds:>4} s, sent again {repeated:>3}, lost {lost:>3}"
        lost = {name: n for name, n in self.account["outcomes"].items() if " 2" not in name}
        return (
            f"{self.change:<22} {self.times:>2} x  {self.way:<8}{counts.format(**self.account)} {lost or ''}"
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table that docs/reliability.md keeps."""
    rows = terminalreporter.config.stash.get(OUTCOMES, [])
    if seconds := terminalreporter.config.stash.get(READY_AFTER, None):
        terminalreporter.line(f"all pods were ready {seconds:.0f} s after the apply")
    if rows:
        terminalreporter.section("requests under change")
    for row in rows:
        terminalreporter.line(str(row))


def setting(name: str, default: str = "") -> str:
    return os.environ.get(name, default)  # noqa: TID251 - where the cluster is


FULL = bool(setting("FULL"))
full = pytest.mark.skipif(not FULL, reason="takes minutes of a machine of its own; FULL=1 runs it too")


def run(
    *command: str, text: str | None = None, check: bool = True, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with these variables besides ours."""
    environment = {**os.environ, **settings}  # noqa: TID251 - what it inherits
    done = subprocess.run(  # noqa: S603
        command, input=text, capture_output=True, text=True, check=False, env=environment
    )
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


def helm_template(*options: str) -> list[dict[str, Any]]:
    """Render the chart."""
    text = run("helm", "template", "quintet", CHART, "--namespace=quintet", KUBERNETES, *options).stdout
    return [d for d in yaml.safe_load_all(text) if d]


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
    namespace: str = NAMESPACE

    def kubectl(self, *arguments: str, text: str | None = None, check: bool = True) -> str:
        command = ("kubectl", f"--kubeconfig={self.kubeconfig}", f"--namespace={self.namespace}", *arguments)
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

    def wait_until_calm(self, seconds: int) -> None:
        """Wait until every workload has its pods and no pod is on its way out."""
        self.wait_for_rollouts(seconds)
        ask_again(lambda: not any("deletionTimestamp" in p["metadata"] for p in self.pods("")), seconds)

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


def ways_in(cluster: Cluster) -> dict[str, tuple[str, int]]:
    """Address and port of the ways in that take calls at the same time."""
    return {"ingress": (cluster.address(), 80), "gateway": (cluster.node(), 30080)}


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    if not (kubeconfig := setting("TEST_KUBECONFIG")):
        pytest.skip("TEST_KUBECONFIG names no cluster")
    return Cluster(kubeconfig)


def relative(path: Path, folder: Path) -> str:
    """How a kustomization in the folder names another; it takes no absolute path."""
    return os.path.relpath(path, folder.resolve())


def images_of() -> list[dict[str, str]]:
    """What a kustomization needs to take the images of TAG."""
    names = [f"{service}-service" for service in SERVICES] + ["gateway", "shoutcloud-emulator"]
    return [{"name": f"quintet/{name}", "newTag": setting("TAG", "test")} for name in names]


@pytest.fixture(scope="session")
def overlay(tmp_path_factory) -> Path:
    """The overlay `test` with the images that were built here."""
    folder = tmp_path_factory.mktemp("overlay")
    content = {"resources": [relative(K8S / "overlays/test", folder)], "images": images_of()}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content))
    return folder


@pytest.fixture(scope="session")
def deployed(cluster, overlay, pytestconfig) -> Iterator[Cluster]:
    """All of Quintet, ready within READY_SECONDS."""
    cluster.apply(overlay)
    began = time.monotonic()
    try:
        cluster.wait_for_rollouts(READY_SECONDS)
    except AssertionError as exc:
        exc.add_note(cluster.why())
        raise
    pytestconfig.stash[READY_AFTER] = time.monotonic() - began
    yield cluster
    if not setting("KEEP"):
        run(str(K8S / "scripts/destroy"), "--data", KUBECONFIG=cluster.kubeconfig)


@pytest.fixture(scope="session")
def suffix(render) -> str:
    """The suffix of host names in the overlay."""
    return yaml.safe_load((K8S / "overlays/test/platform/address.yaml").read_text())["data"]["suffix"]


@pytest.fixture
def client(deployed) -> Iterator[httpx.Client]:
    """Somebody who comes through the Ingress."""
    with httpx.Client(base_url=f"http://{deployed.address()}", trust_env=False, timeout=15) as client:
        yield client
