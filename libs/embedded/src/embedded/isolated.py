"""Run each service's tests with only its own lock installed, so that an undeclared import fails.

A service's environment holds what its image will hold. First every module of the service is imported
there; what only the tests need is laid beside it afterwards, and cannot hide anything any more.
"""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from embedded.bootstrap import local_packages
from embedded.errors import Failure, one_line

CACHE = Path(".cache/isolated")
TEST_LOCK = Path("services/test-requirements.lock")
NEIGHBOURS = ("services/shoutcloud-emulator/src", "libs/chassis/src")  # what tests use beside their service
# FastAPI would load it, 2 MB, only to refuse such models; images are without it, too.
UNUSED = "lib/python*/site-packages/pydantic/v1"
NO_TESTS = 5  # pytest found none
AT_ONCE = 2  # services: what one waits for, another computes
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        if ".migrations." not in module.name:
            importlib.import_module(module.name)
"""  # Alembic runs the migrations, they cannot be imported


def check_all(root: Path) -> None:
    """Check every service; all of them, even when one fails."""
    packages = make_test_packages(root)
    folders = sorted(services(root), key=size_of_tests, reverse=True)  # no long one is left alone at the end
    with ThreadPoolExecutor(AT_ONCE) as pool:
        passed = list(pool.map(partial(check, root, packages), folders))
    failed = [folder.name for folder, has_passed in zip(folders, passed, strict=True) if not has_passed]
    if failed:
        raise Failure(f"with only its own lock installed, this failed: {', '.join(failed)}")


def services(root: Path) -> Iterator[Path]:
    """Find the services that have tests."""
    for folder in local_packages(root):
        if folder.parent.name == "services" and (folder / "tests").is_dir():
            yield folder


def size_of_tests(folder: Path) -> int:
    """Guess how long the tests of a service take."""
    return sum(path.stat().st_size for path in (folder / "tests").glob("*.py"))


def check(root: Path, packages: Path, folder: Path) -> bool:
    """Import all of a service, then run its tests; what they said is printed at their end."""
    environment = make_environment(root, folder)
    tests = next(environment.glob("lib/python*/site-packages")) / "tests.pth"
    tests.unlink(missing_ok=True)
    names = [path.parent.name for path in folder.glob("src/*/__init__.py")]
    done = run(environment, root, "-c", IMPORT_ALL, *names)
    if not done.returncode:
        tests.write_text("".join(f"{path}\n" for path in (packages, *(root / path for path in NEIGHBOURS))))
        options = ("-q", "-n", "auto", "-m", "not browser")
        done = run(environment, root, "-m", "pytest", *options, folder / "tests")
        tests.unlink()
    print(f"-- {folder.name}\n{done.stdout}", end="", flush=True)
    return done.returncode in {0, NO_TESTS}


def run(environment: Path, root: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python in an environment."""
    command = [environment / "bin/python", *arguments]
    return subprocess.run(
        command, cwd=root, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def make_environment(root: Path, folder: Path, *, cache: Path = CACHE) -> Path:
    """Make a service's environment in a folder of such, unless it is there and up to date."""
    environment, lock = root / cache / folder.name, folder / "requirements.lock"
    packages = [*dependencies(root, folder), folder]
    with fresh(environment, [lock, *(package / "pyproject.toml" for package in packages)]) as outdated:
        if outdated:
            editable = [word for package in packages for word in ("-e", package)]
            uv("venv", "--python", sys.executable, environment)
            uv("pip", "sync", "--python", environment, "--require-hashes", lock)
            uv("pip", "install", "--python", environment, "--no-deps", "--no-build-isolation", *editable)
            for unused in environment.glob(UNUSED):
                shutil.rmtree(unused)
    return environment


def make_locked_environment(folder: Path, lock: Path) -> Path:
    """Make an environment of what a lock holds, unless it is there; several processes may ask at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        with fresh(folder, [lock]) as outdated:
            if outdated:
                uv("venv", "--python", sys.executable, folder)
                uv("pip", "sync", "--python", folder, "--require-hashes", lock)
    return folder


def make_test_packages(root: Path) -> Path:
    """Install what only tests need into a folder of its own."""
    folder, lock = root / CACHE / "test-packages", root / TEST_LOCK
    with fresh(folder, [lock]) as outdated:
        if outdated:
            target = ("--python", sys.executable, "--target", folder)
            uv("pip", "install", *target, "--require-hashes", "-r", lock)
    return folder


def dependencies(root: Path, folder: Path) -> list[Path]:
    """Find the packages of this repository that a service declares."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[^\w-]", requirement)[0] for requirement in project["dependencies"]}
    return [path for path in local_packages(root) if path.name in names]


@contextmanager
def fresh(folder: Path, sources: list[Path]) -> Iterator[bool]:
    """Tell whether a folder must be made again from its sources; it is gone then, and marked once made."""
    stamp = folder / ".stamp"
    digest = hashlib.sha256(
        b"".join(path.read_bytes() for path in sources) + f"{folder} {sys.version}".encode()
    ).hexdigest()
    outdated = not (stamp.is_file() and stamp.read_text() == digest)
    if outdated:
        shutil.rmtree(folder, ignore_errors=True)
    yield outdated
    stamp.write_text(digest)


def uv(*arguments: str | Path) -> None:
    """Run uv; what it says is shown when it fails."""
    command = [sys.executable, "-m", "uv", "-q", *arguments]
    if subprocess.run(command, check=False).returncode:
        raise Failure("uv could not make an environment; see above")


if __name__ == "__main__":
    sys.exit(one_line(lambda: check_all(Path.cwd())))
