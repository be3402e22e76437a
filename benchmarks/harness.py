"""Servers, load and figures: every result is a ratio against a bare handler in the same run."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chassis.testing import free_port

FOLDER = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 32
ROUNDS, SECONDS = 3, 3
START_SECONDS = 30.0
COLUMNS = ("req/s", "ratio", "µs CPU", "ratio", "p99 ms", "MB", "start s")


@dataclass
class Server:
    """A server process under measurement.

    Attributes:
        name: in the table.
        url: base URL.
        process: its first process; children count as well.
        start_seconds: from its start to its first answer.
        samples: one for each round.
    """

    name: str
    url: str
    process: subprocess.Popen[bytes]
    start_seconds: float = 0.0
    samples: list[Sample] = field(default_factory=list)

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children so far."""
        return sum(_cpu_seconds(pid) for pid in _family(self.process.pid))

    def resident_mb(self) -> float:
        """Resident memory of the largest process of the family, in MB."""
        return max(_resident_mb(pid) for pid in _family(self.process.pid))


@dataclass(frozen=True)
class Sample:
    """One round.

    Attributes:
        rate: requests a second.
        cpu_us: CPU time of the server a request, in µs.
        p99_ms: 99th percentile of the latency, in ms.
    """

    rate: float
    cpu_us: float
    p99_ms: float


@contextlib.contextmanager
def serve(
    name: str,
    command: Sequence[str],
    env: Mapping[str, str],
    port: int,
    *,
    python: str | Path = sys.executable,
) -> Iterator[Server]:
    """Run a server and wait for its first answer; its standard output is read from a pipe.

    Args:
        name: in the table.
        command: of the process, without the interpreter.
        env: besides PATH.
        port: on which it will answer.
        python: interpreter of another environment.
    """
    variables = {"PATH": os.defpath, "PYTHONPATH": str(FOLDER.parent), **env}
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [python, *command], env=variables, stdout=subprocess.PIPE, cwd=FOLDER.parent
    )
    threading.Thread(target=_read_all, args=(process,), daemon=True).start()
    server = Server(name, f"http://127.0.0.1:{port}", process)
    try:
        _wait_for(server)
        server.start_seconds = time.perf_counter() - started
        yield server
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def otlp_receiver() -> Iterator[str]:
    """Run the receiver; gives its endpoint."""
    port = free_port()
    with serve("receiver", [str(FOLDER / "servers" / "receiver.py"), str(port)], {}, port) as receiver:
        yield receiver.url


def measure(
    servers: Sequence[Server],
    path: str,
    *,
    script: Path | None = None,
    paths: Mapping[str, str] | None = None,
) -> None:
    """Load the servers in turn, `ROUNDS` times after a warm-up.

    Args:
        servers: compared with each other.
        path: requested of each.
        script: wrk script that makes other requests than GET.
        paths: another path for the server of that name.
    """
    targets = [(server, (paths or {}).get(server.name, path)) for server in servers]
    for server, target in targets:
        _load(server, target, script, seconds=1)
    for _ in range(ROUNDS):
        for server, target in targets:
            server.samples.append(_load(server, target, script, seconds=SECONDS))


def report(title: str, servers: Sequence[Server]) -> None:
    """Print medians, and the ratios against the first server."""
    print(f"\n{title}")
    print(
        f"{'server':34}{'req/s':>9}{'ratio':>8}{'µs CPU':>9}{'ratio':>8}{'p99 ms':>9}{'MB':>7}{'start s':>9}"
    )
    bare = servers[0]
    for server in servers:
        rate, cpu = _median(server, "rate"), _median(server, "cpu_us")
        print(
            f"{server.name:34}{rate:9.0f}{rate / _median(bare, 'rate'):9.2f}{cpu:9.1f}"
            f"{_median(bare, 'cpu_us') / cpu:9.2f}{_median(server, 'p99_ms'):9.1f}"
            f"{server.resident_mb():9.0f}{server.start_seconds:9.2f}"
        )


def find_wrk() -> str:
    """Path of wrk.

    Raises:
        SystemExit: with one line, when it is not installed.
    """
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("bench: wrk is not on PATH; install it (Debian: apt-get install wrk)")
    return found


def _load(server: Server, path: str, script: Path | None, *, seconds: int) -> Sample:
    command = [find_wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", server.url + path]
    if script is not None:
        command[1:1] = ["-s", str(script)]
    before = server.cpu_seconds()
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    spent = server.cpu_seconds() - before
    if failed := re.search(r"Non-2xx or 3xx responses: (\d+)", output):
        raise SystemExit(f"bench: {server.name} answered {failed[1]} requests with an error")
    requests = int(_find(r"(\d+) requests in", output))
    return Sample(float(_find(r"Requests/sec:\s+([\d.]+)", output)), spent / requests * 1e6, _p99(output))


def _find(pattern: str, output: str) -> str:
    found = re.search(pattern, output)
    if found is None:
        raise SystemExit(f"bench: wrk said {output!r}")
    return found[1]


def _p99(output: str) -> float:
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()  # type: ignore[union-attr]
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def _median(server: Server, figure: str) -> float:
    return statistics.median(getattr(sample, figure) for sample in server.samples)


def _read_all(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    while process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
        pass


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            urllib.request.urlopen(f"{server.url}/readyz", timeout=1)  # noqa: S310 - loopback
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit(f"bench: {server.name} did not start")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
