"""One service alone, as its overlay deploys it."""

from collections.abc import Callable, Iterator

import pytest
import yaml

from .conftest import K8S, READY_SECONDS, Cluster, images_of, relative

NAMESPACE = "quintet-alone"
SERVICE = "ip-service"  # the one with a store that it has to itself


@pytest.fixture
def alone(cluster: Cluster, render: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The overlay in a namespace of its own, which it does not share with the rest of Quintet."""
    folder = tmp_path_factory.mktemp("alone").resolve()
    content = {"resources": [relative(K8S / "overlays/kubernetes" / SERVICE, folder)], "images": images_of()}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content))
    text = yaml.safe_dump_all(render(folder)).replace("namespace: quintet\n", f"namespace: {NAMESPACE}\n")
    there = Cluster(cluster.kubeconfig, NAMESPACE)
    there.kubectl("create", "namespace", NAMESPACE)
    there.kubectl("apply", "--server-side", "--filename=-", text=text)
    there.wait_for_rollouts(READY_SECONDS)
    yield there
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=true", "--timeout=180s")


def test_service_is_ready_with_nothing_but_its_store(alone):
    workloads = {item["metadata"]["name"] for item in alone.get("deployments,statefulsets")["items"]}
    assert workloads == {SERVICE, "redis"}
    assert {item["metadata"]["name"] for item in alone.get("ingresses")["items"]} == {
        SERVICE,
        f"{SERVICE}-path",
    }
