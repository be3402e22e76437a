"""What services run in: environments of their own locks alone, compiled as images are; made at set-up."""

import sys
from pathlib import Path

from embedded.bytecode import compile_all, compile_small, standard_library
from embedded.errors import one_line
from embedded.isolated import make_environment
from embedded.manifest import find_services

ENVIRONMENTS, BYTECODE = Path(".venv/services"), Path(".venv/bytecode")


def runtime(root: Path, folder: Path) -> tuple[str, dict[str, str]]:
    """Tell a service's interpreter, and the variables that it needs.

    A service runs with what its image holds: libraries load what else they find, and it would take 3 MB.

    Args:
        root: of the repository.
        folder: of the service; without a lock it runs in the environment of the tools.
    """
    if not has_lock(folder):
        return sys.executable, {}
    python = root / ENVIRONMENTS / folder.name / "bin/python"
    return str(python), {"PYTHONPYCACHEPREFIX": str(root / BYTECODE)}


def make_all(root: Path) -> None:
    """Make the environments of all services, unless they are up to date, and compile what services run."""
    folders = [manifest.folder for manifest in find_services(root) if has_lock(manifest.folder)]
    # One after the other: of many uv at once, some wait for seconds.
    environments = [make_environment(root, folder, cache=ENVIRONMENTS) for folder in folders]
    packages = [path for environment in environments for path in environment.rglob("site-packages/**/*.py")]
    compile_small(root / BYTECODE, [*standard_library(), *packages])
    # Docstrings of ours are what the OpenAPI documents say, and tracebacks are about our code.
    own = [path for part in ("libs", "services") for path in root.glob(f"{part}/*/src/**/*.py")]
    compile_all(root / BYTECODE, own, optimize=0)


def has_lock(folder: Path) -> bool:
    """Tell whether a service has an environment of its own."""
    return (folder / "requirements.lock").is_file()


if __name__ == "__main__":
    sys.exit(one_line(lambda: make_all(Path.cwd())))
