"""athlete `GET /` against a bare Starlette route that returns the same bytes."""

from __future__ import annotations

import contextlib

from benchmarks.harness import FOLDER, Server, measure, otlp_receiver, report, serve
from chassis.testing import free_port
from embedded.environments import runtime
from embedded.manifest import FILE, read_manifest

UVICORN = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
SAMPLED_5 = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.05"}


def run() -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        otlp = {"OTEL_EXPORTER_OTLP_ENDPOINT": stack.enter_context(otlp_receiver())}
        servers = [
            stack.enter_context(asgi("bare Starlette", "bare:app", {})),
            stack.enter_context(service("athlete, every trace", "athlete_service", otlp)),
            stack.enter_context(service("athlete, 5 % of traces", "athlete_service", {**otlp, **SAMPLED_5})),
            stack.enter_context(asgi("FastAPI, stock instrumentation", "stock:app", otlp)),
        ]
        measure(servers, "/")
        report("athlete: GET /", servers)


def asgi(name: str, app: str, env: dict[str, str]) -> contextlib.AbstractContextManager[Server]:
    """An application of `servers/` under uvicorn."""
    port = free_port()
    command = ["-m", "uvicorn", f"benchmarks.servers.{app}", "--port", str(port), *UVICORN]
    return serve(name, command, env, port)


def service(name: str, module: str, env: dict[str, str]) -> contextlib.AbstractContextManager[Server]:
    """One of the project's services, as `make up` runs it: with its own lock installed, and its settings."""
    port = free_port()
    folder = FOLDER.parent / "services" / module.replace("_", "-")
    python, variables = runtime(FOLDER.parent, folder)
    variables |= {name: text for name, text in read_manifest(folder / FILE).env.items() if "$" not in text}
    settings = {"SERVE_HOST": "127.0.0.1", "SERVE_PORT": str(port), "DRAIN_SECONDS": "0", **variables, **env}
    return serve(name, ["-m", module], settings, port, python=python)
