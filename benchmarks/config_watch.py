"""config with 1,000 watchers on one replica while another one is written to: memory, threads, delay.

`DATABASE_URL` names an empty database to use instead of a SQLite file.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.athlete import service
from benchmarks.harness import Server

WATCHERS, WRITES = 1000, 20
PAUSE_SECONDS = 0.5
DATA = b"data: "


def run() -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = os.environ.get("DATABASE_URL")  # noqa: TID251 - see above
        env = {"DATABASE_URL": url or f"sqlite:///{folder / 'config.sqlite'}"}
        subprocess.run([sys.executable, "-m", "config_service.migrate"], env=env, check=True)
        watched, written = (
            stack.enter_context(service(name, "config_service", env)) for name in ("watched", "written")
        )
        asyncio.run(_watch(watched, written))


async def _watch(watched: Server, written: Server) -> None:
    before, threads = watched.resident_mb(), _threads(watched)
    streams = [await _connect(watched) for _ in range(WATCHERS)]
    connected = watched.resident_mb()
    readers = [asyncio.create_task(_delays(reader)) for reader, _ in streams]
    async with httpx.AsyncClient(base_url=written.url) as http:
        for number in range(WRITES):
            body = {"metadata": {"sent": time.time(), "number": number}}
            (await http.put("/v1/configs/watched", json=body)).raise_for_status()
            await asyncio.sleep(PAUSE_SECONDS)
    async with asyncio.timeout(60):
        delays = sorted(delay for each in await asyncio.gather(*readers) for delay in each)
    after = watched.resident_mb()
    for _, writer in streams:
        writer.close()
    at_first, at_last = ((size - before) * 1024 / WATCHERS for size in (connected, after))
    p99 = delays[len(delays) * 99 // 100]
    print(
        f"\nconfig: {WATCHERS} watchers: {at_first:.0f} kB each when connected, {at_last:.0f} kB after "
        f"{len(delays)} events (mark: 100); {_threads(watched) - threads} more threads; "
        f"delay: median {statistics.median(delays):.2f} s, p99 {p99:.2f} s (mark: 1)"
    )


async def _connect(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a watch, and read the place where it begins."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /v1/watch HTTP/1.1\r\nHost: config\r\n\r\n")
    await reader.readuntil(b"id: ")
    return reader, writer


async def _delays(reader: asyncio.StreamReader) -> list[float]:
    """Seconds from each write to its event."""
    found: list[float] = []
    while len(found) < WRITES:
        line = await reader.readline()
        if line.startswith(DATA):
            found.append(time.time() - json.loads(line.removeprefix(DATA))["metadata"]["sent"])
    return found


def _threads(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.findall(r"Threads:\s+(\d+)", status)[0])
