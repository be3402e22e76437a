"""The stack of this repository: how one is begun, found and ended."""

import os
import subprocess
import sys

import psutil

from embedded.errors import Failure
from embedded.folder import Folder
from embedded.identity import end
from embedded.settings import Settings
from embedded.state import State, read_state
from embedded.supervisor import STOP_SECONDS

READY = b"ready"
GRACE_SECONDS = 5.0  # beyond what the supervisor allows its programs


def is_running(folder: Folder) -> bool:
    """Tell whether a supervisor works in this folder; its lock ends with it, however it ends."""
    with folder.exclusive("supervisor", wait=False) as free:
        return not free


def find(settings: Settings) -> State | None:
    """Describe the running stack, if there is one."""
    folder = Folder(settings.data)
    return read_state(folder.state) if folder.run.is_dir() and is_running(folder) else None


def leftovers(folder: Folder) -> list[psutil.Process]:
    """Find what a killed supervisor left behind."""
    state = read_state(folder.state)
    return state.processes() if state else []


def clear(folder: Folder) -> int:
    """End what a killed supervisor left behind, and tell how many processes that were."""
    processes = leftovers(folder)
    end(processes, STOP_SECONDS)
    folder.state.unlink(missing_ok=True)
    return len(processes)


def launch(settings: Settings) -> None:
    """Start a supervisor in the background and return when everything is ready.

    Raises:
        Failure: what did not start; nothing is left running.
    """
    folder = Folder(settings.data)
    reader, writer = os.pipe()
    with folder.log("supervisor").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "embedded", "supervise", str(writer)],
            cwd=settings.root,
            env={**settings.environ, "DATA": str(settings.data), "PORT": str(settings.port)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[writer],
            start_new_session=True,
        )
    os.close(writer)
    try:
        report = read_all(reader)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if report != READY:
        process.wait()
        raise Failure(
            report.decode() or f"the supervisor ended without a word; see {folder.log('supervisor')}"
        )


def read_all(reader: int) -> bytes:
    """Read a pipe to its end."""
    with os.fdopen(reader, "rb") as file:
        return file.read()


def halt(state: State, folder: Folder) -> None:
    """End a supervisor, which ends its programs; then by force whatever is still there."""
    process = state.supervisor.process()
    if process:
        end([process], 2 * STOP_SECONDS + GRACE_SECONDS)
    clear(folder)
