"""What can be said of the manifests without a cluster."""

import re
import sys

import pytest
import yaml

from .conftest import K8S, OVERLAYS, REPOSITORY, SERVICES, run

FOLDERS = [K8S / "overlays" / o for o in OVERLAYS]
FOLDERS += [K8S / "overlays" / o / f"{s}-service" for o in OVERLAYS if o != "test" for s in SERVICES]
WORKLOADS = ("Deployment", "StatefulSet", "Job", "DaemonSet")


def workloads(documents):
    return [d for d in documents if d["kind"] in WORKLOADS]


def containers(workload):
    pod = workload["spec"]["template"]["spec"]
    return [*pod.get("initContainers", []), *pod["containers"]]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: str(f.relative_to(K8S / "overlays")))
def test_every_container_is_locked_in(render, folder):
    for workload in workloads(render(folder)):
        pod = workload["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers(workload):
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: str(f.relative_to(K8S / "overlays")))
def test_every_container_has_requests_limits_and_an_exact_image(render, folder):
    for workload in workloads(render(folder)):
        for container in containers(workload):
            assert set(container["resources"]) == {"requests", "limits"}
            assert container["imagePullPolicy"] == "IfNotPresent"
            assert ":" in container["image"]
            assert not container["image"].endswith(":latest")


@pytest.mark.parametrize("name", OVERLAYS)
def test_only_the_secrets_job_has_a_token(render, name):
    pods = {
        w["metadata"]["name"]: w["spec"]["template"]["spec"]
        for w in workloads(render(K8S / "overlays" / name))
    }
    assert {name for name, pod in pods.items() if pod["automountServiceAccountToken"]} == {"secrets"}


def test_openshift_pins_no_user(render):
    text = yaml.safe_dump_all(render(K8S / "overlays" / "openshift"))
    assert "runAsUser" not in text
    assert "fsGroup:" not in text


def test_services_roll_out_without_a_gap(render):
    for document in render(K8S / "base"):
        if document["kind"] == "Deployment":
            assert document["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
            names = {probe for c in document["spec"]["template"]["spec"]["containers"] for probe in c}
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= names


def test_replicas_are_those_that_are_promised(render):
    replicas = {
        d["metadata"]["name"]: d["spec"]["replicas"]
        for d in render(K8S / "base")
        if d["kind"] == "Deployment"
    }
    expected = {"athlete": 3, "blog": 2, "config": 3, "ip": 2, "shout": 3}
    assert replicas == {f"{service}-service": number for service, number in expected.items()}


def test_no_secret_is_in_the_repository(render):
    for folder in FOLDERS:
        assert not [d for d in render(folder) if d["kind"] == "Secret"]


def test_ways_in_are_those_of_the_routing_table():
    done = run(sys.executable, str(K8S / "scripts" / "render_routes.py"), "--check", check=False)
    assert done.returncode == 0, (
        f"not up to date; run k8s/scripts/render_routes.py:\n{done.stdout}{done.stderr}"
    )


def test_components_can_be_combined(render, tmp_path_factory):
    names = ("gateway-api", "monitoring", "tls", "external-stores")
    folder = K8S / "overlays" / "kubernetes"
    root = tmp_path_factory.mktemp("components").resolve()
    up = "/".join([".."] * len(root.parts[1:]))
    components = [f"{up}{K8S}/components/{name}" for name in ("ingress", *names)] + [f"{up}{folder}/platform"]
    content = {"resources": [f"{up}{K8S}/base"], "components": components}
    (root / "kustomization.yaml").write_text(yaml.safe_dump(content))
    kinds = {document["kind"] for document in render(root)}
    assert {"Certificate", "HTTPRoute", "PrometheusRule", "ServiceMonitor"} <= kinds
    assert "StatefulSet" not in kinds


def compose_services() -> dict[str, dict]:
    found: dict[str, dict] = {}
    for file in REPOSITORY.glob("services/*/*.yaml"):
        if file.name in ("compose.yaml", "store.yaml"):
            found |= yaml.safe_load(file.read_text())["services"]
    return found | yaml.safe_load((REPOSITORY / "compose/mysql.yaml").read_text())["services"]


@pytest.mark.parametrize("name", ["athlete-service", "blog-service", "config-service", "ip-service"])
def test_environment_is_that_of_compose(render, name):
    documents = render(K8S / "base")
    config = next(d for d in documents if d["kind"] == "ConfigMap" and d["metadata"]["name"].startswith(name))
    environment = compose_services()[name].get("environment", {})
    fixed = {name: value for name, value in environment.items() if "${" not in value}  # the shell sets others
    assert fixed.items() <= config["data"].items()
    base = yaml.safe_load((REPOSITORY / "compose/base.yaml").read_text())["services"]["service"][
        "environment"
    ]
    for same in ("SERVE_PORT", "TRUSTED_PROXIES"):
        assert config["data"][same] == base[same]


@pytest.mark.parametrize("name", ["mysql", "redis"])
def test_stores_are_those_of_compose(render, name):
    wanted = compose_services()[name]
    workload = next(w for w in workloads(render(K8S / "base")) if w["metadata"]["name"] == name)
    container = containers(workload)[0]
    images = dict(line.split("=", 1) for line in (REPOSITORY / ".env").read_text().split() if "=" in line)
    assert container["image"] == images[f"{name.upper()}_IMAGE"]
    assert " ".join(container["args"]).split() == " ".join(wanted["command"]).replace('""', "").split()
    assert container["resources"]["limits"]["memory"] == wanted["mem_limit"].replace("m", "Mi")


def test_database_rights_are_those_of_compose():
    files = (K8S / "base/mysql/account.sh", REPOSITORY / "compose/mysql/account.sh")
    ours, theirs = (file.read_text().partition("<<SQL\n")[2] for file in files)
    assert ours == theirs


def monitoring(render, kind):
    chosen = (d for d in render(K8S / "components/monitoring") if d["kind"] == kind)
    return next(chosen)


def test_rules_are_those_of_compose(render):
    wanted = yaml.safe_load((REPOSITORY / "compose/monitoring/prometheus/rules.yaml").read_text())
    assert monitoring(render, "PrometheusRule")["spec"] == wanted


def test_dashboard_is_that_of_compose(render):
    wanted = (REPOSITORY / "compose/monitoring/grafana/dashboards/services.json").read_text()
    dashboard = monitoring(render, "ConfigMap")
    assert dashboard["data"] == {"services.json": wanted}
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_metrics_have_the_labels_that_compose_gives_them(render):
    prometheus = yaml.safe_load((REPOSITORY / "compose/monitoring/prometheus/prometheus.yaml").read_text())
    job = next(job for job in prometheus["scrape_configs"] if job["job_name"] == "services")
    (endpoint,) = monitoring(render, "ServiceMonitor")["spec"]["endpoints"]
    given = {"job", *(relabeling["target_label"] for relabeling in job["relabel_configs"])}
    assert {relabeling["targetLabel"] for relabeling in endpoint["relabelings"]} == given
    assert endpoint["interval"] == prometheus["global"]["scrape_interval"]


def test_metrics_of_every_service_are_scraped(render):
    selector = monitoring(render, "Service")["spec"]["selector"]
    monitor = monitoring(render, "ServiceMonitor")["spec"]
    assert (
        monitor["selector"]["matchLabels"].items()
        <= monitoring(render, "Service")["metadata"]["labels"].items()
    )
    port = monitor["endpoints"][0]["port"]
    scraped = {
        d["metadata"]["name"]
        for d in workloads(render(K8S / "base"))
        if selector.items() <= d["spec"]["template"]["metadata"]["labels"].items()
        and port in [p["name"] for c in containers(d) for p in c.get("ports", [])]
    }
    assert scraped == {f"{service}-service" for service in SERVICES}


def test_jaeger_is_that_of_compose():
    files = (K8S / "components/tracing/jaeger.yaml", REPOSITORY / "compose/jaeger.yaml")
    ours, theirs = (file.read_text() for file in files)
    assert ours == theirs


@pytest.mark.parametrize("service", SERVICES)
def test_service_is_that_of_compose(render, service):
    """Image, memory and what it may not do; the environment and the stores are compared above."""
    name = f"{service}-service"
    workload = next(w for w in workloads(render(K8S / "base")) if w["metadata"]["name"] == name)
    (container,) = (c for c in containers(workload) if c["name"] == "service")
    parts = yaml.safe_load((REPOSITORY / "compose/base.yaml").read_text())["services"]
    theirs = {**parts["container"], **parts["service"], **compose_services()[name]}
    assert container["image"].partition(":")[0] == theirs["image"].partition(":")[0]
    assert container["resources"]["limits"] == {
        "cpu": str(theirs["cpus"]),
        "memory": theirs["mem_limit"].replace("m", "Mi"),
    }
    assert container["ports"][0]["containerPort"] == int(parts["service"]["environment"]["SERVE_PORT"])
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": theirs["read_only"],
        "capabilities": {"drop": theirs["cap_drop"]},
        "allowPrivilegeEscalation": "no-new-privileges:true" not in theirs["security_opt"],
    }


