"""Every Redis call of the service."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

from opentelemetry.util.types import AttributeValue
from redis.exceptions import NoScriptError, RedisError

from chassis import Call, Chassis, RateLimit, StoreUnavailable, get_logger
from chassis.redis import Client
from ip_service import scripts
from ip_service.batch import Batcher
from ip_service.quota import Quota, counter_key
from ip_service.scripts import SOURCES, Script

log = get_logger("store")

DEADLINE = 1.5
KEYS = ("{ip}:seen", "{ip}:addresses", "{ip}:counts", "{ip}:events", "{ip}:bookmarks")
_SEEN, _EVENTS, _BOOKMARKS = KEYS[0], KEYS[3], KEYS[4]
END = "0"

_EVENT_ID = re.compile(r"([0-9]{1,16})-([0-9]{1,16})", re.ASCII)

Command = tuple[Any, ...]


class Page(NamedTuple):
    """Some addresses, the last caller first.

    Attributes:
        addresses: as text.
        cursor: where the next page begins; `END` when there is none.
    """

    addresses: list[str]
    cursor: str


class Row(NamedTuple):
    """What is known of an address; times in microseconds since the epoch."""

    address: str
    first_seen: int
    last_seen: int
    requests: int


class Overview(NamedTuple):
    """What a caller sees of the addresses.

    Attributes:
        total: how many there are.
        own: the caller's.
        newest: the last callers, the last one first.
    """

    total: int
    own: Row
    newest: list[Row]


def instant(microseconds: int) -> dt.datetime:
    """The time that the store writes as microseconds since the epoch."""
    return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=microseconds)


class EventId(NamedTuple):
    """Place of an event among all; later ones are greater."""

    milliseconds: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id such as `1752300000000-0`; None when it is none."""
        found = _EVENT_ID.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.number}"


class NewAddress(NamedTuple):
    """An address that called for the first time."""

    id: EventId
    address: str


