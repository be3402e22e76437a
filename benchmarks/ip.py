"""ip `GET /get-ip` against a bare Starlette route that runs the same script in Redis."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from benchmarks.athlete import SAMPLED_5, asgi, service
from benchmarks.harness import measure, otlp_receiver, report
from chassis.testing import valkey_server

LIMIT_ON = {"RATE_LIMIT": "999999999/minute"}


def run() -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        valkey = stack.enter_context(valkey_server(folder))
        env = {"REDIS_URL": valkey.url, "RATE_LIMIT": "off"}
        otlp = {"OTEL_EXPORTER_OTLP_ENDPOINT": stack.enter_context(otlp_receiver()), **env}
        servers = [
            stack.enter_context(asgi("bare Starlette, one script", "ip:app", env)),
            stack.enter_context(service("ip, every trace", "ip_service", otlp)),
            stack.enter_context(service("ip, 5 % of traces", "ip_service", {**otlp, **SAMPLED_5})),
            stack.enter_context(service("ip, limit on, every trace", "ip_service", {**otlp, **LIMIT_ON})),
            stack.enter_context(
                service("ip, limit on, 5 % of traces", "ip_service", {**otlp, **LIMIT_ON, **SAMPLED_5})
            ),
        ]
        measure(servers, "/get-ip")
        report("ip: GET /get-ip", servers)
