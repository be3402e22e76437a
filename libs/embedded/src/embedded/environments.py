"""What services run in: environments of their own locks alone, compiled as images are; made at set-up."""

import py_compile
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from embedded.errors import one_line
from embedded.isolated import make_environment
from embedded.manifest import find_services

ENVIRONMENTS, BYTECODE = Path(".venv/services"), Path(".venv/bytecode")
NEVER_RUN = {"site-packages", "test", "tests", "ensurepip", "idlelib", "lib2to3", "tkinter", "turtledemo"}


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
    compile_all(root / BYTECODE, [*standard_library(), *packages], optimize=2)
    # Docstrings of ours are what the OpenAPI documents say.
    own = [path for part in ("libs", "services") for path in root.glob(f"{part}/*/src/**/*.py")]
    compile_all(root / BYTECODE, own, optimize=0)


def has_lock(folder: Path) -> bool:
    """Tell whether a service has an environment of its own."""
    return (folder / "requirements.lock").is_file()


def standard_library() -> list[Path]:
    """Find the modules of Python itself."""
    library = Path(sysconfig.get_path("stdlib"))
    modules = library.rglob("*.py")
    return [path for path in modules if NEVER_RUN.isdisjoint(path.relative_to(library).parts)]


def compile_all(prefix: Path, sources: Iterable[Path], *, optimize: int) -> None:
    """Compile modules, apart from the processes that import them: these would keep the memory that it takes.

    Args:
        prefix: where Python finds the result by `PYTHONPYCACHEPREFIX`.
        sources: absolute paths.
        optimize: 2 leaves out asserts and docstrings, which take 5 MB in a service.
    """
    files = defaultdict(list)
    for source in sources:
        files[source.stat().st_dev, source.stat().st_ino].append(source)
    with ProcessPoolExecutor() as pool:
        list(pool.map(partial(compile_file, prefix, optimize=optimize), files.values(), chunksize=50))


def compile_file(prefix: Path, sources: list[Path], *, optimize: int) -> None:
    """Compile a file once for all its names, as uv links it into many environments; if Python can read it."""
    first, *others = [compiled(prefix, source) for source in sources]
    with suppress(py_compile.PyCompileError):
        py_compile.compile(str(sources[0]), str(first), doraise=True, optimize=optimize)
        for other in others:
            other.parent.mkdir(parents=True, exist_ok=True)
            other.unlink(missing_ok=True)
            other.hardlink_to(first)


def compiled(prefix: Path, source: Path) -> Path:
    """Tell where Python looks for a compiled module (PEP 3147, `PYTHONPYCACHEPREFIX`)."""
    return (
        prefix
        / source.parent.relative_to(source.anchor)
        / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
    )


if __name__ == "__main__":
    sys.exit(one_line(lambda: make_all(Path.cwd())))
