import subprocess
import sys
from pathlib import Path

import pytest

from embedded import environments

ROOT = Path(__file__).parents[3]
SERVICES = [manifest.parent for manifest in ROOT.glob("services/*/embedded.toml")]
TOOLS = ("greenlet", "psutil", "watchfiles")  # libraries load them where they find them


def python(program, variables, *arguments):
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


@pytest.mark.parametrize("folder", SERVICES, ids=lambda folder: folder.name)
def test_service_runs_without_the_tools(folder):
    program, variables = environments.runtime(ROOT, folder)
    search = f"import importlib.util as u; print([name for name in {TOOLS} if u.find_spec(name)])"
    assert python(program, variables, "-c", search) == "[]"


def test_service_without_a_lock_runs_in_the_environment_of_the_tools(tmp_path):
    assert environments.runtime(ROOT, tmp_path) == (sys.executable, {})


def test_service_runs_without_pydantic_of_version_1():
    program, variables = environments.runtime(ROOT, ROOT / "services/config-service")
    with pytest.raises(subprocess.CalledProcessError):
        python(program, variables, "-c", "import pydantic; from pydantic import v1")