def test_a_changed_setting_rolls_out(render):
    configs = {d["metadata"]["name"] for d in render(K8S / "base") if d["kind"] == "ConfigMap"}
    assert all(re.fullmatch(r".+-[a-z0-9]{10}", name) for name in configs)
    for workload in workloads(render(K8S / "base")):
        used = [s["configMapRef"]["name"] for c in containers(workload) for s in c.get("envFrom", [])]
        assert configs.issuperset(used)


@pytest.mark.parametrize("name", [name for name in OVERLAYS if name not in ("eks", "openshift")])
def test_ingress_is_for_any_controller(render, name):
    ingresses = [d for d in render(K8S / "overlays" / name) if d["kind"] == "Ingress"]
    assert ingresses
    assert not [i["metadata"]["name"] for i in ingresses if i["metadata"].get("annotations")]


def ports_of(render, overlay, service):
    documents = render(K8S / "overlays" / overlay)
    (found,) = (d for d in documents if d["kind"] == "Service" and d["metadata"]["name"] == service)
    return found["spec"]


def test_ports_are_those_of_the_originals(render):
    ip, blog = ports_of(render, "minikube", "ip-service"), ports_of(render, "kind", "blog-service")
    assert (ip["type"], [port.get("nodePort") for port in ip["ports"]]) == ("LoadBalancer", [32123, None])
    assert ip["ports"][1]["port"] == 5000
    assert (blog["type"], blog["ports"][0]["nodePort"]) == ("NodePort", 30423)


def test_kind_has_two_workers_and_the_port_of_the_blog():
    nodes = yaml.safe_load((K8S / "overlays/kind/kind.yaml").read_text())["nodes"]
    assert [node["role"] for node in nodes] == ["control-plane", "worker", "worker"]
    assert 30423 in [mapping["hostPort"] for mapping in nodes[0]["extraPortMappings"]]


def test_base_has_one_kind_a_file():
    files = [*(K8S / "base").rglob("*.yaml"), *(K8S / "components/network-policies").glob("*.yaml")]
    counts = {file: len(list(yaml.safe_load_all(file.read_text()))) for file in files}
    assert {file for file, count in counts.items() if count != 1} == set()
