"""The pipeline of .github/workflows."""

import re
import shutil
import subprocess

import pytest
import yaml

from .conftest import EKS, REPOSITORY

PIPELINE = REPOSITORY / ".github/workflows/pipeline.yaml"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


@pytest.fixture(scope="module")
def jobs():
    return yaml.safe_load(PIPELINE.read_text())["jobs"]


def test_actionlint_finds_nothing():
    if not (go := shutil.which("go")):
        pytest.skip("actionlint is a Go program, and there is no go")
    command = [go, "run", ACTIONLINT, PIPELINE]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603
    if "module lookup disabled" in done.stderr or "dial tcp" in done.stderr:
        pytest.skip("actionlint cannot be downloaded")
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_step_waits_for_the_one_before(jobs):
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "test": None,
        "build": "test",
        "publish": "build",
        "deploy": "publish",
    }


@pytest.mark.parametrize("job", ["build", "publish"])
def test_every_repository_of_the_registry_gets_its_image(jobs, job):
    names = re.findall(r"RepositoryName: quintet/(\S+)", (EKS / "registry.yaml").read_text())
    assert jobs[job]["strategy"]["matrix"]["image"] == names


def test_only_who_talks_to_aws_may_identify_itself(jobs):
    allowed = {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})}
    assert allowed == {"publish", "deploy"}
    for job in jobs.values():
        assert set(job.get("permissions", {}).values()) <= {"read", "write"}
        assert job.get("permissions", {}).get("contents", "read") == "read"


def test_pipeline_has_no_secret():
    assert "secrets." not in PIPELINE.read_text()


def test_commit_is_named_as_the_playbook_names_it():
    playbook = (EKS / "tasks/release.yaml").read_text()
    assert "rev-parse, --short=12, HEAD" in playbook
    assert set(re.findall(r"rev-parse --short\S* HEAD", PIPELINE.read_text())) == {
        "rev-parse --short=12 HEAD"
    }
