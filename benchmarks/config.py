"""config `GET` and `PUT /v1/configs/{name}` against bare FastAPI routes with the same statements."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from benchmarks.athlete import SAMPLED_5, asgi, service
from benchmarks.harness import FOLDER, Server, measure, otlp_receiver, report

ONE = "/v1/configs/datacenter-1"
WRITTEN = "/v1/configs/written"
RETRIED = {"DATABASE_TIMEOUT": "20"}  # 32 connections write to one file: let those of the bare route wait


def run() -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        otlp = {"OTEL_EXPORTER_OTLP_ENDPOINT": stack.enter_context(otlp_receiver())}
        bare = stack.enter_context(asgi("bare FastAPI def route", "config:app", database(stack)))
        every = stack.enter_context(service("config, every trace", "config_service", otlp | database(stack)))
        sampled = stack.enter_context(
            service("config, 5 % of traces", "config_service", otlp | SAMPLED_5 | database(stack))
        )
        measure([bare, every, sampled], ONE)
        report("config: GET one document", [bare, every, sampled])
        compare_unchanged(every)
        for server in (bare, every, sampled):
            server.samples.clear()
        measure([bare, every, sampled], WRITTEN, script=FOLDER / "config_write.lua")
        report("config: PUT one document", [bare, every, sampled])


def compare_unchanged(server: Server) -> None:
    """Measure the answer 304 beside the document itself."""
    document = Server("the document, 200", server.url, server.process, server.start_seconds)
    unchanged = Server("nothing new, 304", server.url, server.process, server.start_seconds)
    measure([document], ONE)
    measure([unchanged], ONE, script=FOLDER / "config_unchanged.lua")
    report("config: conditional GET", [document, unchanged])


def database(stack: contextlib.ExitStack) -> dict[str, str]:
    """A store of its own with one more document."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    env = {"DATABASE_URL": f"sqlite:///{folder / 'config.sqlite'}", **RETRIED}
    subprocess.run([sys.executable, "-m", "config_service.migrate"], env=env, check=True)
    with service("filling", "config_service", env) as server:
        httpx.put(server.url + WRITTEN, json={"metadata": {"count": 0}}).raise_for_status()
    return env
