"""The listening socket of a service."""

from __future__ import annotations

import socket
import sys

from chassis._settings import ServiceSettings


def listen(settings: ServiceSettings) -> socket.socket:
    """Bind `SERVE_HOST`:`SERVE_PORT`.

    Raises:
        SystemExit: code 1 after one line on stderr, when the address cannot be had.
    """
    host, port = settings.serve_host, settings.serve_port
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048, dualstack_ipv6=host == "::")
    except OSError as exc:
        print(f"SERVE_PORT: cannot listen on {host} port {port}: {exc.strerror}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from exc
