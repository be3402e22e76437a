"""Outbound HTTP: httpx over aiohttp, with spans, metrics and the trace sent along."""

from __future__ import annotations

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from opentelemetry.util.types import AttributeValue

from chassis._chassis import Chassis
from chassis._context import current_request_id
from chassis._dependency import Call
from chassis._tracing import inject

__all__ = ["create_client", "create_transport"]

# httpx-aiohttp calls most of them a connect timeout; the first class that fits counts.
_ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    aiohttp.ConnectionTimeoutError: httpx.ConnectTimeout,
    aiohttp.ServerTimeoutError: httpx.ReadTimeout,
    aiohttp.ClientConnectorError: httpx.ConnectError,
    aiohttp.ClientConnectionError: httpx.ReadError,
    aiohttp.ClientResponseError: httpx.RemoteProtocolError,
    aiohttp.ClientPayloadError: httpx.RemoteProtocolError,
}


def create_client(
    chassis: Chassis,
    dependency: str,
    *,
    base_url: str = "",
    timeout: float = 2.0,
    max_connections: int = 100,
) -> httpx.AsyncClient:
    """Make a client for one other service; close it in the lifespan.

    Redirects are not followed, and environment variables such as `HTTP_PROXY` are not read.

    Args:
        chassis: of the service.
        dependency: name of what is called, in spans and metrics.
        base_url: put before relative URLs.
        timeout: seconds for connecting, and for each read and write.
        max_connections: open at once.
    """
    transport = create_transport(chassis, dependency, max_connections=max_connections)
    return httpx.AsyncClient(
        base_url=base_url, timeout=timeout, transport=transport, follow_redirects=False, trust_env=False
    )


def create_transport(
    chassis: Chassis, dependency: str, *, max_connections: int = 100
) -> httpx.AsyncBaseTransport:
    """Make what such a client sends its requests through, for who makes them himself.

    A call takes two thirds of the client's CPU time: no cookies, no redirects, no URLs to be merged. The
    timeouts are those in the request's extension `timeout`; without it there are none.

    Args:
        chassis: of the service.
        dependency: name of what is called, in spans and metrics.
        max_connections: open at once.
    """
    limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections)
    return ObservedTransport(AiohttpTransport(limits=limits, trust_env=False), chassis, dependency)


class ObservedTransport(httpx.AsyncBaseTransport):
    """Makes a CLIENT span and a measurement of each request, and sends context along.

    Args:
        inner: does the work.
        chassis: of the service.
        dependency: name of what is called.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, chassis: Chassis, dependency: str) -> None:
        self._inner = inner
        self._chassis = chassis
        self._dependency = dependency

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request (OpenTelemetry semantic conventions, HTTP client spans)."""
        if request.url.userinfo:
            _authenticate(request)
        url = request.url
        attributes: dict[str, AttributeValue] = {
            "http.request.method": request.method,
            "server.address": url.host,
            "server.port": url.port or (443 if url.scheme == "https" else 80),
            "url.full": str(url.copy_with(query=None) if url.query else url),
        }
        with Call(self._chassis, self._dependency, request.method, attributes, current=True) as call:
            self._add_context(request)
            response = await self._send(request)
            call.span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 400:
                call.fail(str(response.status_code))
            return response

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except (httpx.TransportError, aiohttp.ClientError) as exc:
            raise _as_httpx(exc, request) from exc

    @staticmethod
    def _add_context(request: httpx.Request) -> None:
        headers: dict[str, str] = {}
        inject(headers)
        if request_id := current_request_id():
            headers["x-request-id"] = request_id
        request.headers.update(headers)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


def _authenticate(request: httpx.Request) -> None:
    """Make a header of the user and password in the URL, as a client does; aiohttp bears no second one."""
    if "authorization" not in request.headers:
        next(httpx.BasicAuth(request.url.username, request.url.password).auth_flow(request))
    request.url = request.url.copy_with(username=None, password=None)


def _as_httpx(error: Exception, request: httpx.Request) -> Exception:
    cause = error if isinstance(error, aiohttp.ClientError) else error.__cause__
    for kind, meant in _ERRORS.items():
        if isinstance(cause, kind):
            return meant(str(cause), request=request)
    return error
