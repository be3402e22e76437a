"""Probes and metrics: answered before a request is traced, limited or logged."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Mapping

import orjson
from starlette.types import Send

from chassis._chassis import Chassis
from chassis._health import CHECK_SECONDS, Check, CheckResult
from chassis._incoming import Incoming
from chassis._logging import get_logger
from chassis._metrics import expose
from chassis._request_id import request_id

_TEXT = "text/plain; charset=utf-8"


class Probes:
    """`/livez`, `/readyz` and `/metrics` of one service.

    Args:
        chassis: of the service.
    """

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self.live: dict[str, bytes] = {"/livez": b"ok"}
        self.paths = {"/livez", "/readyz"}
        if chassis.settings.metrics_port is None:
            self.paths.add("/metrics")

    def add_live(self, path: str, body: bytes) -> None:
        """Answer `path` as `/livez`, with a body of its own."""
        self.live[path] = body
        self.paths.add(path)

    async def answer(self, incoming: Incoming, query: bytes, send: Send, *, head: bool) -> None:
        """Answer a GET or HEAD of one of `paths`."""
        path, status, content_type = incoming.path, 200, _TEXT
        if path == "/metrics":
            body, content_type = expose(self._chassis.registry, incoming.headers.get("accept"))
        elif path in self.live:
            body = self.live[path]
        else:
            status, body, content_type = await self._ready(b"verbose" in query.split(b"&"))
        headers = {
            "content-type": content_type,
            "x-request-id": request_id(incoming.headers.get("x-request-id")),
        }
        await respond(send, status, body, headers, head=head)

    async def _ready(self, verbose: bool) -> tuple[int, bytes, str]:
        health = self._chassis.health
        results = await asyncio.gather(*(check_within(check) for check in health.checks.values()))
        status, report = health.report(dict(zip(health.checks, results, strict=True)))
        if status != 200:
            get_logger("probes").warning("not_ready", **report)
        if verbose:
            return status, orjson.dumps(report), "application/json"
        return status, report["status"].encode(), _TEXT


async def check_within(check: Check) -> CheckResult:
    """Run one check, for a second at most; a plain function runs in a thread."""
    started = time.perf_counter()
    error: BaseException | None = None
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            if inspect.iscoroutinefunction(check):
                await check()
            elif inspect.isawaitable(pending := await asyncio.to_thread(check)):
                await pending  # a plain function that gives an awaitable, such as redis-py's `ping`
    except Exception as exc:  # noqa: BLE001 - whatever a check raises means not ready
        error = exc if isinstance(exc, TimeoutError) else exc.__cause__ or exc
    return CheckResult.of(time.perf_counter() - started, error)


async def respond(
    send: Send, status: int, body: bytes, headers: Mapping[str, str], *, head: bool = False
) -> None:
    """Send a whole response."""
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    raw.append((b"content-length", str(len(body)).encode()))
    raw += [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if head else body})
