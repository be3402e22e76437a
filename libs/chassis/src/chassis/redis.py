"""Redis and Valkey: an asynchronous client with spans, metrics and one deadline."""

from __future__ import annotations

import asyncio
from typing import Any

import redis.asyncio
from pydantic import SecretStr
from redis.asyncio.connection import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ClusterDownError, OutOfMemoryError, ReadOnlyError, RedisError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from chassis._chassis import Chassis
from chassis._dependency import Call
from chassis._problem import StoreUnavailable

MAX_CONNECTIONS = 64
# Replies of a server that cannot do its work just now; redis-py has classes for some of them.
_PASSING_REPLIES = ("MISCONF", "NOREPLICAS", "BUSY")
_PASSING_ERRORS = (
    RedisConnectionError,
    RedisTimeoutError,
    ReadOnlyError,
    OutOfMemoryError,
    ClusterDownError,
    TryAgainError,
    OSError,
    TimeoutError,
)

__all__ = ["Client", "create_client"]


class Client(redis.asyncio.Redis):
    """redis-py's client; each command is one CLIENT span and one measurement.

    A command that fails because the server is away, slow or not writable raises
    `StoreUnavailable`. No command is repeated by itself: the first try may have been carried out.

    Args:
        chassis: of the service.
        timeout: seconds for a command, waiting for a connection and connecting included.
        pool: of connections.
    """

    def __init__(self, chassis: Chassis, timeout: float, pool: BlockingConnectionPool) -> None:
        super().__init__(connection_pool=pool)
        self.auto_close_connection_pool = True
        self._chassis = chassis
        self._timeout = timeout

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command and wait for its reply.

        Raises:
            StoreUnavailable: within the deadline.
        """
        operation = str(args[0])
        attributes = {"db.system.name": "redis", "db.operation.name": operation}
        with Call(self._chassis, "redis", operation, attributes):
            try:
                async with asyncio.timeout(self._timeout):
                    return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
            except (RedisError, OSError, TimeoutError) as exc:
                if _is_passing(exc):
                    raise StoreUnavailable("The store does not answer just now.") from exc
                raise


class _Sender:
    """A connection that says, as redis-py does, that its socket has closed; uvloop raises a RuntimeError."""

    async def send_packed_command(self, *args: Any, **options: Any) -> None:
        try:
            await super().send_packed_command(*args, **options)  # type: ignore[misc]
        except RuntimeError as exc:
            raise RedisConnectionError("The connection is closed.") from exc


def create_client(
    chassis: Chassis, url: str, *, password: SecretStr | None = None, timeout: float = 2.0
) -> Client:
    """Make a client; it connects at its first command.

    Args:
        chassis: of the service.
        url: `redis://host:port/0`, or `rediss://` for TLS.
        password: when the server asks for one.
        timeout: deadline of a command in seconds.

    Raises:
        ValueError: when the URL is none that redis-py knows.
    """
    options: dict[str, Any] = {"password": password.get_secret_value()} if password else {}
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=MAX_CONNECTIONS,
        timeout=timeout,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        # Those of Redis Enterprise; with them on, a connection that the server closed is not found out.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        **options,
    )
    pool.connection_class = type("Connection", (_Sender, pool.connection_class), {})
    return Client(chassis, timeout, pool)


def _is_passing(error: Exception) -> bool:
    """Whether the fault is the server's state, not the command."""
    return isinstance(error, _PASSING_ERRORS) or str(error).startswith(_PASSING_REPLIES)
