"""Modules compiled ahead; processes that did it as they import would keep the memory that it takes."""

import py_compile
import subprocess
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

NEVER_RUN = {"site-packages", "test", "tests", "ensurepip", "idlelib", "lib2to3", "tkinter", "turtledemo"}


def standard_library() -> list[Path]:
    """Find the modules of Python itself."""
    library = Path(sysconfig.get_path("stdlib"))
    modules = library.rglob("*.py")
    return [path for path in modules if NEVER_RUN.isdisjoint(path.relative_to(library).parts)]


def compile_small(prefix: Path, sources: Iterable[Path]) -> None:
    """Compile modules without docstrings, asserts, and columns for tracebacks: 6 MB less in a service.

    Args:
        prefix: where Python finds the result by `PYTHONPYCACHEPREFIX`.
        sources: absolute paths.
    """
    command = [sys.executable, "-X", "no_debug_ranges", "-m", "embedded.bytecode", str(prefix)]
    subprocess.run(command, input="\n".join(map(str, sources)), text=True, check=True)


def compile_all(prefix: Path, sources: Iterable[Path], *, optimize: int) -> None:
    """Compile modules.

    Args:
        prefix: where Python finds the result by `PYTHONPYCACHEPREFIX`.
        sources: absolute paths.
        optimize: 2 leaves out asserts and docstrings.
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
    compile_all(Path(sys.argv[1]), map(Path, sys.stdin.read().splitlines()), optimize=2)
