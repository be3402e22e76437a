"""shout `POST /v1`: cached against a route that does without the API, new texts against a bare relay."""

from __future__ import annotations

import contextlib

from benchmarks.athlete import SAMPLED_5, asgi, service
from benchmarks.harness import FOLDER, Server, measure, otlp_receiver, report


def run() -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(service("emulator", "shoutcloud_emulator", {}))
        api = {"SHOUTCLOUD_URL": f"{emulator.url}/V1/SHOUT"}
        otlp = {"OTEL_EXPORTER_OTLP_ENDPOINT": stack.enter_context(otlp_receiver())}
        bare = stack.enter_context(asgi("bare Starlette", "shout:app", {}))
        relay = stack.enter_context(asgi("bare relay, httpx", "shout_relay:app", api))
        _compare("shout: POST /v1, cached", bare, {**api, **otlp}, "shout.lua")
        _compare("shout: POST /v1, new texts", relay, {**api, **otlp}, "shout_new.lua")


def _compare(title: str, bare: Server, env: dict[str, str], script: str) -> None:
    with (
        service("shout, every trace", "shout_service", env) as always,
        service("shout, 5 % of traces", "shout_service", {**env, **SAMPLED_5}) as seldom,
    ):
        servers = [bare, always, seldom]
        measure(servers, "/v1", script=FOLDER / script)
        report(title, servers)
