"""Each service keeps what its OpenAPI document promises, whatever schemathesis sends it."""

import subprocess
import sys
from pathlib import Path

import pytest

import gateway
from embedded.settings import stack_environment

FOLDER = Path(__file__).parent
DOCUMENTED = [route.name for route in gateway.load_table().services if route.openapi]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_service_keeps_what_its_document_promises(unlimited_stack, name, tmp_path):
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", FOLDER / "schemathesis.toml", "run"]
    url = f"{unlimited_stack.url}/{name}/openapi.json"
    done = subprocess.run(  # noqa: S603 - its own arguments
        [*command, "--no-color", url],
        cwd=tmp_path,
        env={**stack_environment(tmp_path), "PYTHONPATH": str(FOLDER)},  # where the hooks are
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
