"""The images: small, labelled, and content with any user and a root that nobody can write."""

import pytest

MEGABYTES = {"athlete": 76, "blog": 110, "config": 90, "ip": 76, "shout": 76}
NAMES = [*(f"{name}-service" for name in MEGABYTES), "shoutcloud-emulator", "gateway"]
HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--user=12345:0"]


@pytest.fixture
def image(images, inspect):
    return lambda name: inspect(f"quintet/{name}:test")[0]


@pytest.fixture
def start(images, run):
    """Start containers that go with the test."""
    started = []

    def start(name, *options):
        started.append(run("docker", "run", "--detach", *HARDENED, *options, f"quintet/{name}:test").strip())
        return started[-1]

    yield start
    run("docker", "rm", "--force", "--volumes", *started)


@pytest.mark.parametrize(("name", "limit"), MEGABYTES.items())
def test_image_is_small(image, name, limit):
    assert image(f"{name}-service")["Size"] <= limit * 1_000_000


def test_gateway_adds_little_to_nginx(image, inspect):
    (nginx,) = inspect("nginxinc/nginx-unprivileged:1.30")
    assert image("gateway")["Size"] - nginx["Size"] < 1_000_000


@pytest.mark.parametrize("name", NAMES)
def test_image_says_what_it_is(image, name):
    labels = image(name)["Config"]["Labels"]
    said = {key.removeprefix("org.opencontainers.image."): value for key, value in labels.items()}
    assert (said["title"], said["revision"], said["licenses"]) == (name, "0123abc", "MIT")
    assert said["version"]
    assert said["description"]


@pytest.mark.parametrize("name", NAMES)
def test_image_is_not_roots(image, name):
    user, _, group = image(name)["Config"]["User"].partition(":")
    assert int(user) > 0
    assert group == "0"


@pytest.mark.parametrize("name", ["athlete-service", "shout-service", "shoutcloud-emulator"])
def test_any_user_can_run_it(start, inspect, until, name):
    container = start(name, "--env=SERVE_PORT=8000", "--env=SHOUTCLOUD_URL=http://127.0.0.1:1/V1/SHOUT")
    until(lambda: inspect(container)[0]["State"]["Health"]["Status"] == "healthy")


def test_any_user_can_run_the_gateway(start, inspect, until):
    container = start("gateway", "--tmpfs=/tmp:mode=1777")
    until(lambda: inspect(container)[0]["State"]["Health"]["Status"] == "healthy")


@pytest.mark.parametrize("name", ["athlete-service", "shoutcloud-emulator"])
def test_missing_port_is_said(start, inspect, run, until, name):
    container = start(name)
    until(lambda: inspect(container)[0]["State"]["Status"] == "exited")
    assert inspect(container)[0]["State"]["ExitCode"] == 1
    done = run("sh", "-c", f"docker logs {container} 2>&1")
    assert done.strip() == "SERVE_PORT must be set"


def test_there_is_no_shell(images, run):
    with pytest.raises(AssertionError, match=r"executable file not found|no such file"):
        run("docker", "run", "--rm", "--entrypoint=sh", "quintet/ip-service:test", "-c", "true")
