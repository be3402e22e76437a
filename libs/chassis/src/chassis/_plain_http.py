"""Requests to a collector without TLS, by the standard library alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from typing import cast
from urllib.parse import urlsplit

from opentelemetry.exporter.http.transport._base import BaseHTTPResult, BaseHTTPTransport


@dataclass(frozen=True, slots=True)
class Answer(BaseHTTPResult):
    """What the collector answered.

    Attributes:
        body: of the answer.
        message: its headers.
    """

    body: bytes = b""
    message: HTTPMessage | None = None

    def content(self) -> bytes:
        """The body."""
        return self.body

    def headers(self) -> Mapping[str, str]:
        """The headers; names are found in any case."""
        return cast("Mapping[str, str]", self.message or {})


class PlainTransport(BaseHTTPTransport):
    """One connection to one collector, for one thread; opened when it is needed, and kept.

    The SDK's own transports load `urllib3`, 1 MB a process, or `requests` with all root certificates, 10.

    Args:
        endpoint: `http` URL of the collector.
    """

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._connection = HTTPConnection(parts.hostname or "localhost", parts.port)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        data: bytes | None = None,
    ) -> Answer:
        """Send one request and read its answer, or tell the error.

        Args:
            method: of the request.
            url: below the endpoint.
            headers: of the request.
            timeout: seconds to wait for the connection, and for each part of the answer.
            data: body of the request.
        """
        connection = self._connection
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        try:
            connection.request(method, _target(url), data, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.reason, None, response.read(), response.headers)
        except (OSError, HTTPException) as exc:
            connection.close()
            return Answer(error=exc)

    def is_connection_error(self, exception: Exception | None) -> bool:
        """Whether another try may help: not when the time is over."""
        return isinstance(exception, OSError | HTTPException) and not isinstance(exception, TimeoutError)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _target(url: str) -> str:
    """What follows the address (RFC 9112 §3.2.1)."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
