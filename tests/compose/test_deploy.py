"""The blog's deploy.sh: a blog and its MySQL with plain docker, however often it is run."""

import json
import secrets

import httpx
import pytest

from chassis.testing import free_port

SCRIPT = "services/blog-service/scripts/deploy.sh"
VOLUMES = ("mysql-secrets", "blog-secrets", "migration-secrets", "mysql-data")


@pytest.fixture
def network(run):
    name = f"deploy-test-{secrets.token_hex(4)}"
    yield name
    run("docker", "rm", "--force", f"{name}-blog", f"{name}-mysql")
    run("docker", "volume", "rm", "--force", *(f"{name}-{volume}" for volume in VOLUMES))
    run("sh", "-c", f"docker network rm {name} || true")


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password"
    path.write_text(secrets.token_hex() + "\n")
    return path


@pytest.fixture
def deploy(images, run, network, password_file):
    port = free_port()

    def deploy(*options):
        named = ["--network", network, "--mysql", "mysql:9.7", "--flask", "quintet/blog-service:test"]
        arguments = options if "--network" in options else [*named, *options]
        run(SCRIPT, *arguments, env={"PORT": str(port)})
        return httpx.get(f"http://localhost:{port}/hello", trust_env=False)

    return deploy


def test_blog_is_deployed_again_and_again(deploy, inspect, network, password_file):
    options = ["--password-file", str(password_file)]
    assert deploy(*options).text == "Hello, World!"
    (first,) = inspect(f"{network}-blog")
    assert deploy(*options).status_code == 200
    assert inspect(f"{network}-blog")[0]["Id"] == first["Id"]
    assert deploy(*options, "--prune").status_code == 200
    assert inspect(f"{network}-blog")[0]["Id"] != first["Id"]

    assert password_file.read_text().strip() not in json.dumps(inspect(f"{network}-mysql", f"{network}-blog"))
    with pytest.raises(AssertionError, match="the password is not that of the first run"):
        deploy("--password", "another")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--network", "x"], "--mysql is missing"),
        (["--network"], "--network needs a value"),
        (["--network", "x", "--nope"], "unknown option --nope"),
        (
            ["--network", "a b", "--mysql", "m", "--flask", "f", "--password", "p"],
            "a b is no name of a network",
        ),
        (["--network", "x", "--password-file", "/nope"], "/nope cannot be read"),
    ],
)
def test_wrong_options_are_said(run, options, message):
    with pytest.raises(AssertionError, match=f"error: {message}"):
        run(SCRIPT, *options)
