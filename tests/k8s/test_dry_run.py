"""What the API server says to every overlay, component, addon and variant of the chart."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import K8S, OVERLAYS, SERVICES, Cluster, helm_template, run

OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
FOREIGN = {  # kinds that a cluster may have: the component with some, the Go module with their CRD, and where
    "Route": (
        "openshift-routes",
        "github.com/openshift/api@v0.0.0-20230607130528-611114dca681",
        "route/v1/route.crd.yaml",
    ),
    "Certificate": (
        "tls",
        "github.com/cert-manager/cert-manager@v1.21.2",
        "deploy/crds/cert-manager.io_certificates.yaml",
    ),
    "ServiceMonitor": (
        "monitoring",
        OPERATOR,
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
    "PrometheusRule": (
        "monitoring",
        OPERATOR,
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
}
REAL = [name for name in OVERLAYS if name != "test"]
OTHERS = ",".join(f"services.{service}-service.enabled=false" for service in SERVICES if service != "ip")
VARIANTS = {
    "default": "",
    "ingress": "ingress.enabled=true,ingress.tlsSecret=certificate,networkPolicies.enabled=true",
    "managed": "mysql.external=db.example.com,redis.external=cache.example.com,secrets.generate=false",
    "alone": OTHERS,
}


def complaints(cluster: Cluster, namespace: str, documents: list[dict[str, Any]]) -> list[str]:
    options = ("--server-side", "--dry-run=server", f"--namespace={namespace}", "--filename=-")
    said = cluster.kubectl("apply", *options, text=yaml.safe_dump_all(documents), check=False)
    return [line for line in said.splitlines() if "serverside-applied" not in line]


@contextmanager
def namespace_for(cluster: Cluster, document: dict[str, Any]) -> Iterator[str]:
    name = document["metadata"]["name"]
    cluster.kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump(document))
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="module")
def judge(cluster) -> Iterator[Callable]:
    """Ask what it says to documents in an empty namespace like ours, as what is there cannot be changed."""
    namespace = yaml.safe_load((K8S / "base/namespace/namespace.yaml").read_text())
    namespace["metadata"]["name"] = "quintet-dry-run"

    def judge(documents):
        chosen = [d for d in documents if d["kind"] not in (*FOREIGN, "Namespace")]
        text = yaml.safe_dump_all(chosen).replace("namespace: quintet\n", f"namespace: {name}\n")
        return complaints(cluster, name, list(yaml.safe_load_all(text)))

    with namespace_for(cluster, namespace) as name:
        yield judge


@pytest.mark.parametrize("name", REAL)
def test_overlay_brings_no_warning(judge, render, name):
    assert judge(render(K8S / "overlays" / name)) == []


@pytest.mark.parametrize("name", REAL)
def test_services_alone_bring_no_warning(judge, render, name):
    folders = [K8S / "overlays" / name / f"{service}-service" for service in SERVICES]
    assert judge([document for folder in folders for document in render(folder)]) == []


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_chart_brings_no_warning(judge, values):
    if not shutil.which("helm"):
        pytest.skip("helm is not installed; .ci/run builds it where there is go")
    assert judge(helm_template("--set", values)) == []


@contextmanager
def defined(cluster: Cluster, module: str, path: str) -> Iterator[None]:
    """Let the cluster know a kind for a while; Go checks the module against its checksum database."""
    download = run("go", "mod", "download", "-json", module, GOFLAGS="-mod=mod")
    file = f"--filename={Path(json.loads(download.stdout)['Dir']) / path}"
    cluster.kubectl("apply", "--server-side", file)
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", file)
    try:
        yield
    finally:
        cluster.kubectl("delete", file)


@pytest.mark.parametrize("kind", FOREIGN)
def test_kind_of_another_project_brings_no_warning(cluster, render, kind):
    if not shutil.which("go"):
        pytest.skip("there is no go to fetch the definition with")
    component, module, path = FOREIGN[kind]
    documents = [d for d in render(K8S / "components" / component) if d["kind"] == kind]
    with defined(cluster, module, path):
        assert documents
        assert complaints(cluster, "default", documents) == []


def test_disks_of_eks_bring_no_warning(judge):
    assert judge([yaml.safe_load((K8S / "eks/storageclass.yaml").read_text())]) == []


def test_logging_brings_no_warning(cluster, render):
    documents = render(K8S / "addons/logging")
    with namespace_for(cluster, next(d for d in documents if d["kind"] == "Namespace")) as name:
        assert complaints(cluster, name, documents) == []
