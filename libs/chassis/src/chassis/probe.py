"""Health check of a container: exit code 0 when the service on SERVE_PORT is ready.

Images run this file by its path, so that a check every few seconds does not import the whole chassis.
"""

import os
import socket
import sys

TIMEOUT_SECONDS = 2.0
REQUEST = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
ANY_ADDRESS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask instead


def is_ready(host: str, port: int) -> bool:
    """Whether `GET /readyz` answers 200 in time.

    Args:
        host: address that the service listens on.
        port: its TCP port.
    """
    try:
        with socket.create_connection((ANY_ADDRESS.get(host, host), port), TIMEOUT_SECONDS) as connection:
            connection.sendall(REQUEST)
            status_line = connection.makefile("rb").readline(1024)
    except OSError:
        return False
    return status_line.split(b" ")[1:2] == [b"200"]


def main() -> None:
    """Ask the service that this environment describes."""
    environment = os.environ  # noqa: TID251 - the settings would load the chassis
    port = environment.get("SERVE_PORT", "")
    if not port.isdecimal():
        sys.exit("SERVE_PORT must be set")
    sys.exit(not is_ready(environment.get("SERVE_HOST", ""), int(port)))


if __name__ == "__main__":
    main()
