"""What is rendered, and what is refused before nginx sees it."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import gateway
from gateway.__main__ import main

UPSTREAMS = {name: ["127.0.0.1:9001"] for name in ("ip", "config", "shout", "blog", "athlete")}


@pytest.fixture
def embedded():
    return gateway.Site.embedded(port=8080, upstreams=UPSTREAMS)


def check(config):
    command = [*gateway.command(config), "-t"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (done.returncode, done.stderr.count("\n")) == (0, 2), done.stderr


def test_embedded_configuration_is_valid(embedded, tmp_path):
    check(gateway.render(tmp_path / "a folder", embedded))


def test_compose_configuration_is_valid(tmp_path):
    site = gateway.Site.compose(front_proxies=["10.0.0.0/8", "fd00::/8"])
    check(gateway.render(tmp_path, replace(site, run=tmp_path)))


def test_compose_asks_for_names_at_run_time(tmp_path):
    text = gateway.render(tmp_path, gateway.Site.compose(resolver="10.0.0.10:5353")).read_text()
    assert "resolver 10.0.0.10:5353 " in text
    assert "server ip-service:8000 resolve " in text
    assert "listen 0.0.0.0:8080 default_server;" in text
    assert "user " not in text


def test_compose_finds_jaeger_at_run_time(tmp_path):
    main(["render", f"--out={tmp_path}", "--target=compose", "--jaeger=jaeger:16686"])
    assert "server jaeger:16686 resolve;" in (tmp_path / "nginx.conf").read_text()


def test_nginx_writes_only_into_its_folder(door):
    names = {path.name for path in door.folder.iterdir()}
    assert {"nginx.pid", "client_body", "proxy"} <= names


def test_nginx_stops_at_sigquit(start_gateway, site, port):
    door = start_gateway(replace(site, port=port))
    door.process.send_signal(3)
    assert door.process.wait(10) == 0


def test_services_json_has_what_the_portal_reads(tmp_path, embedded):
    gateway.render(tmp_path, replace(embedded, jaeger_url="http://localhost:16686"))
    document = json.loads((tmp_path / "services.json").read_text())
    assert document["jaeger_url"] == "http://localhost:16686"
    ip = document["services"][0]
    assert (ip["name"], ip["prefix"], ip["hosts"]) == ("ip", "/ip", ["ip"])
    assert ip["examples"][0]["fields"][0]["in"] == "header"
    assert not {"upstream", "body_limit", "paths"} & ip.keys()


def test_list_without_javascript_is_escaped(tmp_path, embedded):
    (tmp_path / "index.html").write_text("<ul><!-- services --></ul>")
    service = {"name": "x", "title": "<b>", "summary": "A & B.", "hosts": ["x"], "prefix": "/x"}
    routes = tmp_path / "routes.yaml"
    routes.write_text(json.dumps({"services": [{**service, "upstream": {"host": "x", "port": 1}}]}))
    site = replace(embedded, upstreams={"x": ["127.0.0.1:1"]})
    gateway.render(tmp_path / "out", site, routes=routes, portal=tmp_path)
    page = (tmp_path / "out" / "index.html").read_text()
    assert page == '<ul><li><a href="/x/">&lt;b&gt;</a> A &amp; B.</li></ul>'


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"port": 0}, "port 0 is not between 1 and 65535"),
        ({"port": 70000}, "port 70000 is not between 1 and 65535"),
        (
            {"upstreams": {**UPSTREAMS, "nope": ["127.0.0.1:1"]}},
            "no service in the routing table is called nope",
        ),
        ({"upstreams": {"ip": ["127.0.0.1:1"]}}, "upstream of config: no address"),
        ({"upstreams": {"ip": []}}, "upstream of ip: no address"),
        ({"upstreams": {"ip": ["127.0.0.1"]}}, "upstream of ip: '127.0.0.1' is not host:port"),
        ({"upstreams": {"ip": ["a;b:1"]}}, "upstream of ip: 'a;b:1' is not host:port"),
        ({"upstreams": {"ip": ["a:99999"]}}, "upstream of ip: 'a:99999' is not host:port"),
        ({"jaeger": "jaeger"}, "jaeger: 'jaeger' is not host:port"),
        ({"resolver": "8.8.8.8; x"}, "resolver: '8.8.8.8; x:53' is not host:port"),
        ({"front_proxies": ["10.0.0.1/8"]}, "front proxy: 10.0.0.1/8 has host bits set"),
        ({"run": Path('/a"b')}, "folder '/a\"b' has a character that nginx cannot take"),
        ({"portal": Path("/a$b")}, "folder '/a$b' has a character that nginx cannot take"),
    ],
)
def test_unusable_site_is_refused_in_one_line(embedded, tmp_path, changes, message):
    with pytest.raises(gateway.GatewayError) as caught:
        gateway.render(tmp_path, replace(embedded, **changes))
    assert str(caught.value) == message


def test_folder_that_cannot_be_written_is_named(embedded, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(gateway.GatewayError, match=r"/file/out: Not a directory"):
        gateway.render(tmp_path / "file" / "out", embedded)


def test_command_line_renders(tmp_path, capsys):
    upstreams = [f"--upstream={name}={address}" for name, (address,) in UPSTREAMS.items()]
    main(
        [
            "render",
            "--target=embedded",
            f"--out={tmp_path}",
            "--port=8081",
            "--upstream=ip=127.0.0.1:9002",
            *upstreams,
        ]
    )
    config = Path(capsys.readouterr().out.strip())
    assert "server 127.0.0.1:9002 " in config.read_text()
    assert "listen 127.0.0.1:8081 default_server;" in config.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target=embedded"], "gateway: upstream of ip: no address"),
        (["--target=embedded", "--upstream=ip"], "gateway: --upstream ip: not NAME=HOST:PORT"),
        (["--target=compose", "--front-proxy=x"], "gateway: front proxy: 'x' does not appear to be"),
        (["--target=compose", "--routes=none.yaml"], "gateway: none.yaml: No such file"),
    ],
)
def test_command_line_ends_with_one_line(tmp_path, arguments, message):
    with pytest.raises(SystemExit) as caught:
        main(["render", f"--out={tmp_path}", *arguments])
    assert caught.value.code.startswith(message)


def test_nginx_on_the_path_is_used_where_no_wheel_fits(monkeypatch, tmp_path):
    (tmp_path / "nginx").write_text("#!/bin/sh\n")
    (tmp_path / "nginx").chmod(0o755)
    monkeypatch.setattr("platform.machine", lambda: "sparc")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gateway.nginx_binary() == tmp_path / "nginx"


def test_missing_nginx_is_one_clear_line(monkeypatch, tmp_path):
    monkeypatch.setattr("platform.machine", lambda: "sparc")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(gateway.GatewayError, match="nginx was not found: install"):
        gateway.nginx_binary()
