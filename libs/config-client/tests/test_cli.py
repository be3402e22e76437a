import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.testing import free_port

SCRIPT = Path(sys.executable).parent / "configctl"


def run(url: str, *arguments: str | Path, text: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    variables = {"CONFIG_URL": url, "PATH": "/usr/bin:/bin", **env}
    command = [SCRIPT, *arguments]
    return subprocess.run(  # noqa: S603
        command, env=variables, input=text, capture_output=True, text=True, timeout=30
    )


@pytest.fixture
def name() -> str:
    return f"doc-{secrets.token_hex(8)}"


def test_document_goes_through_all_commands(url: str, name: str) -> None:
    made = run(url, "-o", "json", "set", name, "-", "--reason", "new", text='{"x": 1}')
    revision = json.loads(made.stdout)["revision"]
    edited = run(url, "edit", name, EDITOR="sed -i s/1/2/")

    assert edited.stdout.startswith(f"{name} is at revision ")
    assert json.loads(run(url, "get", name, "--metadata").stdout) == {"x": 2}
    assert json.loads(run(url, "get", name, "--revision", str(revision)).stdout)["metadata"] == {"x": 1}
    assert run(url, "list", "--prefix", name, "--where", "x=2").stdout.split()[0] == name
    assert json.loads(run(url, "diff", name, str(revision)).stdout)[0]["op"] == "replace"
    assert run(url, "rollback", name, str(revision)).returncode == 0
    history = json.loads(run(url, "-o", "json", "history", name).stdout)
    assert [entry["action"] for entry in history] == ["restore", "update", "create"]
    assert run(url, "delete", name).returncode == 0


def test_exit_codes_tell_why(url: str, name: str) -> None:
    run(url, "set", name, "-", text="{}")

    assert run(url, "get", f"{name}-none").returncode == 3
    assert run(url, "set", name, "-", "--if-revision", "0", text="{}").returncode == 4
    assert run(url, "set", name, "-", "--schema", "none", text="{}").returncode == 5
    assert run(url, "set", name, "-", text="{").returncode == 1
    assert run(url, "nonsense").returncode == 2
    away = run(f"http://127.0.0.1:{free_port()}", "get", name)
    assert (away.returncode, away.stderr.count("\n")) == (7, 1)


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_export_comes_back(url: str, name: str, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"all.{suffix}"
    run(url, "set", name, "-", text='{"x": "no"}')

    assert run(url, "export", file).returncode == 0
    run(url, "delete", name)
    dry = run(url, "import", file, "--dry-run")
    assert "configs: 1 created" in dry.stdout
    assert "nothing was written" in dry.stdout
    assert run(url, "import", file).returncode == 0
    assert json.loads(run(url, "get", name, "--metadata").stdout) == {"x": "no"}
