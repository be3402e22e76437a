"""Write the ways in that come from the gateway's routing table: Ingress, HTTPRoute, Route, nginx.conf."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from gateway.render import nginx_conf
from gateway.site import Site
from gateway.table import Service, load_table

COMPONENTS = Path(__file__).parents[1] / "components"
SUFFIX = "suffix"  # replaced by the one in the overlay's address.yaml
NOTE = "# Made from services/gateway/routes.yaml by k8s/scripts/render_routes.py.\n"


def ingresses(service: Service) -> Iterator[dict]:
    """One for the names of its own, one for its path; no annotation, so that any controller serves them."""
    backend = {"service": {"name": service.upstream.host, "port": {"name": "http"}}}
    for name, hosts, path in ways_to(service):
        paths = [{"path": path, "pathType": "Prefix", "backend": backend}]
        rules = [{"host": host, "http": {"paths": paths}} for host in hosts]
        spec = {"ingressClassName": "class", "rules": rules}
        yield document("networking.k8s.io/v1", "Ingress", service, spec, name)


def http_routes(service: Service) -> Iterator[dict]:
    """The same for the Gateway API."""
    for name, hosts, path in ways_to(service):
        backend = {"name": service.upstream.host, "port": service.upstream.port}
        rule = {"matches": [{"path": {"type": "PathPrefix", "value": path}}], "backendRefs": [backend]}
        spec = {"parentRefs": [{"name": "quintet"}], "hostnames": hosts, "rules": [rule]}
        yield document("gateway.networking.k8s.io/v1", "HTTPRoute", service, spec, name)


def openshift_routes(service: Service) -> Iterator[dict]:
    """The same for OpenShift's router, which has one host and one path a Route."""
    places = [(host, path) for _, hosts, path in ways_to(service) for host in hosts]
    for host, path in places:
        spec = {
            "host": host,
            "path": path,
            "to": {"kind": "Service", "name": service.upstream.host},
            "port": {"targetPort": "http"},
            "tls": {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"},
        }
        name = "-path" if host == SUFFIX else f"-{host.partition('.')[0]}"
        yield document("route.openshift.io/v1", "Route", service, spec, name)


def ways_to(service: Service) -> Iterator[tuple[str, list[str], str]]:
    """Suffix of the manifest's name, host names and path: of its names, and of its path on the bare host."""
    yield "", [f"{host}.{SUFFIX}" for host in service.hosts], "/"
    yield "-path", [SUFFIX], service.prefix


def document(version: str, kind: str, service: Service, spec: dict, suffix: str = "") -> dict:
    """A manifest named after the service."""
    name = service.upstream.host
    way = "path" if suffix.endswith("-path") else "name"
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "quintet", "quintet/way": way}
    metadata = {"name": name + suffix, "labels": labels}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def kustomization(*resources: str) -> dict:
    """A Component that holds these files."""
    return {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": list(resources),
    }


def gateway_conf() -> str:
    """Return nginx's configuration: Services keep their address, so their names are asked for once.

    Each address is there three times: a request that a pod lost is repeated, and meets another one.
    """
    table = load_table()
    upstreams = {s.name: [f"{s.upstream.host}:{s.upstream.port}"] * 3 for s in table.services}
    site = Site(
        port=8080,
        host="0.0.0.0",  # noqa: S104 - inside its pod
        upstreams=upstreams,
        run=Path("/tmp"),  # noqa: S108 - the pod's one writable folder
        portal=Path("/usr/share/nginx/html"),
        generated=Path("/etc/nginx/gateway"),
        workers=2,
    )
    return nginx_conf(table, site)


def rendered() -> Iterator[tuple[str, str]]:
    """Every file by its path below the components."""
    for service in load_table().services:
        ways = {
            "ingress": ("ingress", list(ingresses(service))),
            "gateway-api": ("httproute", list(http_routes(service))),
            "openshift-routes": ("route", list(openshift_routes(service))),
        }
        for component, (file, documents) in ways.items():
            folder = f"{component}/{service.upstream.host}"
            yield f"{folder}/{file}.yaml", dump(*documents)
            yield f"{folder}/kustomization.yaml", dump(kustomization(f"{file}.yaml"))
    yield "gateway/nginx.conf", gateway_conf()


def dump(*documents: dict) -> str:
    """YAML without anchors, keys in the order they were given."""
    dumper = yaml.SafeDumper
    dumper.ignore_aliases = lambda *_: True
    return NOTE + yaml.dump_all(documents, Dumper=dumper, sort_keys=False, width=200)


def main() -> None:
    """Write what differs; with --check, only tell of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit code 1 when a file is not up to date")
    check, stale = parser.parse_args().check, []
    for name, text in rendered():
        file = COMPONENTS / name
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    sys.stdout.writelines(f"{name}\n" for name in stale)
    sys.exit(bool(check and stale))


if __name__ == "__main__":
    main()
