import os
import subprocess
import sys

import pytest

import chassis.probe
from chassis.testing import free_port


def check(**environment):
    command = [sys.executable, chassis.probe.__file__]
    env = {"PATH": os.defpath, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603


@pytest.mark.parametrize("host", ["", "0.0.0.0", "127.0.0.1"])
def test_ready_service_is_healthy(service, host):
    assert check(SERVE_PORT=str(service.port), SERVE_HOST=host).returncode == 0


def test_service_that_is_not_ready_is_not_healthy(start):
    with start(HANGING_CHECK="true") as service:
        assert check(SERVE_PORT=str(service.port)).returncode == 1


def test_no_service_is_not_healthy():
    assert check(SERVE_PORT=str(free_port())).returncode == 1


def test_missing_port_is_said():
    run = check()

    assert (run.returncode, run.stderr) == (1, "SERVE_PORT must be set\n")
