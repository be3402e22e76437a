"""The listening sockets of a service."""

from __future__ import annotations

import errno
import socket
import sys

from chassis._settings import ServiceSettings


def listen(settings: ServiceSettings) -> socket.socket:
    """Bind `SERVE_HOST`:`SERVE_PORT`, and make sure that `METRICS_PORT` can be had too.

    Raises:
        SystemExit: code 1 after one line on stderr, when an address cannot be had.
    """
    listener = _bind(settings.serve_host, settings.serve_port, "SERVE_PORT")
    if settings.metrics_port is not None:
        _bind(settings.serve_host, settings.metrics_port, "METRICS_PORT").close()
    return listener


def _bind(host: str, port: int, variable: str) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048, dualstack_ipv6=host == "::")
    except OSError as exc:
        is_unknown_name = (exc.errno or 0) < 0  # getaddrinfo's codes
        name = "SERVE_HOST" if is_unknown_name or exc.errno == errno.EADDRNOTAVAIL else variable
        reason = (exc.strerror or "").partition(" (while ")[0]
        print(f"{name}: cannot listen on {host} port {port}: {reason}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from exc
