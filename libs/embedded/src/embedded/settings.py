"""What the caller's environment says; the only reader of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.errors import Failure

REPOSITORY = Path(__file__).resolve().parents[4]  # as installed by make, editable
OWN = ("SERVE_", "PYTHON", "ROOT_PATH", "METRICS_PORT", "LOG_FORMAT", "DRAIN_SECONDS", "TRUSTED_PROXIES")


@dataclass(frozen=True)
class Settings:
    """Where the stack lives and what its programs inherit.

    Attributes:
        root: the repository; every verb is run in its folder.
        data: the data folder.
        port: of the gateway; 0 takes a free one.
        environ: what the programs inherit.
        confirmed: whether to ask before data are removed.
    """

    root: Path
    data: Path
    port: int
    environ: Mapping[str, str]
    confirmed: bool = False


def load_settings() -> Settings:
    """Read the environment; what the stack decides itself is not passed on."""
    return Settings(
        root=Path.cwd(),
        data=Path(os.environ.get("DATA") or ".data").absolute(),
        port=parse_port(os.environ.get("PORT") or "8080"),
        environ={name: value for name, value in os.environ.items() if not name.startswith(OWN)},
        confirmed=os.environ.get("CONFIRM") == "yes",
    )


def parse_port(text: str) -> int:
    """Check a port number; 0 asks for any free one."""
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise Failure(f"PORT must be a number from 0 to 65535, not {text!r}")
    return int(text)


def base_url() -> str | None:
    """Tell the address of a running stack that the tests shall use, if one is given."""
    return os.environ.get("BASE_URL") or None


def base_host() -> str | None:
    """Tell the host name by which an ingress controller knows that stack, if one stands before it."""
    return os.environ.get("BASE_HOST") or None


def stack_environment(data: Path) -> dict[str, str]:
    """Make the environment of a stack of its own, on free ports."""
    return {**os.environ, "DATA": str(data), "PORT": "0"}
