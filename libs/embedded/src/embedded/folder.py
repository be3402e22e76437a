"""The data folder: where everything that outlives a process is kept."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from embedded.errors import Failure


class Folder:
    """The places in a data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run = path / "run"
        self.logs = path / "logs"
        self.secrets = path / "secrets"
        self.state = self.run / "state.json"

    def create(self) -> None:
        """Make the folder, for its owner only, or say why that is impossible."""
        for place in (self.path, self.run, self.logs, self.secrets):
            try:
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
                TemporaryFile(dir=place).close()
            except OSError as error:
                reason = f"cannot write to {place}: {error.strerror}"
                raise Failure(f"{reason}; own it, or choose another with DATA=…") from error

    def of(self, name: str) -> Path:
        """Make a program's own folder."""
        place = self.path / name
        place.mkdir(mode=0o700, exist_ok=True)
        return place

    def log(self, name: str) -> Path:
        """Name a program's log file."""
        return self.logs / f"{name}.log"

    def secret(self, name: str) -> Path:
        """Name the file of a secret, made at its first use; it appears whole or not at all."""
        path = self.secrets / name
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
            fresh.rename(path)
        return path

    @contextmanager
    def exclusive(self, name: str, *, wait: bool = True) -> Iterator[bool]:
        """Hold a lock that ends with this process; without waiting, tell whether it was free."""
        with (self.run / f"{name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
