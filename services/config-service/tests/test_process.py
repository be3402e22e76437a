import subprocess
import sys
from pathlib import Path

import httpx

from chassis.testing import running_service


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
