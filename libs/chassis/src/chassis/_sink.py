"""Where log lines go: stdout, written off the hot path."""

from __future__ import annotations

import atexit
import sys
import threading
from typing import BinaryIO

FLUSH_SECONDS = 0.05
FLUSH_BYTES = 64 * 1024


class Sink:
    """Joins the lines of 50 ms into one write; a line is never split.

    A write for each request costs a system call; joined they cost next to nothing. Who logs a
    warning or an error calls `flush` after it, so that a crash loses none of those.

    Args:
        stream: binary stream to write to; None takes stdout as it is at each flush.
    """

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream
        self._lines: list[bytes] = []
        self._size = 0
        self._lock = threading.Lock()
        self._pending = threading.Event()
        self._writer: threading.Thread | None = None

    def write(self, line: bytes) -> None:
        """Take one line, its newline included; past 64 KiB the caller writes, so memory is bounded."""
        self._lines.append(line)
        self._size += len(line)
        if self._size > FLUSH_BYTES:
            self.flush()
        elif not self._pending.is_set():
            self._pending.set()
            if self._writer is None:
                self._start()

    def flush(self) -> None:
        """Write what is there. A closed pipe or a full disk loses lines, not requests."""
        with self._lock:
            lines, self._lines, self._size = self._lines, [], 0
            stream = self._stream or sys.stdout.buffer
            try:
                stream.write(b"".join(lines))
                stream.flush()
            except (OSError, ValueError):
                return

    def forget_writer(self) -> None:
        """Begin anew in a forked process, which has the lines that wait but not the thread."""
        self._lines, self._size, self._writer = [], 0, None
        self._lock, self._pending = threading.Lock(), threading.Event()

    def _start(self) -> None:
        self._writer = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._writer.start()
        atexit.register(self.flush)

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._pending.wait()
            pause.wait(FLUSH_SECONDS)
            self._pending.clear()
            self.flush()
