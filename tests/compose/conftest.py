"""Stacks of containers, built from this tree, each with its own project, volumes and port."""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.testing import free_port

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 180  # 18 on a machine that does nothing else
OUTCOMES = pytest.StashKey[list[tuple]]()
CALLS = {
    "athlete": ("GET", "/athlete/"),
    "blog": ("GET", "/blog/"),
    "config": ("GET", "/config/configs"),
    "ip": ("GET", "/ip/get-ip"),
    "shout": ("POST", "/shout/v1"),
}

SUM_OF_SAMPLES = """
import urllib.request
lines = urllib.request.urlopen("http://127.0.0.1:8000/metrics").read().decode().splitlines()
print(sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("NAME")))
"""


def run(*command: str, folder: Path = REPOSITORY, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end, and return what it prints."""
    environment = {**os.environ, **(env or {})}  # noqa: TID251 - what it inherits
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (
        f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    )
    return done.stdout


def new_address() -> str:
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


@dataclass(frozen=True)
class Project:
    """One project of `docker compose`.

    Attributes:
        folder: that of its compose file.
        settings: variables of its compose file, and its name.
        port: that it publishes.
        starts: how many seconds each start took.
    """

    folder: Path
    settings: Mapping[str, str]
    port: int
    starts: list[float] = field(default_factory=list)

    @classmethod
    def new(cls, folder: Path) -> "Project":
        port = free_port()
        name = f"quintet-test-{secrets.token_hex(4)}"
        names = ("GATEWAY_PORT", "SERVICE_PORT")
        return cls(
            folder,
            {
                "COMPOSE_PROJECT_NAME": name,
                "TAG": "test",
                "PROMETHEUS_PORT": "0",
                **dict.fromkeys(names, str(port)),
            },
            port,
        )

    @property
    def name(self) -> str:
        return self.settings["COMPOSE_PROJECT_NAME"]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def compose(self, *arguments: str, **settings: str) -> str:
        return run("docker", "compose", *arguments, folder=self.folder, env={**self.settings, **settings})

    def up(self, *arguments: str) -> None:
        began = time.monotonic()
        try:
            self.compose(
                "up", "--no-build", "--detach", "--wait", f"--wait-timeout={START_SECONDS}", *arguments
            )
        except AssertionError as exc:
            exc.add_note(self.compose("ps", "--all") + self.compose("logs", "--tail=10"))
            raise
        self.starts.append(time.monotonic() - began)

    def down(self) -> None:
        self.compose("--profile=*", "down", "--volumes", "--remove-orphans", "--timeout=2")

    def containers(self, *services: str) -> list[dict[str, Any]]:
        """What the engine knows about the containers of services, or of all; ended ones too."""
        return inspect(*self.compose("ps", "--all", "--quiet", *services).split())

    def process(self, service: str) -> int:
        """The process id of a service's container, as this machine sees it."""
        return self.containers(service)[0]["State"]["Pid"]

    def logs(self, service: str) -> list[dict[str, Any]]:
        lines = self.compose("logs", "--no-log-prefix", "--no-color", service).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def docker(self, *arguments: str) -> str:
        return run("docker", *arguments)

    def python(self, service: str, code: str) -> str:
        """Run Python inside a container."""
        return self.compose("exec", "--no-TTY", service, "/usr/bin/python3.13", "-c", code).strip()

    def metric(self, service: str, name: str) -> float:
        """A counter of a service, all its labels together."""
        return float(self.python(service, SUM_OF_SAMPLES.replace("NAME", name)))

    def client(self) -> httpx.Client:
        """A client that the gateway sees at an address of its own."""
        headers = {"X-Forwarded-For": new_address()}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=15)


def inspect(*names: str) -> list[dict[str, Any]]:
    return json.loads(run("docker", "inspect", *names))


def ask_again(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Ask for what takes a moment until it is there, and tell it."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"it did not come to be within {seconds} s"
        time.sleep(0.05)
    return result


@pytest.fixture(scope="session")
def images() -> None:
    """Build the images; the gateway believes clients on this machine about their addresses."""
    private = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16"
    Project.new(REPOSITORY).compose("build", FRONT_PROXIES=private, REVISION="0123abc")


@pytest.fixture(scope="session")
def new_project(images) -> Callable[[Path], Project]:
    return Project.new


@pytest.fixture(scope="session")
def stack(new_project) -> Iterator[Project]:
    """All of Quintet."""
    project = new_project(REPOSITORY)
    try:
        project.up()
        yield project
    finally:
        project.down()


@pytest.fixture
def client(stack) -> Iterator[httpx.Client]:
    with stack.client() as client:
        yield client


@pytest.fixture
def ask(client) -> Callable[..., httpx.Response]:
    """Make an ordinary request to a service."""

    def ask(service: str, **headers: str) -> httpx.Response:
        method, path = CALLS[service]
        body = {"data": secrets.token_hex(8)} if method == "POST" else None
        return client.request(method, path, json=body, headers=headers)

    return ask


@pytest.fixture(scope="session")
def outcomes(request) -> list[tuple]:
    """What each fault did; the table is printed when all is over."""
    return request.config.stash.setdefault(OUTCOMES, [])


def pytest_terminal_summary(terminalreporter) -> None:
    rows = terminalreporter.config.stash.get(OUTCOMES, [])
    if rows:
        terminalreporter.section("faults")
        terminalreporter.line(
            f"{'container':<20}{'fault':<7}{'lost':>4}{'slowest':>10}{'grown':>10}{'back in':>10}  answers"
        )
    for name, fault, kinds, lost, slowest, grown, recovery in rows:
        answers = ", ".join(f"{count} of {kind}" for kind, count in sorted(kinds.items()))
        terminalreporter.line(
            f"{name:<20}{fault:<7}{lost:>4}{slowest:>8.2f} s{grown:>6.1f} MiB{recovery:>8.2f} s  {answers}"
        )


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    return ask_again


@pytest.fixture(scope="session", name="inspect")
def fixture_inspect() -> Callable[..., list[dict[str, Any]]]:
    return inspect


@pytest.fixture(scope="session", name="run")
def fixture_run() -> Callable[..., str]:
    return run
