import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
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


def test_schema_is_shown_with_its_history(url: str, name: str) -> None:
    made = httpx.put(
        f"{url}/v1/schemas/{name}", json={"minProperties": 1}, headers={"X-Change-Reason": "new"}
    )
    httpx.put(f"{url}/v1/schemas/{name}", json=True).raise_for_status()

    assert run(url, "schema", name).stdout == "true\n"
    history = json.loads(run(url, "-o", "json", "schema-history", name).stdout)
    assert [(entry["action"], entry["reason"]) for entry in history] == [("update", None), ("create", "new")]
    old = run(url, "schema", name, "--revision", str(history[1]["revision"]))
    assert json.loads(old.stdout)["schema"] == made.json()
    assert run(url, "schema", f"{name}-none").returncode == 3


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


@pytest.fixture
def breaking_off() -> Iterator[str]:
    """A service that breaks off within its answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b'4\r\n{"ve\r\n')

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_export_that_breaks_off_leaves_the_file_alone(breaking_off: str, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text("the old one")

    assert run(breaking_off, "export", tmp_path / "all.json").returncode == 7
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("all.json", "the old one")]


def test_export_and_import_go_through_a_pipe(url: str, name: str) -> None:
    run(url, "set", name, "-", text='{"x": 1}')

    exported = run(url, "export", "-")
    run(url, "delete", name)
    imported = run(url, "-o", "json", "import", "-", text=exported.stdout)

    assert json.loads(imported.stdout)["configs"]["created"] == [name]


@pytest.mark.parametrize("output", ["json", "table"])
def test_long_list_is_complete(url: str, name: str, tmp_path: Path, output: str) -> None:
    configs = [{"name": f"{name}-{number:04}", "metadata": {}} for number in range(2100)]
    (tmp_path / "many.json").write_text(json.dumps({"version": 1, "configs": configs}))
    run(url, "import", tmp_path / "many.json")

    shown = run(url, "-o", output, "list", "--prefix", f"{name}-").stdout
    nothing = run(url, "-o", output, "list", "--prefix", f"{name}-none").stdout

    rows = json.loads(shown) if output == "json" else shown.splitlines()
    assert len(rows) == 2100
    assert nothing == ("[]\n" if output == "json" else "")
