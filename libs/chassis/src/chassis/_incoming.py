"""What is read from a request before anything else sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chassis._chassis import Chassis
from chassis._exchange import Exchange

_FORWARDING = frozenset({"x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix"})
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")


@dataclass(slots=True)
class Incoming:
    """A request as the client meant it, forwarding headers applied.

    Attributes:
        headers: those in `Reader.wanted`, names in lower case; repeated ones joined by commas.
        client: address of the client.
        scheme: `http` or `https`.
        prefix: public path prefix, empty or `/ip`.
        path: within the service, without prefix and trailing slash.
        received: the path as it came.
    """

    headers: dict[str, str]
    client: str
    scheme: str
    prefix: str
    path: str
    received: str

    @property
    def has_body(self) -> bool:
        """Whether a body follows (RFC 9112 §6.3)."""
        return "transfer-encoding" in self.headers or self.headers.get("content-length", "0") != "0"


class Reader:
    """Reads the requests of one service.

    Args:
        chassis: says whose forwarding headers are believed.

    Attributes:
        wanted: names of the headers that `read` must be given.
    """

    def __init__(self, chassis: Chassis) -> None:
        self._address = chassis.client_address
        self._root_path = root_path = chassis.settings.root_path
        self._rest_prefix = "" if chassis.settings.root_path_optional else root_path
        self._believed = chassis.settings.forwarded_header
        self.wanted = (
            Exchange.HEADERS | _FORWARDING | {"accept", "content-length", "transfer-encoding", self._believed}
        )
        if chassis.auth is not None:
            self.wanted |= {"authorization"}

    def read(self, headers: dict[str, str], *, peer: str | None, scheme: str, path: str) -> Incoming:
        """Read one request.

        Args:
            headers: taken over; the `host` in it becomes the public one.
            peer: address of the other end of the connection.
            scheme: of the connection.
            path: as received.
        """
        forwarded = headers.get(self._believed)
        client = self._address.resolve(peer, (forwarded,) if forwarded is not None else ())
        prefix = self._rest_prefix
        local = path
        if _is_below(path, self._root_path):
            prefix = self._root_path
            local = path[len(prefix) :] or "/"
        if not headers.keys().isdisjoint(_FORWARDING) and self._address.is_trusted(peer):
            scheme, prefix = _forwarded(headers, scheme, prefix)
        return Incoming(headers, client, scheme, prefix, _without_slash(local), path)


def _forwarded(headers: dict[str, str], scheme: str, prefix: str) -> tuple[str, str]:
    proto = headers.get("x-forwarded-proto", "").lower()
    if proto in ("http", "https"):
        scheme = proto
    if _PREFIX.fullmatch(given := headers.get("x-forwarded-prefix", "").rstrip("/")):
        prefix = given
    if _HOST.fullmatch(host := headers.get("x-forwarded-host", "")):
        headers["host"] = host
    return scheme, prefix


def _is_below(path: str, root_path: str) -> bool:
    return bool(root_path) and (path == root_path or path.startswith(f"{root_path}/"))


def _without_slash(path: str) -> str:
    if path[-1:] == "/" and len(path) > 1:
        path = path.rstrip("/") or "/"
    return path
