"""Make a folder of installed packages ready for an image: compiled, and without what never runs."""

import argparse
import compileall
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

UNUSED_FOLDERS = ("bin", "__pycache__", "test", "tests", "SelfTest")
UNUSED_FILES = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.cc", "*.cpp", "*.h")


def remove_unused(packages: Path) -> None:
    """Remove programs, tests, sources of compiled modules and type stubs."""
    for name in UNUSED_FOLDERS:
        for folder in [path for path in packages.rglob(name) if path.is_dir()]:
            shutil.rmtree(folder)
    remove(packages, *UNUSED_FILES)


def remove(packages: Path, *patterns: str) -> None:
    """Remove the files that one of the patterns fits."""
    for pattern in patterns:
        for file in packages.rglob(pattern):
            file.unlink()


def strip_symbols(packages: Path) -> None:
    """Remove the symbols of compiled modules that only a debugger asks for, most of uvloop."""
    for module in packages.rglob("*.so*"):
        subprocess.run(["strip", "--strip-unneeded", module], check=True)  # noqa: S603, S607 - the image's own


def compile_all(packages: Path, *, replace: bool) -> bool:
    """Compile every module: in place of its source, or beside it and never asking the source again."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compiled = compileall.compile_dir(packages, quiet=1, workers=0, legacy=replace, invalidation_mode=mode)
    return bool(compiled)


def main() -> int:
    """Do all of it; the exit code is 1 when a module cannot be compiled."""
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", type=Path)
    parser.add_argument("--replace", action="store_true", help="leave the compiled modules only")
    options = parser.parse_args()
    remove_unused(options.packages)
    strip_symbols(options.packages)
    if not compile_all(options.packages, replace=options.replace):
        return 1
    if options.replace:
        remove(options.packages, "*.py")
    return 0


if __name__ == "__main__":
    sys.exit(main())
