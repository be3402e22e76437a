"""uvicorn's HTTP protocol, with a way to reset the connection."""

import socket
import struct
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_NO_LINGER: Final = struct.pack("ii", 1, 0)


class ResettableProtocol(HttpToolsProtocol):
    """Hands the app a function that resets the connection, as `reset_connection` in the scope."""

    def on_message_begin(self) -> None:
        """Start a request."""
        super().on_message_begin()
        self.scope["reset_connection"] = self.reset_connection  # type: ignore[typeddict-unknown-key]

    def reset_connection(self) -> None:
        """Close the connection with a TCP RST instead of an answer."""
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()
