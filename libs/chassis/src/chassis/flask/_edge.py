"""The outermost layer of a Flask service: one pass for id, trace, metrics and access log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from chassis._body_limits import BodyLimits
from chassis._chassis import Chassis
from chassis._exchange import Exchange
from chassis._incoming import Incoming, Reader
from chassis.flask._body import ANNOUNCED_BYTES, BoundedInput
from chassis.flask._probes import Probes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXCHANGE = "chassis.exchange"
INCOMING = "chassis.incoming"
JOIN_BYTES = 1024 * 1024
FALLBACK_CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
Headers = list[tuple[str, str]]
# Gives status, headers and body, or None where the application is to answer.
Known = Callable[["WSGIEnvironment"], tuple[str, Headers, bytes] | None]


class Edge:
    """WSGI middleware around the application (PEP 3333).

    Args:
        app: the application inside.
        chassis: of the service.
        limits: how many bytes a body may have.

    Attributes:
        probe_paths: answered here, when they are asked with GET or HEAD.
        known: by path, tells what a GET is answered here, before Flask makes anything of it.
    """

    def __init__(self, app: WSGIApplication, chassis: Chassis, limits: BodyLimits) -> None:
        self._app = app
        self.known: dict[str, Known] = {}
        self._limits = limits
        self._chassis = chassis
        self._probes = Probes(chassis)
        self.probe_paths = self._probes.paths
        self._reader = Reader(chassis)
        self._wanted = tuple((_variable(name), name) for name in self._reader.wanted)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, in a context of its own."""
        incoming = self._read(environ)
        if incoming.path in self.probe_paths and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return self._probes.answer(incoming, environ, start_response)
        context = copy_context()
        return context.run(self._serve, context, environ, incoming, start_response)

    def _read(self, environ: WSGIEnvironment) -> Incoming:
        headers = {name: environ[variable] for variable, name in self._wanted if environ.get(variable)}
        path = environ.get("PATH_INFO", "/").encode("latin-1", "replace").decode("utf-8", "replace")
        peer = _without_port(environ.get("REMOTE_ADDR", ""))
        return self._reader.read(headers, peer=peer, scheme=environ["wsgi.url_scheme"], path=path)

    def _serve(
        self, context: Context, environ: WSGIEnvironment, incoming: Incoming, start_response: StartResponse
    ) -> Iterable[bytes]:
        exchange = Exchange(
            self._chassis,
            method=environ["REQUEST_METHOD"],
            path=incoming.received,
            scheme=incoming.scheme,
            client=incoming.client,
            headers=incoming.headers,
        )
        _rewrite(environ, incoming, exchange)
        received = BoundedInput(environ["wsgi.input"], self._limits.of(incoming.path))
        environ["wsgi.input"] = received
        answer = _Answer(exchange, start_response)
        try:
            if (known := self._known_answer(environ, incoming)) is not None:
                status, headers, page = known
                exchange.route = incoming.path
                answer.start(status, headers)
                return _whole((page,), exchange)
            body = self._app(environ, answer.start)
        except BaseException as exc:
            exchange.fail(exc)
            exchange.finish()
            raise
        if exchange.status == 413 and int(incoming.headers.get("content-length", "0")) <= ANNOUNCED_BYTES:
            received.linger()
        if answer.length is not None and answer.length <= JOIN_BYTES:
            return _whole(body, exchange)
        return _Stream(body, exchange, context)

    def _known_answer(
        self, environ: WSGIEnvironment, incoming: Incoming
    ) -> tuple[str, Headers, bytes] | None:
        known = self.known.get(incoming.path)
        return known(environ) if known is not None and environ["REQUEST_METHOD"] == "GET" else None


class _Answer:
    """The `start_response` that the application is given."""

    def __init__(self, exchange: Exchange, start_response: StartResponse) -> None:
        self._exchange = exchange
        self._start_response = start_response
        self.length: int | None = None

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        self._exchange.status = int(status.split(" ", 1)[0])
        present = {name.lower(): value for name, value in headers}
        if (length := present.get("content-length", "")).isdecimal():
            self.length = int(length)
        complete = [*headers, *_missing(present, self._exchange)]
        return (
            self._start_response(status, complete, exc_info)
            if exc_info
            else self._start_response(status, complete)
        )


class _Stream:
    """A body that is too large to join, or of unknown length."""

    def __init__(self, body: Iterable[bytes], exchange: Exchange, context: Context) -> None:
        self._body = body
        self._iterator = iter(body)
        self._exchange = exchange
        self._context = context

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._context.run(next, self._iterator)
        self._exchange.size += len(chunk)
        return chunk

    def close(self) -> None:
        """Called by the server after the last byte, or when the client left."""
        self._context.run(_close, self._body)
        self._context.run(self._exchange.finish)


def _whole(body: Iterable[bytes], exchange: Exchange) -> list[bytes]:
    try:
        joined = b"".join(body)
        exchange.size = len(joined)
        return [joined]
    finally:
        _close(body)
        exchange.finish()


def _close(body: Iterable[bytes]) -> None:
    if (close := getattr(body, "close", None)) is not None:
        close()


def _rewrite(environ: WSGIEnvironment, incoming: Incoming, exchange: Exchange) -> None:
    environ[EXCHANGE], environ[INCOMING] = exchange, incoming
    environ["REMOTE_ADDR"] = incoming.client
    environ["wsgi.url_scheme"] = incoming.scheme
    environ["SCRIPT_NAME"] = incoming.prefix
    environ["PATH_INFO"] = incoming.path.encode().decode("latin-1")
    if host := incoming.headers.get("host"):
        environ["HTTP_HOST"] = host


def _missing(present: dict[str, str], exchange: Exchange) -> Headers:
    """The headers that every response has and this one lacks."""
    missing = [("X-Request-ID", exchange.request_id), ("X-Trace-ID", exchange.trace_id)]
    if "cache-control" not in present:
        missing.append(("Cache-Control", "no-store"))
    if "x-content-type-options" not in present:
        missing.append(("X-Content-Type-Options", "nosniff"))
    if present.get("content-type", "").startswith("text/html") and "content-security-policy" not in present:
        missing.append(("Content-Security-Policy", FALLBACK_CSP))
    if exchange.is_last and "connection" not in present:
        missing.append(("Connection", "close"))
    return missing


def _variable(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_LENGTH" else f"HTTP_{name}"


def _without_port(peer: str) -> str | None:
    """Granian gives the peer with its port."""
    if peer.startswith("["):
        return peer[1:].partition("]")[0]
    return (peer.partition(":")[0] if peer.count(":") == 1 else peer) or None
