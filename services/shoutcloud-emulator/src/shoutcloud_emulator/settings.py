"""Settings: where to listen, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where to listen.

    Attributes:
        serve_port: TCP port; 0 takes a free one.
        serve_host: address.
    """

    serve_port: int
    serve_host: str = "0.0.0.0"  # noqa: S104 - a container listens on all its interfaces


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:  # noqa: TID251 - its one reader
    """Read the environment.

    Raises:
        SystemExit: with one line for stderr, exit code 1.
    """
    port = environment.get("SERVE_PORT", "")
    if not port:
        raise SystemExit("SERVE_PORT must be set")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise SystemExit("SERVE_PORT: a port of 0 to 65535 is expected")
    return Settings(int(port), environment.get("SERVE_HOST") or Settings.serve_host)
