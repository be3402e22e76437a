"""A whole stack for tests across services."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embedded.folder import Folder
from embedded.settings import REPOSITORY, base_url, stack_environment
from embedded.state import State, read_state


@contextmanager
def stack(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a stack of its own on free ports, or use the one that `BASE_URL` names.

    Args:
        folder: where its data are kept.
        settings: environment variables for the services.

    Yields:
        The base URL of the gateway, without a slash at its end.
    """
    if url := base_url():
        yield url.rstrip("/")
        return
    environment = {**stack_environment(folder), **(settings or {})}
    try:
        make("up", environment)
        yield f"http://localhost:{state_of(folder).port}"
    finally:
        make("down", environment)


def make(verb: str, environment: Mapping[str, str]) -> None:
    """Run one verb, and show what it says only when it fails."""
    command = [sys.executable, "-m", "embedded", verb]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{verb}: {done.stderr}")


def state_of(folder: Path) -> State:
    """Describe a stack by its data folder: its ports, and the processes a test may end.

    Raises:
        RuntimeError: there is none.
    """
    state = read_state(Folder(folder).state)
    if state is None:
        raise RuntimeError(f"no stack runs in {folder}")
    return state
