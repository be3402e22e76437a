"""Health: is the service alive, ready, or draining."""

from __future__ import annotations

import asyncio
import mmap
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

CHECK_SECONDS = 1.0
Check = Callable[[], Awaitable[object]] | Callable[[], object]


@dataclass(frozen=True)
class CheckResult:
    """What one readiness check found.

    Attributes:
        status: `ok` or `fail`.
        latency_ms: how long it took, in milliseconds.
        error: class of the error, None when well.
    """

    status: str
    latency_ms: float
    error: str | None = None

    @classmethod
    def of(cls, seconds: float, error: BaseException | None) -> CheckResult:
        """The result of a check that took `seconds` and raised `error`."""
        latency = round(seconds * 1000, 2)
        return cls("fail", latency, type(error).__name__) if error else cls("ok", latency)


class DrainFlag:
    """One bit that the processes of a service share.

    Args:
        path: file of one byte that they map; None for a single process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._byte: mmap.mmap | bytearray = bytearray(1)
        if path is not None:
            with path.open("r+b") as file:
                self._byte = mmap.mmap(file.fileno(), 1)

    @staticmethod
    def new_file() -> Path:
        """A file for the flag of several processes; the caller removes it."""
        with tempfile.NamedTemporaryFile(prefix="drain-", delete=False) as file:
            file.write(b"\0")
        return Path(file.name)

    def set(self) -> None:
        """Say that the service drains."""
        self._byte[0] = 1

    def __bool__(self) -> bool:
        return self._byte[0] == 1


class Closing:
    """Set once, when the drain is over; wakes whatever waits in an event loop, without polling."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._waiting: set[Callable[[], object]] = set()

    def set(self) -> None:
        """Say that the service closes; from any thread or a signal handler."""
        self._event.set()
        for wake in tuple(self._waiting):
            wake()

    def is_set(self) -> bool:
        """Whether the service closes."""
        return self._event.is_set()

    async def wait(self) -> None:
        """Return when the service closes."""
        woken = asyncio.Event()
        wake = partial(asyncio.get_running_loop().call_soon_threadsafe, woken.set)
        self._waiting.add(wake)
        try:
            if not self.is_set():
                await woken.wait()
        finally:
            self._waiting.discard(wake)


class Health:
    """The readiness checks of a service.

    Args:
        flag: set while the service drains.

    Attributes:
        closing: set when the drain is over; streams end then.
    """

    def __init__(self, flag: DrainFlag | None = None) -> None:
        self.flag = flag or DrainFlag()
        self.closing = Closing()
        self.checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Register a check of one of the service's own stores; it raises when that is not well.

        Args:
            name: of the store, such as `redis`.
            check: called for each probe, given one second.
        """
        self.checks[name] = check

    def report(self, results: Mapping[str, CheckResult]) -> tuple[int, dict[str, Any]]:
        """Status code and document of `/readyz?verbose`."""
        well = all(result.status == "ok" for result in results.values())
        status = "draining" if self.flag else "ready" if well else "not_ready"
        checks = {name: asdict(result) for name, result in results.items()}
        return (200 if status == "ready" else 503), {"status": status, "checks": checks}