class Store:
    """The addresses that called, in Redis or Valkey.

    Args:
        client: of the chassis.
        chassis: of the service.
        limit: requests of one client; None for no limit.
    """

    def __init__(self, client: Client, chassis: Chassis, limit: RateLimit | None) -> None:
        self._client = client
        self._chassis = chassis
        self._limit = limit
        self._limit_args = (limit.amount, limit.window * 1000) if limit else (0, 0)
        self._visits = Batcher(self._visit, seconds=DEADLINE)

    async def ping(self) -> None:
        """Ask whether Redis takes writes, without making any."""
        await self._send((_evaluate(scripts.EXPIRE, (), (0, 1)),))

    async def record(self, caller: str) -> Quota:
        """Count and record a call; a refused one is only counted."""
        key = counter_key(caller)
        with self._call("record"):
            used, left = await self._visits.add((key, caller))
        return Quota.of(self._limit, used, left)

    async def record_and_look(self, caller: str, size: int) -> tuple[Quota, Overview | None]:
        """Count and record a call, and read the newest addresses; a refused one is only counted."""
        args = (*self._limit_args, caller, size)
        reply = await self._run(scripts.LOOK, "look", (counter_key(caller),), args)
        quota = Quota.of(self._limit, *reply[:2])
        if len(reply) == 2:
            return quota, None
        total, own, newest = reply[2:]
        return quota, Overview(total, _row(caller, *own), _rows(*newest))

    async def record_and_list(
        self, caller: str, *, cursor: str | None, size: int, bookmark: str = ""
    ) -> tuple[Quota, Page]:
        """Count and record a call, and read the addresses before a cursor.

        Args:
            caller: address.
            cursor: of the page before; None begins with the last caller.
            size: addresses at most.
            bookmark: id of a list that will be read to its end by `continue_list`.
        """
        args = (*self._limit_args, caller, _before(cursor), size, bookmark)
        reply = await self._run(scripts.LIST, "list", (counter_key(caller),), args)
        quota = Quota.of(self._limit, *reply[:2])
        return quota, Page(reply[3], reply[2]) if len(reply) > 2 else Page([], END)

    async def continue_list(self, cursor: str, *, size: int, bookmark: str = "") -> Page:
        """Read on in a list, and move its bookmark.

        Raises:
            StoreUnavailable: when the bookmark is gone, so that callers may have been missed.
        """
        before = _before(cursor)
        read = ("ZRANGE", _SEEN, before, "-inf", "BYSCORE", "REV", "LIMIT", 0, size)
        advance = _evaluate(scripts.ADVANCE, (), (bookmark, before, size))
        with self._call("list"):
            addresses, mark = await self._send((read, advance), transaction=True)
        if mark is None:
            raise StoreUnavailable("The list was read too slowly.")
        return Page(addresses, mark)

    async def take_skipped(self, bookmark: str, size: int) -> list[str]:
        """Callers that moved to the front before the list came to their place; each once."""
        with self._call("list"):
            (found,) = await self._send((("LPOP", f"{_BOOKMARKS}:{bookmark}", size),))
        return found or []

    async def end_list(self, bookmark: str) -> None:
        """Forget a list that was read, or given up."""
        forget = ("HDEL", _BOOKMARKS, bookmark), ("UNLINK", f"{_BOOKMARKS}:{bookmark}")
        with self._call("list"):
            await self._send(forget, transaction=True)

    async def count(self, caller: str) -> Quota:
        """Count a request that records and reads nothing."""
        quota, _ = await self._read(caller, "nothing")
        return quota

    async def find(self, caller: str, address: str) -> tuple[Quota, Row | None]:
        """What is known of one address; None when it never called."""
        quota, reply = await self._read(caller, "address", address)
        if not reply or reply[0] is None:
            return quota, None
        return quota, _row(address, *reply)

    async def list_rows(
        self, caller: str | None, *, cursor: str | None, size: int, since: int
    ) -> tuple[Quota, list[Row]]:
        """What is known of the addresses before a cursor that called `since` some microsecond.

        Without a caller nothing is counted: the request was already.
        """
        quota, reply = await self._read(caller, "page", _before(cursor), size, since)
        return quota, _rows(*reply) if reply else []

    async def stats(self, caller: str) -> tuple[Quota, int, Mapping[str, int]]:
        """How many addresses there are, and the counts: `ipv6`, `DAY:requests`, `DAY:unique`."""
        quota, reply = await self._read(caller, "stats")
        unique, counts = reply or (0, [])
        return (
            quota,
            unique,
            {name: int(value) for name, value in zip(counts[::2], counts[1::2], strict=True)},
        )

    async def erase(self, caller: str, address: str) -> tuple[Quota, bool]:
        """Remove an address; False when it was not there."""
        args = (*self._limit_args, address)
        reply = await self._run(scripts.ERASE, "erase", (counter_key(caller),), args)
        return Quota.of(self._limit, *reply[:2]), reply[2:] == [1]

    async def last_event_id(self) -> EventId:
        """Place of the newest event."""
        with self._call("events"):
            (newest,) = await self._send((("XREVRANGE", _EVENTS, "+", "-", "COUNT", 1),))
        return _events(newest)[0].id if newest else EventId(0, 0)

    async def events_between(self, after: EventId, until: EventId) -> list[NewAddress]:
        """The events after one, the last one included."""
        with self._call("events"):
            (found,) = await self._send((("XRANGE", _EVENTS, f"({after}", str(until)),))
        return _events(found)

    async def wait_for_events(self, after: EventId) -> list[NewAddress]:
        """The next events; empty when none comes within a second."""
        read = ("XREAD", "COUNT", 100, "BLOCK", 1000, "STREAMS", _EVENTS, str(after))
        with _translated("events"):
            (found,) = await self._send((read,))
        return _events(found[0][1]) if found else []

    async def expire(self, cutoff: int, size: int) -> int:
        """Remove up to `size` addresses not seen since a microsecond; returns how many it were."""
        return int(await self._run(scripts.EXPIRE, "expire", (), (cutoff, size)))

    async def _read(self, caller: str | None, what: str, *args: str | int) -> tuple[Quota, Any]:
        keys = (counter_key(caller),) if caller else ()
        limit = self._limit_args if caller else (0, 0)
        reply = await self._run(scripts.READ, what, keys, (*limit, what, *args))
        return Quota.of(self._limit, *reply[:2]), reply[2] if len(reply) > 2 else None

    async def _visit(self, calls: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
        counters, callers = zip(*calls, strict=True)
        (reply,) = await self._send((_evaluate(scripts.VISIT, counters, (*self._limit_args, *callers)),))
        return list(zip(reply[::2], reply[1::2], strict=True))

    async def _run(self, script: Script, operation: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
        with self._call(operation):
            (reply,) = await self._send((_evaluate(script, keys, args),))
        return reply

    @contextmanager
    def _call(self, operation: str) -> Iterator[None]:
        attributes: dict[str, AttributeValue] = {"db.system.name": "redis", "db.operation.name": operation}
        with _translated(operation), Call(self._chassis, "redis", operation, attributes):
            yield

    async def _send(self, commands: Sequence[Command], *, transaction: bool = False) -> list[Any]:
        """Send commands in one round trip; scripts that Redis does not know are sent whole, once more."""
        async with asyncio.timeout(DEADLINE):
            replies = await self._pipeline(commands, transaction)
            if any(isinstance(reply, NoScriptError) for reply in replies):
                replies = await self._pipeline([_whole(command) for command in commands], transaction)
        for reply in replies:
            if isinstance(reply, RedisError):
                raise reply
        return replies

    async def _pipeline(self, commands: Sequence[Command], transaction: bool) -> list[Any]:
        pipeline = self._client.pipeline(transaction=transaction)
        for command in commands:
            pipeline.execute_command(*command)
        return await pipeline.execute(raise_on_error=False)


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as exc:
        log.warning("store_failed", operation=operation, error=type(exc).__name__)
        raise StoreUnavailable("The store does not answer just now.") from exc


def _before(cursor: str | None) -> str:
    return "+inf" if cursor is None else f"({cursor}"


def _evaluate(script: Script, keys: Sequence[str], args: Sequence[Any]) -> Command:
    return ("EVALSHA", script.sha, len(KEYS) + len(keys), *KEYS, *keys, *args)


def _whole(command: Command) -> Command:
    name, digest, *rest = command
    return ("EVAL", SOURCES[digest], *rest) if name == "EVALSHA" else command


def _row(address: str, last_seen: str, details: str) -> Row:
    first_seen, requests = details.split()
    return Row(address, int(first_seen), int(last_seen), int(requests))


def _events(entries: Sequence[tuple[str, Mapping[str, str]]]) -> list[NewAddress]:
    return [NewAddress(EventId(*map(int, name.split("-"))), fields["ip"]) for name, fields in entries]


def _rows(scored: Sequence[str], details: Sequence[str]) -> list[Row]:
    return [_row(*found) for found in zip(scored[::2], scored[1::2], details, strict=True)]
