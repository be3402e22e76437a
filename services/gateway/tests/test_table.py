"""The routing table and what it refuses."""

import copy
import re

import pytest
import yaml

import gateway

MIB = 1024 * 1024


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "routes.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return path

    return write


SERVICE = {
    "name": "x",
    "title": "X",
    "summary": "An example.",
    "hosts": ["x"],
    "prefix": "/x",
    "upstream": {"host": "x-service", "port": 8000},
}


def table(**changes):
    return {"services": [{**copy.deepcopy(SERVICE), **changes}]}


def test_the_table_has_what_each_service_takes():
    limits = {service.name: service.body_limit for service in gateway.load_table().services}
    assert limits == {
        "ip": 64 * 1024,
        "config": 12 * MIB,
        "shout": 8 * MIB,
        "blog": 6 * MIB,
        "athlete": 64 * 1024,
    }


def test_minimal_service(write):
    (service,) = gateway.load_table(write(table())).services
    assert service.body_limit == 64 * 1024
    assert (service.home, service.docs, service.openapi) == ("/", "/docs", "/openapi.json")
    assert service.hidden == ("/metrics",)


def test_hidden_path_is_added_to_the_metrics(write):
    (service,) = gateway.load_table(write(table(paths={"/admin": {"hidden": True}}))).services
    assert service.hidden == ("/metrics", "/admin")


@pytest.mark.parametrize(("text", "size"), [("1KiB", 1024), ("64 KiB", 65536), ("8MiB", 8 * MIB), (100, 100)])
def test_size(write, text, size):
    assert gateway.load_table(write(table(body_limit=text))).services[0].body_limit == size


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"prefix": "x"}, "services.0.prefix"),
        ({"prefix": "/x/"}, "services.0.prefix"),
        ({"prefix": "/"}, "services.0.prefix"),
        ({"prefix": "/x; return 200"}, "services.0.prefix"),
        ({"prefix": "/x\n"}, "services.0.prefix"),
        ({"prefix": "/readyz"}, "service x: /readyz is taken"),
        ({"prefix": "/jaeger"}, "service x: /jaeger is taken"),
        ({"name": "X"}, "services.0.name"),
        ({"hosts": []}, "services.0.hosts"),
        ({"hosts": ["a.b"]}, "services.0.hosts.0"),
        ({"upstream": {"host": "x", "port": 0}}, "services.0.upstream.port"),
        ({"upstream": {"host": "x;y", "port": 1}}, "services.0.upstream.host"),
        ({"body_limit": "64KB"}, "services.0.body_limit: '64KB' is not a size like 64KiB or 8MiB"),
        ({"body_limit": 0}, "services.0.body_limit"),
        ({"body_limit": True}, "services.0.body_limit"),
        ({"paths": {"/a b": {"stream": True}}}, "services.0.paths./a b"),
        ({"paths": {"/a/../b": {"stream": True}}}, "services.0.paths./a/../b"),
        ({"paths": {"/a": {"streams": True}}}, "services.0.paths./a.streams"),
        ({"colour": "red"}, "services.0.colour"),
        ({"title": ""}, "services.0.title"),
        ({"examples": [{"title": "t", "path": "x"}]}, "services.0.examples.0.path"),
        (
            {
                "examples": [
                    {"title": "t", "path": "/", "fields": [{"name": "a", "label": "A", "type": "select"}]}
                ]
            },
            "services.0.examples.0.fields.0: options belong to a select",
        ),
    ],
)
def test_fault_is_named_in_one_line(write, changes, place):
    path = write(table(**changes))
    with pytest.raises(gateway.GatewayError) as caught:
        gateway.load_table(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {place}")
    assert "\n" not in message


@pytest.mark.parametrize("key", ["name", "prefix", "hosts"])
def test_two_services_cannot_share(write, key):
    other = {**SERVICE, "name": "y", "prefix": "/y", "hosts": ["y"], key: SERVICE[key]}
    with pytest.raises(gateway.GatewayError, match=r"service (x|y): .*x is taken$"):
        gateway.load_table(write({"services": [SERVICE, other]}))


@pytest.mark.parametrize(
    "content", ["", "[]", "services: []", "services: [", "a: b: c", "services: {}", "\x00", "&a [*a]"]
)
def test_what_is_no_table_is_refused_in_one_line(write, content):
    with pytest.raises(gateway.GatewayError) as caught:
        gateway.load_table(write(content))
    assert re.fullmatch(r".*routes\.yaml: .+", str(caught.value))


def test_missing_table_is_named(tmp_path):
    with pytest.raises(gateway.GatewayError, match=r"none\.yaml: No such file"):
        gateway.load_table(tmp_path / "none.yaml")
