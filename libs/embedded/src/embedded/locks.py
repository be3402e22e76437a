"""Write the locks: for development, each service, what their tests need besides, other programs, and EKS."""

import subprocess
import sys
import tomllib
from pathlib import Path

from embedded.bootstrap import local_packages
from embedded.errors import Failure, one_line

COMPILE = ("-m", "uv", "pip", "compile", "-q", "--universal", "--generate-hashes", "-p", "3.11")
CHASSIS_EXTRAS = ("--extra", "fastapi", "--extra", "testing")  # what chassis.testing and played services need
PLAIN = ("--no-header", "--no-annotate", "--no-emit-index-url")


def lock_all(root: Path) -> None:
    """Resolve once for development; every other lock takes its versions from that one."""
    projects = [folder / "pyproject.toml" for folder in local_packages(root)]
    development = root / "requirements.lock"
    lock(root, development, "--group", "pyproject.toml:dev", "--all-extras", *projects)
    for project in projects:
        if project.parent.parent.name == "services":
            lock(root, project.parent / "requirements.lock", project, "-c", development)
    tests = ("--group", "pyproject.toml:service-test", root / "libs/chassis/pyproject.toml", *CHASSIS_EXTRAS)
    lock(root, root / "services/test-requirements.lock", *tests, "-c", development)
    lock(root, root / "tests/fuzz/requirements.lock", "--group", "pyproject.toml:fuzz")
    lock(root, root / "tests/e2e/programs/old-client.lock", "--group", "pyproject.toml:old-client")
    deployment = root / "k8s/eks/requirements.lock"
    lock(root, deployment, "--group", "pyproject.toml:eks")
    lock(root, root / "tests/eks/requirements.lock", "--group", "pyproject.toml:eks-test", "-c", deployment)


def lock(root: Path, output: Path, *arguments: str | Path) -> None:
    """Write one lock without the packages of this repository."""
    local = [f"--no-emit-package={name_of(folder)}" for folder in local_packages(root)]
    command = [sys.executable, *COMPILE, *PLAIN, *arguments, *local, "-o", output]
    print(output.relative_to(root), flush=True)
    if subprocess.run(command, cwd=root, check=False, stdout=subprocess.DEVNULL).returncode:
        raise Failure(f"uv could not resolve {output.relative_to(root)}; see above")


def name_of(folder: Path) -> str:
    """Read a package's name."""
    name: str = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"]
    return name


if __name__ == "__main__":
    sys.exit(one_line(lambda: lock_all(Path.cwd())))
