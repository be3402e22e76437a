"""Processes known by more than their number, which the system gives away again."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

GONE = (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError)
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Identity:
    """A process that leads a group of its own.

    Attributes:
        pid: its number.
        started: when it started, in seconds since the machine did; a clock set anew changes nothing.
        program: the file it runs.
    """

    pid: int
    started: float
    program: str

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """Describe a running process.

        Raises:
            psutil.NoSuchProcess: it has ended already.
        """
        process = psutil.Process(pid)
        return cls(pid, started_at(process), process.exe())

    def process(self) -> psutil.Process | None:
        """Find this very process, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            return process if abs(started_at(process) - self.started) < 1 and runs(process) else None
        except GONE:
            return None

    def processes(self) -> list[psutil.Process]:
        """Find what is left of the group: its leader, or the workers of a leader that was killed."""
        members = [process for process in psutil.process_iter() if group_of(process) == self.pid]
        try:
            same = abs(started_at(psutil.Process(self.pid)) - self.started) < 1
        except GONE:
            return [process for process in members if program_of(process) == self.program]
        return [process for process in members if runs(process)] if same else []


def started_at(process: psutil.Process) -> float:
    """Tell when a process started, in seconds since the machine did."""
    machine = psutil.boot_time()
    return process.create_time() - machine


def group_of(process: psutil.Process) -> int | None:
    """Tell a process's group."""
    try:
        return os.getpgid(process.pid)
    except GONE:
        return None


def program_of(process: psutil.Process) -> str | None:
    """Tell the file that a process runs."""
    try:
        return process.exe()
    except GONE:
        return None


def end(processes: Sequence[psutil.Process], seconds: float) -> None:
    """Ask processes to end, and force those that have not after some seconds."""
    for process in processes:
        send(process, signal.SIGTERM)
    for process in wait_gone(processes, seconds):
        send(process, signal.SIGKILL)
    wait_gone(processes, seconds)


def wait_gone(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until processes have ended, at most some seconds, and return those that have not."""
    deadline = time.monotonic() + seconds
    while (left := [process for process in processes if runs(process)]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return left


def runs(process: psutil.Process) -> bool:
    """Tell whether a process has not ended; one whose parent has yet to take note of its end has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except GONE:
        return False


def send(process: psutil.Process, number: signal.Signals) -> None:
    """Signal a process that may have ended meanwhile."""
    try:
        process.send_signal(number)
    except GONE:
        return
