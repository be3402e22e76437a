"""The HorizontalPodAutoscaler of the component, with the patience and the thresholds of a small machine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import K8S, Cluster, ask_again, full, ways_in
from .load_job import Load

NAME = "shout-service"
SECONDS = 420


def impatient(autoscaler: dict[str, Any]) -> dict[str, Any]:
    """Less than two cores must do to scale up, and no coffee break before it scales down."""
    spec = autoscaler["spec"]
    spec["metrics"][0]["containerResource"]["target"]["averageValue"] = "60m"
    spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] = 15
    spec["behavior"]["scaleDown"]["policies"] = [{"type": "Pods", "value": 4, "periodSeconds": 15}]
    return autoscaler


@pytest.fixture
def minimum(deployed: Cluster, render: Callable[[Path], list[dict[str, Any]]]) -> Iterator[int]:
    """The fewest replicas that the autoscaler leaves."""
    documents = render(K8S / "components/autoscaling")
    autoscaler = impatient(next(d for d in documents if d["metadata"]["name"] == NAME))
    deployed.kubectl("apply", "--filename=-", text=yaml.safe_dump(autoscaler))
    fewest = autoscaler["spec"]["minReplicas"]
    yield fewest
    deployed.kubectl("delete", "hpa", NAME)
    deployed.kubectl("scale", "deployment", NAME, f"--replicas={fewest}")
    deployed.wait_until_calm(SECONDS)


@full
def test_load_brings_pods_and_its_end_takes_them_away_without_loss(
    deployed: Cluster, minimum: int, suffix: str
) -> None:
    def replicas() -> int:
        return deployed.get("deployment", NAME)["status"].get("readyReplicas", 0)

    address = ways_in(deployed)["gateway"]
    with Load(deployed, "autoscaling").running(address, suffix, pages=["shout"], pause=0) as load:
        ask_again(lambda: replicas() > minimum, SECONDS)
        load.slow_down()
        ask_again(lambda: replicas() == minimum, SECONDS)
        deployed.wait_until_calm(SECONDS)
        account = load.end()
    assert account["lost"] == 0, account["first_lost"]
