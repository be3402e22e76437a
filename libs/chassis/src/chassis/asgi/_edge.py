"""The outermost layer of a service: one pass for id, trace, metrics, access log and errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis._body_limits import BodyLimits
from chassis._chassis import Chassis
from chassis._exchange import UNMATCHED, Exchange
from chassis._incoming import Incoming, Reader
from chassis._problem import Problem, render_problem
from chassis.asgi._body import BoundedReceive, linger
from chassis.asgi._probes import Probes

Endpoint = Callable[[Request], Awaitable[Response]]
RenderError = Callable[[Request, Problem], Response | None]
ToProblem = Callable[[Exception], Problem | None]
BODY_SECONDS = 30.0
FALLBACK_CSP = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"


class Routes:
    """What the edge must know of the routes inside.

    Attributes:
        plain: endpoints that are called without any framework between, by method and path.
    """

    def __init__(self) -> None:
        self.plain: dict[tuple[str, str], tuple[str, Endpoint]] = {}
        self._templates: dict[int, str] = {}

    def find(self, path: str) -> tuple[str, set[str]] | None:
        """Template and methods of a path, or None when it is unknown."""
        raise NotImplementedError

    def template(self, route: object, path: str) -> str:
        """Template of the framework's `route`, which matched `path`; looked up once."""
        known = self._templates.get(id(route))
        if known is None:
            found = self.find(path)
            known = self._templates[id(route)] = found[0] if found else UNMATCHED
        return known


class Edge:
    """Pure ASGI middleware; everything of the platform contract that is not a handler.

    Args:
        app: the application inside.
        chassis: of the service.
        routes: of the application inside.
        limits: how many bytes a body may have.
        to_problem: turns the framework's own errors into problems.
        render_error: a service's own way to answer some problem; None from it: the usual way.
    """

    def __init__(
        self,
        app: ASGIApp,
        chassis: Chassis,
        routes: Routes,
        *,
        limits: BodyLimits,
        to_problem: ToProblem,
        render_error: RenderError | None = None,
    ) -> None:
        self._app = app
        self._chassis = chassis
        self._routes = routes
        self._limits = limits
        self._to_problem = to_problem
        self._render_error = render_error
        self._reader = Reader(chassis)
        self._wanted = {name.encode(): name for name in self._reader.wanted}
        self.probes = Probes(chassis)
        self._probe_paths = self.probes.paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method: str = scope["method"]
        peer = scope["client"][0] if scope.get("client") else None
        incoming = self._reader.read(
            _headers(scope, self._wanted), peer=peer, scheme=scope["scheme"], path=scope["path"]
        )
        if incoming.path in self._probe_paths and method in ("GET", "HEAD"):
            await self.probes.answer(incoming, scope["query_string"], send, head=method == "HEAD")
            return
        exchange = Exchange(
            self._chassis,
            method=method,
            path=scope["path"],
            scheme=incoming.scheme,
            client=incoming.client,
            headers=incoming.headers,
        )
        sender = _Sender(exchange, send, head=method == "HEAD")
        inner = _inner_scope(scope, incoming)
        try:
            await self._serve(inner, receive, sender, incoming, exchange)
        except ClientDisconnect:
            pass
        except Exception as exc:  # noqa: BLE001 - the last resort
            await self._answer_error(inner, receive, sender, incoming, exchange, exc)
        finally:
            exchange.finish()

    async def _serve(
        self, scope: Scope, receive: Receive, sender: _Sender, incoming: Incoming, exchange: Exchange
    ) -> None:
        if incoming.has_body:
            self._limits.check(incoming.path, incoming.headers.get("content-length", "0"))
            receive = BoundedReceive(receive, self._limits.of(incoming.path), BODY_SECONDS)
        if (plain := self._routes.plain.get((scope["method"], incoming.path))) is not None:
            exchange.route, endpoint = plain
            response = await endpoint(Request(scope, receive))
            await response(scope, receive, sender)
            return
        if scope["method"] == "OPTIONS" and (found := self._find(incoming.path)):
            exchange.route = found[0]
            await sender(
                {
                    "type": "http.response.start",
                    "status": 204,
                    "headers": [(b"allow", allow(found[1]).encode())],
                }
            )
            await sender({"type": "http.response.body", "body": b""})
            return
        try:
            await self._app(scope, receive, sender)
        finally:
            if (route := scope.get("route")) is not None:
                exchange.route = self._routes.template(route, incoming.path)

    def _find(self, path: str) -> tuple[str, set[str]] | None:
        return (path, {"GET"}) if path in self._probe_paths else self._routes.find(path)

    async def _answer_error(
        self,
        scope: Scope,
        receive: Receive,
        sender: _Sender,
        incoming: Incoming,
        exchange: Exchange,
        error: Exception,
    ) -> None:
        problem = self._problem(error, incoming, exchange)
        if problem is None:
            exchange.fail(error)
            problem = Problem()
        if sender.started:
            raise error
        if self._render_error and (own := self._render_error(Request(scope, receive), problem)):
            await own(scope, receive, sender)
            return
        body, headers = render_problem(
            problem,
            accept=incoming.headers.get("accept"),
            instance=incoming.prefix + incoming.path,
            request_id=exchange.request_id,
        )
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        raw.append((b"content-length", str(len(body)).encode()))
        await sender({"type": "http.response.start", "status": problem.status, "headers": raw})
        closes = "Connection" in problem.headers
        await sender({"type": "http.response.body", "body": body, "more_body": closes})
        if closes:
            await linger(receive)
            await sender({"type": "http.response.body", "body": b""})

    def _problem(self, error: Exception, incoming: Incoming, exchange: Exchange) -> Problem | None:
        problem = error if isinstance(error, Problem) else self._to_problem(error)
        is_wrong_method = isinstance(error, HTTPException) and (
            error.status_code == 405 or incoming.path in self._probe_paths
        )
        if is_wrong_method and (found := self._find(incoming.path)):
            exchange.route = found[0]
            return Problem.of_status(405, headers={"Allow": allow(found[1])})
        return problem


