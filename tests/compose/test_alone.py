"""`cd services/x-service && docker compose up`: one service with its store."""

import httpx
import pytest

PATHS = {"athlete": "/", "blog": "/", "config": "/configs", "ip": "/get-ip", "shout": "/docs"}


@pytest.mark.parametrize(("service", "path"), PATHS.items())
def test_service_runs_alone(new_project, repository, service, path):
    project = new_project(repository / f"services/{service}-service")
    try:
        project.up()
        assert httpx.get(f"{project.url}{path}", trust_env=False).status_code == 200
    finally:
        project.down()
