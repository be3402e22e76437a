"""Clients that still use jaeger-client: the real library, in an environment of its own."""

import json
import subprocess
from pathlib import Path

import pytest

from embedded.isolated import make_locked_environment

REPOSITORY = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "programs"


@pytest.fixture(scope="session")
def old_python():
    """An interpreter that has jaeger-client."""
    environment = make_locked_environment(REPOSITORY / ".cache/old-client", FOLDER / "old-client.lock")
    return environment / "bin/python"


@pytest.mark.parametrize("path", ["/athlete/", "/blog/", "/config/configs", "/shout/openapi.json"])
def test_trace_of_jaeger_client_is_joined(stack, old_python, path):
    command = [old_python, FOLDER / "old_client.py", stack.url + path, stack.domain or ""]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    traces = json.loads(done.stdout)
    assert traces["joined"] == traces["own"]
