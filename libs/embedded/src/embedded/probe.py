"""Asking programs whether they are ready."""

import asyncio
import http.client
from collections.abc import Iterable

from embedded.ports import LOOPBACK

TIMEOUT = 2.0


async def is_ready(port: int, path: str | None) -> bool:
    """Tell whether a program serves, without blocking the others."""
    return await asyncio.to_thread(ask, port, path)


def ask(port: int, path: str | None) -> bool:
    """Tell whether a GET is answered with 200, or without a path whether a connection is accepted."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT)
    try:
        if path is None:
            connection.connect()
            return True
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


async def ask_all(targets: Iterable[tuple[int, str | None]]) -> list[bool]:
    """Ask several programs at once."""
    return await asyncio.gather(*(is_ready(port, path) for port, path in targets))
