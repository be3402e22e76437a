"""What the service knows of addresses, free of HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import NamedTuple

from ip_service.quota import Quota
from ip_service.schemas import Day, PageQuery, Stats
from ip_service.store import Row, Store

SCAN_SIZE = 250  # what one script reads, which keeps Redis from all others meanwhile
SCANS = 80
DAYS = 30


class Found(NamedTuple):
    """Some addresses, and where the next ones begin; None after the last."""

    rows: list[Row]
    cursor: str | None


async def search(store: Store, caller: str, query: PageQuery) -> tuple[Quota, Found]:
    """The addresses that a query asks for.

    A filter that lets few through ends after 20,000 addresses, so that no request takes long; the
    cursor leads on from there.
    """
    since = int(query.since.timestamp() * 1_000_000) if query.since else 0
    matches, cursor = _filter(query), query.cursor
    found: list[Row] = []
    size = _size(query.limit, filtered=matches is not None)
    quota, rows = await store.list_rows(caller, cursor=cursor, size=size, since=since)
    for _ in range(SCANS):
        for position, row in enumerate(rows, 1):
            if matches is None or matches(row):
                found.append(row)
            if len(found) == query.limit:
                more = position < len(rows) or len(rows) == size
                return quota, Found(found, str(row.last_seen) if more else None)
        if len(rows) < size:
            return quota, Found(found, None)
        cursor = str(rows[-1].last_seen)
        size = _size(query.limit - len(found), filtered=matches is not None)
        _, rows = await store.list_rows(None, cursor=cursor, size=size, since=since)
    return quota, Found(found, cursor)


def _size(missing: int, *, filtered: bool) -> int:
    """How many rows to read when so many are missing: one more, to see whether there are others."""
    return SCAN_SIZE if filtered or missing > SCAN_SIZE else missing + 1


def _filter(query: PageQuery) -> Callable[[Row], bool] | None:
    network, version = query.cidr, query.version
    if network is None and version is None:
        return None

    def matches(row: Row) -> bool:
        address = ip_address(row.address)
        return version in (None, str(address.version)) and (network is None or address in network)

    return matches


def summarize(unique: int, counts: Mapping[str, int], today: dt.date) -> Stats:
    """The statistics from the store's counts, for today and the 29 days before it."""
    dates = [today - dt.timedelta(days=days) for days in range(DAYS)]
    return Stats(
        unique=unique,
        ipv4=unique - counts.get("ipv6", 0),
        ipv6=counts.get("ipv6", 0),
        daily=[_day(date, counts) for date in dates],
    )


def _day(date: dt.date, counts: Mapping[str, int]) -> Day:
    number = (date - dt.date(1970, 1, 1)).days
    return Day(
        date=date,
        requests=counts.get(f"{number}:requests", 0),
        unique=counts.get(f"{number}:unique", 0),
    )
