"""Services as processes of their own."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 60.0
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

_reserved: list[socket.socket] = []


@atexit.register
def _give_back() -> None:
    for reserved in _reserved:
        reserved.close()


def free_port() -> int:
    """A TCP port on loopback that nobody else gets while this process lives.

    A bound socket that does not listen keeps the kernel from choosing the port for another
    program; a server that sets SO_REUSEADDR, as nearly all do, may still listen there.
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    _reserved.append(reserved)
    return int(reserved.getsockname()[1])


def wait_until(condition: Callable[[], bool], *, seconds: float = START_SECONDS) -> None:
    """Poll until `condition` holds.

    Raises:
        TimeoutError: when it did not within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the condition did not come true in time")
        time.sleep(0.02)


def http_client(url: str, **options: Any) -> httpx.Client:
    """A client of what speaks plain HTTP on this machine.

    It knows no certificates: to read them takes 20 ms of CPU time, more than most tests do.

    Args:
        url: base URL.
        options: of `httpx.Client`.
    """
    return httpx.Client(base_url=url, trust_env=False, verify=_NO_CERTIFICATES, **options)


@dataclass
class Service:
    """A running service.

    Attributes:
        url: base URL.
        process: the process, its stdout in `log`.
        log: path of the file that takes stdout.
        errors: path of the file that takes stderr.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    errors: Path

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def wait(self, seconds: float = START_SECONDS) -> int:
        """Exit code, once it has ended."""
        return self.process.wait(seconds)


@contextmanager
def running_service(
    module: str,
    folder: Path,
    env: Mapping[str, str] | None = None,
    *,
    ready: bool = True,
    own_group: bool = False,
) -> Iterator[Service]:
    """Run `python -m module` on a free port, with no environment but PATH, TMPDIR and `env`.

    Args:
        module: such as `ip_service`.
        folder: gets `<module>.log` and `<module>.err`.
        env: environment; SERVE_HOST and SERVE_PORT are set unless given.
        ready: wait for `/readyz`; otherwise only for `/livez`.
        own_group: make it the leader of a process group of its own.
    """
    variables = {
        "PATH": os.defpath,
        "TMPDIR": str(folder),  # a killed service leaves files there
        "SERVE_HOST": "127.0.0.1",
        "SERVE_PORT": str(free_port()),
        "DRAIN_SECONDS": "0",
        **(env or {}),
    }
    log, errors = folder / f"{module}.log", folder / f"{module}.err"
    with log.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", module],
            env=variables,
            stdout=out,
            stderr=err,
            process_group=0 if own_group else None,
        )
    service = Service(f"http://127.0.0.1:{variables['SERVE_PORT']}", process, log, errors)
    try:
        wait_until(lambda: process.poll() is not None or _answers(service.url, ready=ready))
        if process.poll() is not None:
            raise RuntimeError(f"{module} ended: {errors.read_text()}{log.read_text()}")
        yield service
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _answers(url: str, *, ready: bool) -> bool:
    with http_client(url, timeout=2) as http:
        try:
            return http.get("/readyz" if ready else "/livez").status_code == 200
        except httpx.TransportError:
            return False
