import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chassis.testing import Service, free_port, running_service
from config_client import ConfigClient


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Store:
    """A config-service that can be stopped and started again on the same port and data."""

    def __init__(self, folder: Path, **env: str) -> None:
        self._folder = folder
        database = {"DATABASE_URL": f"sqlite:///{folder}/config.db", "LOG_LEVEL": "error"}
        port = free_port()
        self.env = {**database, "SERVE_PORT": str(port), **env}
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "config_service.migrate"]
        subprocess.run(command, env=database, check=True, capture_output=True)  # noqa: S603

    @contextmanager
    def running(self) -> Iterator[Service]:
        with running_service("config_service", self._folder, self.env) as service:
            yield service


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that stays up; each test takes names of its own."""
    store = Store(tmp_path_factory.mktemp("service"))
    with store.running():
        yield store.url


@pytest.fixture
def client(url: str) -> Iterator[ConfigClient]:
    with ConfigClient(url) as client:
        yield client
