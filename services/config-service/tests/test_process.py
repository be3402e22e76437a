import itertools
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path

import httpx
import pytest

from chassis.testing import Service, http_client, running_service, wait_until

NAMES = [f"doc-{number:02}" for number in range(20)]


class Killed:
    """A store whose service is killed, and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "config.db"
        self.env = {"DATABASE_URL": f"sqlite:///{self.file}", "DATABASE_TIMEOUT": "20"}

    def run(self) -> AbstractContextManager[Service]:
        command = [sys.executable, "-m", "config_service.migrate"]
        subprocess.run(command, env=self.env, check=True, capture_output=True)  # noqa: S603
        return running_service("config_service", self.folder, self.env)

    def written_ahead(self) -> int:
        """Bytes in the write-ahead log, which grows within a large transaction."""
        log = Path(f"{self.file}-wal")
        return log.stat().st_size if log.exists() else 0

    def is_whole(self) -> bool:
        with closing(sqlite3.connect(self.file)) as connection:
            return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


@pytest.fixture
def killed(tmp_path: Path) -> Killed:
    return Killed(tmp_path)


def send(request: Callable[[], object]) -> threading.Thread:
    """Send something whose answer never comes."""

    def run() -> None:
        with suppress(httpx.TransportError):
            request()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_import_that_is_cut_off_leaves_nothing(killed: Killed) -> None:
    configs = [{"name": f"many-{number}", "metadata": {"x": {"y": number}}} for number in range(10_000)]
    file = {"version": 1, "configs": configs, "schemas": [{"name": "new", "schema": True}]}
    with killed.run() as service:
        before = httpx.get(f"{service.url}/v1/export")
        log = killed.written_ahead()
        sent = send(lambda: httpx.post(f"{service.url}/v1/import?mode=replace", json=file, timeout=60))
        wait_until(lambda: killed.written_ahead() > log + 100_000)
        service.process.kill()
        sent.join()

    assert killed.is_whole()
    with killed.run() as service:
        after = httpx.get(f"{service.url}/v1/export")
        done = httpx.post(f"{service.url}/v1/import?mode=replace", json=file, timeout=60).json()
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    assert (done["revision"], len(done["configs"]["created"])) == (3, 10_000)


@pytest.mark.parametrize("answers", [1, 4, 9])
def test_transaction_that_is_cut_off_leaves_nothing(killed: Killed, answers: int) -> None:
    answered: list[int] = []
    enough = threading.Event()

    def write(url: str) -> None:
        with http_client(url, timeout=60) as http:
            for number in itertools.count(1):
                operations = [{"op": "put", "name": name, "metadata": {"x": number}} for name in NAMES]
                response = http.post("/v1/transactions", json={"operations": operations})
                answered.append(response.json()["revision"])
                if number == answers:
                    enough.set()

    with killed.run() as service:
        sent = send(lambda: write(service.url))
        assert enough.wait(60)
        service.process.kill()
        sent.join()

    assert killed.is_whole()
    with killed.run() as service:
        found = httpx.get(f"{service.url}/v1/configs?prefix=doc-").json()["items"]
    assert [config["name"] for config in found] == NAMES
    revisions = {config["revision"] for config in found}
    assert len({config["metadata"]["x"] for config in found}) == len(revisions) == 1
    assert revisions <= {answered[-1], answered[-1] + 1}


def test_acknowledged_writes_survive_a_kill_and_a_migration(tmp_path: Path) -> None:
    env = {"DATABASE_URL": f"sqlite:///{tmp_path}/config.db"}

    def migrate() -> None:
        command = [sys.executable, "-m", "config_service.migrate"]
        subprocess.run(command, env=env, check=True, capture_output=True)  # noqa: S603

    migrate()
    with running_service("config_service", tmp_path, env) as service:
        written = httpx.put(f"{service.url}/v1/configs/a", json={"metadata": {"x": 1}})
        assert httpx.delete(f"{service.url}/configs/datacenter-1").status_code == 204
        service.process.kill()
    migrate()
    with running_service("config_service", tmp_path, env) as service:
        assert httpx.get(f"{service.url}/v1/configs/a").json() == written.json()
        assert httpx.get(f"{service.url}/configs/datacenter-1").json() == []
        assert httpx.put(f"{service.url}/v1/configs/b", json={"metadata": {}}).json()["revision"] == 5
