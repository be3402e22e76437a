"""Where the output of a program goes: a bounded file, or the terminal."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

FILE_BYTES = 8 * 2**20
TAIL_LINES = 12


class Sink(Protocol):
    """Takes what a program writes, and what the supervisor has to say about it."""

    def write(self, chunk: bytes) -> None:
        """Take a piece of output."""

    def note(self, event: str, **fields: object) -> None:
        """Take an event of the program's life."""

    def tail(self) -> str:
        """Return the last lines, if nobody has seen them yet."""

    def close(self) -> None:
        """Take nothing more."""


class FileSink:
    """A log file and one older one; together they stay below twice `limit` bytes."""

    def __init__(self, path: Path, service: str, limit: int = FILE_BYTES) -> None:
        self._path, self._service, self._limit = path, service, limit
        self._file = path.open("ab", buffering=0)

    def write(self, chunk: bytes) -> None:
        """Append; a full file is first put aside, between two lines."""
        end = chunk.rfind(b"\n") + 1
        if end and self._file.tell() + len(chunk) > self._limit:
            self._file.write(chunk[:end])
            self._rotate()
            chunk = chunk[end:]
        self._file.write(chunk)

    def note(self, event: str, **fields: object) -> None:
        """Write the event in the form that the services' lines have."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"timestamp": time, "level": "warning", "logger": "embedded", "event": event}
        line = json.dumps(head | {"service": self._service} | fields)
        self.write(line.encode() + b"\n")

    def tail(self) -> str:
        """Return the last lines of the file."""
        lines = self._path.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "".join(f"\n  {line}" for line in lines)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        self._path.replace(self._path.with_suffix(".log.1"))
        self._file = self._path.open("ab", buffering=0)


class ConsoleSink:
    """The terminal: whole lines behind the program's name.

    Args:
        hidden: lines with this in them are left out.
    """

    def __init__(self, name: str, width: int, colour: int, hidden: bytes = b"") -> None:
        begin, end = (f"\x1b[{31 + colour % 6}m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
        self._prefix = f"{begin}{name:<{width}} |{end} ".encode()
        self._rest, self._hidden = b"", hidden

    def write(self, chunk: bytes) -> None:
        """Print the lines that are complete."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            if not (self._hidden and self._hidden in line):
                sys.stdout.buffer.write(self._prefix + line + b"\n")
        sys.stdout.buffer.flush()

    def note(self, event: str, **fields: object) -> None:
        """Print the event."""
        words = [event.replace("_", " "), *(f"{name}={value}" for name, value in fields.items())]
        self.write(f"-- {' '.join(words)}\n".encode())

    def tail(self) -> str:
        """Everything was shown already."""
        return ""

    def close(self) -> None:
        """The terminal stays open."""
