"""Reading the logs: the last lines of each, then what is added."""

import sys
from collections.abc import Callable
from os import fstat
from os.path import samestat
from pathlib import Path

from watchfiles import watch

from embedded import stack
from embedded.errors import Failure
from embedded.folder import Folder
from embedded.settings import Settings
from embedded.sinks import ConsoleSink

LAST_BYTES = 4096
DEBOUNCE_MS = 100


class Follower:
    """One log file, read from near its end on, also after it has been put aside."""

    def __init__(self, path: Path, write: Callable[[bytes], None]) -> None:
        self._path, self._write = path, write
        self._file = path.open("rb")
        if self._file.seek(0, 2) > LAST_BYTES:
            self._file.seek(-LAST_BYTES, 2)
            self._file.readline()
        else:
            self._file.seek(0)

    def read(self) -> None:
        """Pass on what was added."""
        self._write(self._file.read())
        if self._path.exists() and not samestat(self._path.stat(), fstat(self._file.fileno())):
            self._file = self._path.open("rb")
            self._write(self._file.read())


def follow(settings: Settings, service: str | None) -> None:
    """Print the logs of one service as they are, or of all behind their names; go on while the stack runs."""
    folder = Folder(settings.data)
    followers = [Follower(path, write) for path, write in choose(folder, service)]
    for follower in followers:
        follower.read()
    if not stack.find(settings):
        return
    for _ in watch(folder.logs, debounce=DEBOUNCE_MS, step=DEBOUNCE_MS // 2, raise_interrupt=False):
        for follower in followers:
            follower.read()


def choose(folder: Folder, service: str | None) -> list[tuple[Path, Callable[[bytes], None]]]:
    """Find the files to read, and where their lines go."""
    paths = sorted(folder.logs.glob("*.log")) if folder.logs.is_dir() else []
    if not paths:
        raise Failure("there are no logs yet; make up starts the services")
    if service is None:
        width = max(len(path.stem) for path in paths)
        return [(path, ConsoleSink(path.stem, width, number).write) for number, path in enumerate(paths)]
    if folder.log(service) not in paths:
        raise Failure(f"no service is called {service!r}; there are {', '.join(path.stem for path in paths)}")
    return [(folder.log(service), write_plainly)]


def write_plainly(chunk: bytes) -> None:
    """Print a piece of a log."""
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
