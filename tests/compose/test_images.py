"""The images: small, labelled, and content with any user and a root that nobody can write."""

import json
import re
import shutil
from uuid import uuid4

import pytest

MEGABYTES = {"athlete": 76, "blog": 110, "config": 90, "ip": 76, "shout": 76}
NAMES = [*(f"{name}-service" for name in MEGABYTES), "shoutcloud-emulator", "gateway"]
PYTHON_NAMES = [name for name in NAMES if name != "gateway"]
LOCKED = re.compile(r"^([\w.-]+)==([^\s;]+)( ;)?", re.MULTILINE)
LOOK = """
import json, pathlib, re
from importlib.metadata import distributions
found = distributions(path=["/packages"])
installed = {re.sub("[-_.]+", "-", each.name).lower(): each.version for each in found}
sources = [path for folder in ("/app", "/packages") for path in pathlib.Path(folder).rglob("*.py")]
compiled = [path for path in sources if list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))]
uncompiled = sorted(str(path) for path in set(sources) - set(compiled))
print(json.dumps({"installed": installed, "uncompiled": uncompiled}))
"""
HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--user=12345:0"]


@pytest.fixture
def image(images, inspect):
    return lambda name: inspect(f"quintet/{name}:test")[0]


@pytest.fixture
def look(images, run):
    """Look into an image with its own Python."""
    options = ["--rm", "--entrypoint=/usr/bin/python3.13"]
    return lambda name: json.loads(run("docker", "run", *options, f"quintet/{name}:test", "-c", LOOK))


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


@pytest.mark.parametrize("name", PYTHON_NAMES)
def test_image_has_what_is_locked_compiled(look, repository, name):
    found = look(name)
    lock = LOCKED.findall((repository / f"services/{name}/requirements.lock").read_text())
    assert found["installed"].items() <= {(name, version) for name, version, _ in lock}
    assert found["installed"].keys() >= {name for name, _, is_conditional in lock if not is_conditional}
    assert found["uncompiled"] == []


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


def test_changed_line_installs_nothing_again(images, run, repository, tmp_path):
    for name in (".dockerignore", "compose/image", "libs", "services"):
        source, target = repository / name, tmp_path / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "tests", ".*"))
        else:
            shutil.copy(source, target)
    with (tmp_path / "services/athlete-service/src/athlete_service/__init__.py").open("a") as module:
        module.write(f"# changed {uuid4()}\n")
    command = [
        "build",
        "--progress=plain",
        "--output=type=cacheonly",
        "--file=services/athlete-service/Dockerfile",
        str(tmp_path),
    ]
    said = run("sh", "-c", 'docker "$@" 2>&1', "sh", *command, folder=tmp_path)
    steps = dict(re.findall(r"^#(\d+) \[build .*?\] (.+)$", said, re.MULTILINE))
    cached = {steps.get(number) for number in re.findall(r"^#(\d+) CACHED", said, re.MULTILINE)}
    assert [step for step in steps.values() if "requirements.lock" in step and step not in cached] == []
    assert [step for step in steps.values() if "/source" in step and step not in cached]


def test_images_are_tagged_with_the_commit(images, run, inspect, repository):
    commit = run("git", "rev-parse", "HEAD", folder=repository).strip()
    tag = run("git", "describe", "--always", "--dirty", folder=repository).strip()
    run("make", "images", folder=repository, env={"TAG": ""})
    tagged = [f"quintet/{name}:{tag}" for name in NAMES]
    try:
        labels = [each["Config"]["Labels"] for each in inspect(*tagged)]
        assert {each["org.opencontainers.image.revision"] for each in labels} == {commit}
    finally:
        run("docker", "image", "rm", *tagged)
