"""axe-core, which finds what keeps people from using a page; installed once with npm, then kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
INSTALL = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]


class AxeMissing(Exception):
    """axe-core is not there and cannot be installed here."""


def axe_source(cache: Path) -> str:
    """The script, to be evaluated in a page before `axe.run` is called there.

    Args:
        cache: folder where it is kept.

    Raises:
        AxeMissing: there is no npm, or it cannot reach its registry.
    """
    kept = cache / f"axe-{VERSION}.min.js"
    if not kept.exists():
        _install(kept)
    source = kept.read_bytes()
    if hashlib.sha256(source).hexdigest() != SHA256:
        raise AxeMissing(f"{kept} is not axe-core {VERSION}; remove it")
    return source.decode()


def _install(kept: Path) -> None:
    """Put it into the cache; workers that do it at once each move a whole file into place."""
    npm = shutil.which("npm")
    if npm is None:
        raise AxeMissing(f"no npm to install axe-core with, and no {kept}")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=kept.parent) as folder:
        command = [npm, *INSTALL, "--prefix", folder, f"axe-core@{VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
        if done.returncode:
            raise AxeMissing(f"npm cannot install axe-core@{VERSION}: {done.stderr.strip()[-300:]}")
        (Path(folder) / "node_modules/axe-core/axe.min.js").replace(kept)