class _Sender:
    """The `send` of one request: completes the headers, counts the bytes."""

    __slots__ = ("_exchange", "_head", "_send", "started")

    def __init__(self, exchange: Exchange, send: Send, *, head: bool) -> None:
        self._exchange = exchange
        self._send = send
        self._head = head
        self.started = False

    async def __call__(self, message: Message) -> None:
        exchange = self._exchange
        if message["type"] == "http.response.start":
            self.started = True
            exchange.status = message["status"]
            message["headers"] = _complete(message.get("headers", ()), exchange)
        elif message["type"] == "http.response.body":
            if self._head:
                message = {**message, "body": b""}
            exchange.size += len(message.get("body", b""))
        await self._send(message)


def _complete(headers: Iterable[tuple[bytes, bytes]], exchange: Exchange) -> list[tuple[bytes, bytes]]:
    """The response's headers with those that every response has."""
    complete = [
        *headers,
        (b"x-request-id", exchange.request_id.encode()),
        (b"x-trace-id", exchange.trace_id.encode()),
    ]
    present = dict(complete)
    if b"cache-control" not in present:
        complete.append((b"cache-control", b"no-store"))
    if b"x-content-type-options" not in present:
        complete.append((b"x-content-type-options", b"nosniff"))
    if (
        present.get(b"content-type", b"").startswith(b"text/html")
        and b"content-security-policy" not in present
    ):
        complete.append((b"content-security-policy", FALLBACK_CSP))
    if exchange.is_last and b"connection" not in present:
        complete.append((b"connection", b"close"))
    return complete


def _headers(scope: Scope, wanted: Mapping[bytes, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        if (name := wanted.get(raw)) is not None:
            text = value.decode("latin-1")
            found[name] = f"{found[name]},{text}" if name in found else text
    return found


def _inner_scope(scope: Scope, incoming: Incoming) -> Scope:
    """The scope as the service sees it; the server's own, changed in place, but for HEAD.

    uvicorn looks up the method again when it sends, to know that a HEAD has no body.
    """
    if scope["method"] == "HEAD":
        scope = {**scope, "method": "GET", "chassis.head": True}
    peer = scope.get("client")
    scope["path"] = incoming.prefix + incoming.path
    scope["root_path"] = incoming.prefix
    scope["scheme"] = incoming.scheme
    scope["client"] = (incoming.client, peer[1] if peer else 0)
    if "x-forwarded-host" in incoming.headers:
        host = incoming.headers.get("host", "").encode("latin-1")
        scope["headers"] = [(b"host", host), *(pair for pair in scope["headers"] if pair[0] != b"host")]
    return scope


def allow(methods: Iterable[str]) -> str:
    """The `Allow` header for handlers of `methods`: HEAD comes with GET, OPTIONS always."""
    every = {*methods, "OPTIONS"}
    if "GET" in every:
        every.add("HEAD")
    order = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return ", ".join(
        sorted(every, key=lambda method: (order.index(method) if method in order else 99, method))
    )
