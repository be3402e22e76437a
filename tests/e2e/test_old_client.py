"""Clients that still use jaeger-client: the real library, in an environment of its own."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.isolated import fresh, uv

REPOSITORY = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "programs"


@pytest.fixture(scope="session")
def old_python():
    """An interpreter that has jaeger-client."""
    environment, lock = REPOSITORY / ".cache/old-client", FOLDER / "old-client.lock"
    environment.parent.mkdir(exist_ok=True)
    with open(f"{environment}.lock", "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        with fresh(environment, [lock]) as outdated:
            if outdated:
                uv("venv", "--python", sys.executable, environment)
                uv("pip", "sync", "--python", environment, "--require-hashes", lock)
    return environment / "bin/python"


@pytest.mark.parametrize("path", ["/athlete/", "/blog/", "/config/configs", "/shout/openapi.json"])
def test_trace_of_jaeger_client_is_joined(stack, old_python, path):
    command = [old_python, FOLDER / "old_client.py", stack.url + path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    traces = json.loads(done.stdout)
    assert traces["joined"] == traces["own"]
