import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from chassis.testing import http_client
from embedded.folder import Folder
from embedded.stack import is_running
from embedded.state import read_state

# Shells make what they start in the background deaf to Ctrl-C, and so all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROUTES = """
services:
{entries}
"""
ROUTE = """
  - name: {name}
    title: {name}
    summary: A fake.
    hosts: [{name}]
    prefix: /{name}
    upstream: {{host: {name}, port: 1}}
"""
MANIFEST = """
module = "fake_service"
{migrate}
[env]
PYTHONPATH = "{folder}"
NEIGHBOUR = "http://127.0.0.1:${{two_port}}"
STORE = "${{data}}/store"
APP_VERSION = "${{version}}"
{extra}
[secrets]
TOKEN_FILE = "token"
"""


class Repository:
    """A repository of two fake services, and its verbs."""

    def __init__(self, root: Path, data: Path) -> None:
        self.root, self.folder = root, Folder(data)
        self.names: list[str] = []

    def add(self, name: str, migrate: str = "", extra: str = "") -> None:
        folder = self.root / f"services/{name}-service"
        (folder / "src").mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).with_name("fake_service.py"), folder / "src")
        (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
        fields = {"folder": folder / "src", "migrate": migrate, "extra": extra}
        (folder / "embedded.toml").write_text(MANIFEST.format(**fields))
        self.names = sorted({*self.names, name})
        entries = "".join(ROUTE.format(name=name) for name in self.names)
        (self.root / "services/gateway").mkdir(exist_ok=True)
        (self.root / "services/gateway/routes.yaml").write_text(ROUTES.format(entries=entries))

    def command(self, *words: str, **env: str) -> dict:
        environ = {**os.environ, "PORT": "0", "DATA": str(self.folder.path), **env}
        return {
            "args": [sys.executable, "-m", "embedded", *words],
            "cwd": self.root,
            "env": environ,
            "text": True,
        }

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            **self.command(*words, **env),
            check=False,
            capture_output=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    @property
    def state(self):
        return read_state(self.folder.state)

    def get(self, name: str, path: str = "/readyz") -> httpx.Response:
        with http_client(f"http://127.0.0.1:{self.state.entries[name].port}", timeout=5) as http:
            return http.get(path)

    def answers(self, name: str) -> bool:
        try:
            return self.get(name).status_code == 200
        except httpx.HTTPError:
            return False

    def processes(self):
        return self.state.processes()


@pytest.fixture
def until():
    """Wait for what takes a moment, with a deadline."""

    def wait(condition, seconds=20):
        deadline = time.monotonic() + seconds
        while not (result := condition()):
            assert time.monotonic() < deadline, "it never came to be"
            time.sleep(0.02)
        return result

    return wait


@contextmanager
def make_repository(folder):
    made = Repository(folder / "repository", folder / "data")
    made.add("one")
    made.add("two")
    yield made
    if made.folder.run.is_dir() and (made.state or is_running(made.folder)):
        made.run("down")


def up(repository):
    done = repository.run("up")
    assert done.returncode == 0, done.stderr
    return repository


@pytest.fixture
def repository(tmp_path):
    with make_repository(tmp_path) as made:
        yield made


@pytest.fixture
def running(repository):
    return up(repository)


@pytest.fixture(scope="session")
def watched(tmp_path_factory):
    """A running stack for tests that only look at it."""
    with make_repository(tmp_path_factory.mktemp("watched")) as made:
        yield up(made)
