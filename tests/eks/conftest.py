"""Ansible, cfn-lint and moto, in an environment of their own; nothing here leaves this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from chassis.testing import free_port, wait_until
from embedded.isolated import make_locked_environment

REPOSITORY = Path(__file__).parents[2]
EKS = REPOSITORY / "k8s/eks"
PROGRAMS = Path(__file__).parent / "programs"
RECORDED = ("curl", "docker", "kubectl", "make")  # what the playbook starts beside aws and git
RECORDER = """#!/bin/sh
echo "$@" >> "{log}"
case $* in *-stdin*) cat >/dev/null ;; esac
"""


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of ansible-playbook, aws, cfn-lint."""
    environment = make_locked_environment(
        REPOSITORY / ".cache/eks", Path(__file__).parent / "requirements.lock"
    )
    return environment / "bin"


@dataclass(frozen=True)
class Account:
    """An AWS account of moto's, and a copy of the repository that is deployed to it."""

    url: str
    tools: Path
    repository: Path
    programs: Path  # come before the machine's
    settings: Mapping[str, str] = field(default_factory=dict)  # besides those of the account

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the tools in the account."""
        environment = {
            "ANSIBLE_HOME": str(self.repository.parent / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_ENDPOINT_URL": self.url,
            "HOME": str(self.repository.parent),
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "PATH": f"{self.programs}:{self.tools}:{os.defpath}",
            **self.settings,
        }
        return subprocess.run(  # noqa: S603 - our own tools
            [self.tools / program, *arguments],
            env=environment,
            cwd=self.repository,
            capture_output=True,
            text=True,
            check=False,
        )

    def play(self, playbook: str, *options: str) -> str:
        """Run a playbook that succeeds; tell what Ansible said."""
        done = self.run("ansible-playbook", f"k8s/eks/{playbook}.yaml", *options)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout

    def commit(self) -> str:
        """The one that is released."""
        command = ("git", "rev-parse", "--short=12", "HEAD")
        done = subprocess.run(command, cwd=self.repository, capture_output=True, text=True, check=True)  # noqa: S603
        return done.stdout.strip()

    def aws(self, *arguments: str) -> str:
        done = self.run("aws", *arguments, "--region=eu-central-1", "--output=text")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def recorded(self, program: str) -> list[str]:
        """How a program was called."""
        file = self.programs / f"{program}.log"
        return file.read_text().splitlines() if file.exists() else []


@contextmanager
def account_in(folder: Path, tools: Path) -> Iterator[Account]:
    """A new account, empty."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (folder / "aws.log").open("w") as log:
        command = [tools / "python", PROGRAMS / "aws.py", str(port)]
        server = subprocess.Popen(command, stderr=log, stdout=log)  # noqa: S603 - our own program
        try:
            wait_until(lambda: answers(f"{url}/moto-api/", server), seconds=60)
            yield Account(url, tools, copy_of(folder), recorders(folder))
        finally:
            server.terminate()
            server.wait()


@pytest.fixture
def account(tools, tmp_path) -> Iterator[Account]:
    with account_in(tmp_path, tools) as account:
        yield account


@pytest.fixture(scope="session")
def deployed(tools, tmp_path_factory) -> Iterator[Account]:
    """An account with the infrastructure in it."""
    with account_in(tmp_path_factory.mktemp("deployed"), tools) as account:
        account.play("deploy", "--tags=infrastructure")
        yield account


def answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, "moto did not start"
    try:
        httpx.get(url, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def copy_of(folder: Path) -> Path:
    """A repository that is all committed: what playbooks and scripts read, as it is now."""
    copy = folder / "repository"
    shutil.copytree(REPOSITORY / "k8s", copy / "k8s", symlinks=True)
    for service in REPOSITORY.glob("services/*-service"):
        shutil.copytree(service, copy / "services" / service.name, ignore=lambda *_: ["src", "tests"])
    (copy / ".gitignore").write_text(".data/\n")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "All of it"]):
        subprocess.run(["git", *command], cwd=copy, check=True)  # noqa: S603, S607 - git of the machine
    return copy


def recorders(folder: Path) -> Path:
    """Programs that only write down how they were called."""
    recorders = folder / "recorders"
    recorders.mkdir()
    for name in RECORDED:
        program = recorders / name
        program.write_text(RECORDER.format(log=recorders / f"{name}.log"))
        program.chmod(0o755)
    return recorders
