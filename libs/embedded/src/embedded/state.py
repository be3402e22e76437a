"""What runs, written down by the supervisor for everyone else."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from embedded.identity import Identity


@dataclass
class Entry:
    """One program of the stack.

    Attributes:
        port: where it listens.
        ready_path: where it tells its readiness; None: to accept a connection is enough.
        urls: where it is reached, by path and by host name.
        identity: its process; None when it has none just now.
        restarts: how often it was started again.
        note: what became of its last process, if that ended.
    """

    port: int
    ready_path: str | None
    urls: Sequence[str]
    identity: Identity | None = None
    restarts: int = 0
    note: str = ""


@dataclass
class State:
    """The whole stack; `ready` once all of it was."""

    supervisor: Identity
    port: int
    ready: bool = False
    entries: dict[str, Entry] = field(default_factory=dict)

    def processes(self) -> list[psutil.Process]:
        """List what still runs of all that the supervisor started."""
        identities = [entry.identity for entry in self.entries.values() if entry.identity]
        return [process for identity in identities for process in identity.processes()]

    def write(self, path: Path) -> None:
        """Replace the file as a whole."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self), indent=1))
        fresh.rename(path)


def read_state(path: Path) -> State | None:
    """Read the last state; None when nothing was ever started."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    entries = {name: parse_entry(entry) for name, entry in content["entries"].items()}
    return State(Identity(**content["supervisor"]), content["port"], content["ready"], entries)


def parse_entry(content: dict[str, Any]) -> Entry:
    """Read one program."""
    identity = content.pop("identity")
    return Entry(identity=Identity(**identity) if identity else None, **content)
