"""Free ports that stay ours while the stack runs."""

import errno
import socket
import sys

from embedded.errors import Failure

LOOPBACK = "127.0.0.1"


class Reservation:
    """Ports bound but not listened on, so that nobody else is handed them.

    A server may still listen on a reserved port, since both set SO_REUSEADDR; the kernel, choosing
    a free port for anyone, passes over it. A restarted service thus finds its old port.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def take(self, port: int = 0) -> int:
        """Reserve a port, any free one for 0."""
        reserved = socket.socket()
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            reserved.bind((LOOPBACK, port))
        except OSError as error:
            reserved.close()
            raise Failure(describe(port, error)) from error
        self._sockets.append(reserved)
        number: int = reserved.getsockname()[1]
        return number

    def settle(self) -> None:
        """Let servers listen now; only Linux allows that on a port that is still reserved."""
        if sys.platform != "linux":
            self.close()

    def close(self) -> None:
        """Give all ports back."""
        for reserved in self._sockets:
            reserved.close()
        self._sockets.clear()


def describe(port: int, error: OSError) -> str:
    """Say why a port cannot be had, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program; end that, or choose another port with PORT=…"
    if error.errno == errno.EACCES:
        return f"port {port} is for root only; choose one above 1023 with PORT=…"
    return f"port {port} cannot be used: {error.strerror}"
