"""The events of a watch, over connections that break and come back."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, closing

import httpx

from config_client.errors import UnavailableError, error_of
from config_client.models import Event
from config_client.retries import pauses
from config_client.sse import EventReader

SILENCE_SECONDS = 45.0  # the service sends something every 15
TIMEOUT = httpx.Timeout(10, read=SILENCE_SECONDS)
BROKEN = (httpx.TransportError, UnavailableError)


class _Position:
    """Where a watch is: makes events of lines, and tells when it has begun somewhere new."""

    def __init__(self, prefix: str, since: str) -> None:
        self._prefix = prefix
        self._reader = EventReader(since)
        self._begins = not since

    def request(self, headers: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """What the next connection asks with: query and headers."""
        self._reader = EventReader(self._reader.last_id)
        resumed = {"Last-Event-ID": self._reader.last_id} if self._reader.last_id else {}
        return {"prefix": self._prefix}, {**headers, **resumed}

    def feed(self, line: str) -> list[Event | None]:
        event = self._reader.feed(line)
        found: list[Event | None] = [event] if event else []
        if self._begins and self._reader.last_id and not line:
            self._begins = False
            return [None, *found]
        return found


class Feed:
    """Watches with an HTTP client.

    Args:
        http: the client.
        url: of the watch.
        headers: of each request.
    """

    def __init__(self, http: httpx.Client, url: str, headers: Mapping[str, str]) -> None:
        self._http, self._url, self._headers = http, url, headers

    def events(self, prefix: str, since: str) -> Generator[Event | None, None, None]:
        """Give events without end, and None when the watch has begun somewhere new.

        Raises:
            ConfigError: the service refuses.
        """
        position, delays = _Position(prefix, since), pauses()
        while True:
            try:
                with closing(self._lines(*position.request(self._headers))) as lines:
                    for line in lines:
                        delays = pauses()
                        yield from position.feed(line)
            except BROKEN:
                pass
            time.sleep(next(delays))

    def _lines(self, params: dict[str, str], headers: dict[str, str]) -> Generator[str, None, None]:
        request = self._http.stream("GET", self._url, params=params, headers=headers, timeout=TIMEOUT)
        with request as response:
            if response.status_code != 200:
                response.read()
                raise error_of(response)
            yield from response.iter_lines()


class AsyncFeed:
    """The same for asyncio."""

    def __init__(self, http: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> None:
        self._http, self._url, self._headers = http, url, headers

    async def events(self, prefix: str, since: str) -> AsyncGenerator[Event | None, None]:
        """Give events without end, and None when the watch has begun somewhere new.

        Raises:
            ConfigError: the service refuses.
        """
        position, delays = _Position(prefix, since), pauses()
        while True:
            try:
                async with aclosing(self._lines(*position.request(self._headers))) as lines:
                    async for line in lines:
                        delays = pauses()
                        for event in position.feed(line):
                            yield event
            except BROKEN:
                pass
            await asyncio.sleep(next(delays))

    async def _lines(self, params: dict[str, str], headers: dict[str, str]) -> AsyncGenerator[str, None]:
        request = self._http.stream("GET", self._url, params=params, headers=headers, timeout=TIMEOUT)
        async with request as response:
            if response.status_code != 200:
                await response.aread()
                raise error_of(response)
            async for line in response.aiter_lines():
                yield line
