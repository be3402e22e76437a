"""Probes and metrics of a Flask service: answered before a request is traced or logged."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson

from chassis._chassis import Chassis
from chassis._health import CHECK_SECONDS, CheckResult
from chassis._incoming import Incoming
from chassis._logging import get_logger
from chassis._metrics import expose
from chassis._request_id import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TEXT = "text/plain; charset=utf-8"


class Probes:
    """`/livez`, `/readyz` and `/metrics` of one service.

    Args:
        chassis: of the service.
    """

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="readiness")
        self.paths = {"/livez", "/readyz"}
        if chassis.settings.metrics_port is None:
            self.paths.add("/metrics")

    def answer(
        self, incoming: Incoming, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a GET or HEAD of one of `paths`."""
        status, body, content_type = "200 OK", b"ok", _TEXT
        if incoming.path == "/metrics":
            body, content_type = expose(self._chassis.registry, incoming.headers.get("accept"))
        elif incoming.path == "/readyz":
            verbose = "verbose" in environ.get("QUERY_STRING", "").split("&")
            status, body, content_type = self._ready(verbose)
        headers = [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Request-ID", request_id(incoming.headers.get("x-request-id"))),
        ]
        start_response(status, headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _ready(self, verbose: bool) -> tuple[str, bytes, str]:
        status, report = self._chassis.health.report(self._run_checks())
        if status != 200:
            get_logger("probes").warning("not_ready", **report)
        line = "200 OK" if status == 200 else "503 Service Unavailable"
        if verbose:
            return line, orjson.dumps(report), "application/json"
        return line, report["status"].encode(), _TEXT

    def _run_checks(self) -> dict[str, CheckResult]:
        started = time.perf_counter()
        running = {name: self._threads.submit(check) for name, check in self._chassis.health.checks.items()}
        return {name: _wait(future, started) for name, future in running.items()}


def _wait(future: Future[Any], started: float) -> CheckResult:
    error: BaseException | None = None
    try:
        future.result(max(0.0, started + CHECK_SECONDS - time.perf_counter()))
    except Exception as exc:  # noqa: BLE001 - whatever a check raises means not ready
        future.cancel()  # those that wait for a thread would pile up
        error = exc if isinstance(exc, TimeoutError) else exc.__cause__ or exc
    return CheckResult.of(time.perf_counter() - started, error)
