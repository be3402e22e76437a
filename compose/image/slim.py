"""Make a folder of installed packages ready for an image: compiled, and without what never runs."""

import argparse
import compileall
import py_compile
import re
import shutil
import subprocess
import sys
from pathlib import Path

UNUSED_FOLDERS = (
    "bin",
    "__pycache__",
    "test",
    "tests",
    "SelfTest",
    "alembic/testing",
    "pydantic/v1",  # FastAPI would load it, 1.5 MB, only to refuse such models; it does without
    "sqlalchemy/testing",
)
# Of Pillow: AVIF, text, colour profiles, windows on a screen, mathematics; no service asks for them.
UNUSED_MODULES = ("PIL/_avif.*", "PIL/_imagingft.*", "PIL/_imagingcms.*", "PIL/_imagingtk*", "PIL/_imagingm*")
UNUSED_FILES = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.cc", "*.cpp", "*.h")


def remove_unused(packages: Path) -> None:
    """Remove programs, tests, sources of compiled modules, type stubs, and modules that nobody asks for."""
    for name in UNUSED_FOLDERS:
        for folder in [path for path in packages.rglob(name) if path.is_dir()]:
            shutil.rmtree(folder)
    remove(packages, *UNUSED_FILES, *UNUSED_MODULES)
    remove_orphans(packages)


def remove_orphans(packages: Path) -> None:
    """Remove the libraries of wheels (`*.libs/`) that no module needs, directly or through another."""
    libraries = {library.name: library for library in packages.glob("*.libs/*.so*")}
    modules = [module for module in packages.rglob("*.so*") if module.name not in libraries]
    kept: set[str] = set()
    while modules:
        needed = (libraries.keys() & needs_of(modules.pop())) - kept
        kept |= needed
        modules += [libraries[name] for name in needed]
    for name in libraries.keys() - kept:
        libraries[name].unlink()


def needs_of(module: Path) -> list[str]:
    """Read the names of the libraries that a compiled module is linked to."""
    command = ["readelf", "--dynamic", module]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return re.findall(r"\(NEEDED\).*\[(.+)\]", listing)


def remove(packages: Path, *patterns: str) -> None:
    """Remove the files that one of the patterns fits."""
    for pattern in patterns:
        for file in packages.rglob(pattern):
            file.unlink()


def strip_symbols(packages: Path) -> None:
    """Remove the symbols of compiled modules that only a debugger asks for, most of uvloop."""
    for module in packages.rglob("*.so*"):
        smaller = module.with_name(
            f"{module.name}.stripped"
        )  # a new file: others may share this one by a link
        command = ["strip", "--strip-unneeded", "-o", smaller, module]
        subprocess.run(command, check=True)  # noqa: S603 - the image's own strip
        smaller.replace(module)


def compile_all(packages: Path, *, dependencies: bool) -> bool:
    """Compile every module beside its source, never to ask that again; a dependency's without docstrings."""
    mode, level = py_compile.PycInvalidationMode.UNCHECKED_HASH, 2 if dependencies else 0
    compiled = compileall.compile_dir(
        packages, quiet=1, workers=0, legacy=dependencies, optimize=level, invalidation_mode=mode
    )
    return bool(compiled)


def main() -> int:
    """Do all of it; the exit code is 1 when a module cannot be compiled."""
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", type=Path)
    parser.add_argument("--dependencies", action="store_true", help="drop sources, docstrings and asserts")
    options = parser.parse_args()
    remove_unused(options.packages)
    strip_symbols(options.packages)
    if not compile_all(options.packages, dependencies=options.dependencies):
        return 1
    if options.dependencies:
        remove(options.packages, "*.py")
    return 0


if __name__ == "__main__":
    sys.exit(main())
