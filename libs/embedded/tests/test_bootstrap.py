import subprocess
import sys
from pathlib import Path

import pytest

from embedded import bootstrap

ROOT = Path(__file__).parents[3]
LOCK = """\
honey==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
milk-shake==2.0 ; sys_platform == 'linux' \\
    --hash=sha256:cc
"""


def test_lock_is_cut_into_the_blocks_of_its_packages():
    blocks = bootstrap.split_lock(LOCK)
    assert list(blocks) == ["honey", "milk-shake"]
    assert "".join(blocks.values()) == LOCK


def test_own_lock_is_cut_without_loss_and_has_uv():
    lock = (ROOT / "requirements.lock").read_text()
    blocks = bootstrap.split_lock(lock)
    assert "".join(blocks.values()) == lock
    assert all("--hash=sha256:" in block for block in blocks.values())
    assert "uv" in blocks


def test_locks_say_nothing_about_where_packages_come_from():
    for lock in [ROOT / "requirements.lock", *ROOT.glob("services/**/*requirements.lock")]:
        assert "://" not in lock.read_text()


@pytest.fixture
def clone(tmp_path):
    (tmp_path / "libs/one").mkdir(parents=True)
    (tmp_path / "libs/one/pyproject.toml").write_text("")
    (tmp_path / "services/two").mkdir(parents=True)
    for lock in ("requirements.lock", "services/two/requirements.lock"):
        (tmp_path / lock).write_text(LOCK)
    return tmp_path


@pytest.mark.parametrize(
    "file", ["requirements.lock", "libs/one/pyproject.toml", "services/two/requirements.lock"]
)
def test_fingerprint_changes_with_every_lock_and_project(clone, file):
    before = bootstrap.fingerprint(clone)
    assert bootstrap.fingerprint(clone) == before
    (clone / file).write_text("changed==1.0\n")
    assert bootstrap.fingerprint(clone) != before


def run_bootstrap(folder):
    return subprocess.run(
        [sys.executable, bootstrap.__file__],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_setup_that_is_done_does_nothing(clone):
    (clone / ".venv").mkdir()
    (clone / ".venv/.stamp").write_text(bootstrap.fingerprint(clone))
    done = run_bootstrap(clone)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_folder_that_cannot_be_written_is_one_clear_line(clone):
    (clone / ".cache").write_text("a file in the way")
    done = run_bootstrap(clone)
    assert done.returncode == 1
    assert done.stderr.startswith("error: could not set up .venv: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 1", "is missing or older than 3.11; install it, or name one with make PYTHON=…"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "lacks the venv module; install it"),
    ],
)
def test_unfit_python_is_one_clear_line(tmp_path, script, message):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    command = ["make", "--no-print-directory", "setup", f"PYTHON={python}"]
    made = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    first, *rest = made.stderr.splitlines()
    assert made.returncode
    assert first.startswith(f"error: {python}")
    assert message in first
    assert all(line.startswith("make") for line in rest)


def test_help_lists_every_verb():
    made = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    verbs = {line.split()[1] for line in made.stdout.splitlines()}
    assert verbs >= {
        "up",
        "down",
        "status",
        "logs",
        "dev",
        "reset",
        "test",
        "check",
        "fmt",
        "lock",
        "e2e",
        "bench",
    }
