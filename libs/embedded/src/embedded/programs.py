"""The programs of the stack: what to run, with which environment, and how to see that it is ready."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.environments import runtime
from embedded.folder import Folder
from embedded.manifest import Manifest
from embedded.ports import LOOPBACK
from embedded.settings import Settings


@dataclass(frozen=True)
class Program:
    """One process of the stack.

    Attributes:
        argv: the command.
        port: where it listens.
        urls: where it is reached, by path and by host name.
        ready_path: where it tells its readiness; None: to accept a connection is enough.
        prepare: commands that are run to their end before it is first started.
        configure: writes its configuration; called before each start.
        stop_signal: what asks it to finish its work and end.
        sources: folders whose changes concern it.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    port: int
    urls: tuple[str, str]
    ready_path: str | None = "/readyz"
    prepare: tuple[tuple[str, ...], ...] = ()
    configure: Callable[[], None] = lambda: None
    stop_signal: signal.Signals = signal.SIGTERM
    sources: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Mode:
    """How services behave in the background, or at a terminal."""

    log_format: str
    drain_seconds: int


BACKGROUND = Mode("json", 1)
FOREGROUND = Mode("console", 0)


def internal(port: int) -> tuple[str, str]:
    """Describe the address of a program that only other programs use."""
    return f"{LOOPBACK}:{port} (internal)", ""


def service(
    manifest: Manifest, settings: Settings, ports: dict[str, int], urls: tuple[str, str], mode: Mode
) -> Program:
    """Run a service by its manifest."""
    data = Folder(settings.data)
    python, variables = runtime(settings.root, manifest.folder)
    env = {
        **settings.environ,
        "SERVE_HOST": LOOPBACK,
        "SERVE_PORT": str(ports[manifest.name]),
        "LOG_FORMAT": mode.log_format,
        "DRAIN_SECONDS": str(mode.drain_seconds),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        **variables,
        **manifest.settings(ports, data.of(manifest.name)),
        **{name: str(data.secret(secret)) for name, secret in manifest.secrets.items()},
    }
    return Program(
        name=manifest.name,
        argv=(python, "-m", manifest.module),
        env=env,
        cwd=data.of(manifest.name),
        port=ports[manifest.name],
        urls=urls,
        prepare=((python, "-m", manifest.migrate),) if manifest.migrate else (),
        sources=(manifest.folder / "src", settings.root / "libs/chassis/src"),
    )
