"""The chart says the same as the kustomize base, and refuses what makes no sense."""

import re
import shutil

import pytest
import yaml

from .conftest import CHART, K8S, KUBERNETES, SERVICES, run
from .conftest import helm_template as template

HASH = re.compile(r"-[0-9a-z]{10}$")
WORKLOADS = ("Deployment", "StatefulSet", "Job")


@pytest.fixture(scope="module", autouse=True)
def helm():
    if not shutil.which("helm"):
        pytest.skip("helm is not installed; .ci/run builds it where there is go")


def refused(*options):
    return run("helm", "template", "quintet", CHART, KUBERNETES, *options, check=False).stderr


def without_hashes(value):
    """The same, with the names of generated ConfigMaps and Jobs as they are written, in one order."""
    if isinstance(value, dict):
        return {key: without_hashes(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [without_hashes(item) for item in value]
        named = all(isinstance(item, dict) and "name" in item for item in items)
        return sorted(items, key=lambda item: item["name"]) if named else items
    return HASH.sub("", value) if isinstance(value, str) else value


def by_name(documents, *kinds):
    chosen = [without_hashes(d) for d in documents if d["kind"] in kinds]
    return {f"{d['kind']} {d['metadata']['name']}": d for d in chosen}


def without_labels(template):
    return {key: value for key, value in template.items() if key != "metadata"}


def claims(spec):
    return [claim["spec"] for claim in spec.pop("volumeClaimTemplates", [])]


def test_workloads_are_those_of_the_base(render):
    chart, base = (by_name(d, *WORKLOADS) for d in (template(), render(K8S / "base")))
    assert chart.keys() == base.keys()
    for name in base:
        ours, theirs = chart[name]["spec"], base[name]["spec"]
        assert without_labels(ours.pop("template")) == without_labels(theirs.pop("template")), name
        assert claims(ours) == claims(theirs)
        assert ours == theirs


def test_services_budgets_and_settings_are_those_of_the_base(render):
    chart, base = (
        by_name(d, "Service", "PodDisruptionBudget", "ConfigMap") for d in (template(), render(K8S / "base"))
    )
    assert chart.keys() == base.keys()
    for name in base:
        for key in ("spec", "data"):
            assert chart[name].get(key) == base[name].get(key), name


def test_selectors_find_their_pods():
    for document in template():
        if document["kind"] in ("Deployment", "StatefulSet"):
            spec = document["spec"]
            assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()


def test_ways_in_are_those_of_the_component(render):
    options = ("--set", "ingress.enabled=true,ingress.suffix=quintet.example.com,ingress.className=nginx")
    chart = by_name(template(*options), "Ingress")
    wanted = by_name(render(K8S / "overlays/kubernetes"), "Ingress")
    for name in chart:
        assert chart[name]["spec"] == wanted[name]["spec"]
    assert len(chart) == 2 * len(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_one_service_alone_brings_its_store_only(service):
    others = [f"services.{other}-service.enabled=false" for other in SERVICES if other != service]
    names = set(by_name(template("--set", ",".join(others)), "Deployment", "StatefulSet"))
    store = {"ip": "redis", "blog": "mysql", "config": "mysql"}.get(service)
    assert names == {f"Deployment {service}-service"} | ({f"StatefulSet {store}"} if store else set())


def test_images_come_from_the_registry_with_the_tag():
    text = yaml.safe_dump(template("--set", "image.registry=ghcr.io/you/,image.tag=1.2.3"))
    assert "image: ghcr.io/you/quintet/ip-service:1.2.3" in text
    assert "image: redis:8.0" in text


def test_managed_store_takes_the_place_of_ours():
    documents = by_name(template("--set", "mysql.external=db.example.com"), "Service", "StatefulSet")
    assert documents["Service mysql"]["spec"] == {"type": "ExternalName", "externalName": "db.example.com"}
    assert "StatefulSet mysql" not in documents


@pytest.mark.parametrize(
    "setting",
    ["image.tag=latest", "replicas=3", "services.ip-service.replicas=-1", "services.ip-servce.enabled=false"],
)
def test_value_that_makes_no_sense_is_refused(setting):
    assert "values don't meet the specifications" in refused("--set", setting)


def test_linter_has_nothing_to_say():
    said = run("helm", "lint", "--strict", KUBERNETES, CHART)
    assert "0 chart(s) failed" in said.stdout
