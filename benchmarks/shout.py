"""shout `POST /v1` with a cached text against a bare Starlette route that does without the API."""

from __future__ import annotations

import contextlib

from benchmarks.athlete import SAMPLED_5, asgi, service
from benchmarks.harness import FOLDER, measure, otlp_receiver, report


def run() -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(service("emulator", "shoutcloud_emulator", {}))
        otlp = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": stack.enter_context(otlp_receiver()),
            "SHOUTCLOUD_URL": f"{emulator.url}/V1/SHOUT",
        }
        servers = [
            stack.enter_context(asgi("bare Starlette", "shout:app", {})),
            stack.enter_context(service("shout, every trace", "shout_service", otlp)),
            stack.enter_context(service("shout, 5 % of traces", "shout_service", {**otlp, **SAMPLED_5})),
        ]
        measure(servers, "/v1", script=FOLDER / "shout.lua")
        report("shout: POST /v1, cached", servers)
