"""The list of addresses: whole as a stream, or by pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from chassis import FieldError
from ip_service.errors import BadParameter
from ip_service.representation import Representation
from ip_service.store import END, Page, Store

FIRST_CHUNK = 1000  # a script hands them on more slowly than Redis itself
CHUNK = 2500
DEFAULT_LIMIT = 1000
MAX_LIMIT = 10_000

CURSOR = "[0-9]{1,16}"

_NUMBER = re.compile(CURSOR, re.ASCII)


@dataclass(frozen=True)
class Window:
    """The part of the list that is asked for.

    Attributes:
        limit: addresses at most.
        cursor: where it begins; None for the last caller.
    """

    limit: int
    cursor: str | None = None

    @classmethod
    def parse(cls, query: QueryParams) -> Self | None:
        """Read `limit` and `cursor`; None when neither is there: the whole list.

        Raises:
            BadParameter: when one of them makes no sense.
        """
        limit, cursor = query.get("limit"), query.get("cursor")
        if limit is None and cursor is None:
            return None
        return cls(_limit(limit), _cursor(cursor))

    def next_link(self, path: str, query: QueryParams, cursor: str) -> str:
        """The Link header's value (RFC 8288) that leads to the part after this one."""
        others = [pair for pair in query.multi_items() if pair[0] not in ("limit", "cursor")]
        return f'<{path}?{urlencode([*others, ("limit", self.limit), ("cursor", cursor)])}>; rel="next"'


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MAX_LIMIT:
        raise _bad("limit", f"must be a number from 1 to {MAX_LIMIT}")
    return int(text)


def _cursor(text: str | None) -> str | None:
    if text is not None and not _NUMBER.fullmatch(text):
        raise _bad("cursor", "must come from the link to a next page")
    return text


def _bad(name: str, detail: str) -> BadParameter:
    return BadParameter(
        "The request breaks the schema.", errors=[FieldError("", f"query parameter {name}: {detail}")]
    )


async def complete(store: Store, first: Page, limit: int) -> Page:
    """A part of the list, its first addresses read already; in pieces, so that none keeps Redis long."""
    addresses, cursor = list(first.addresses), first.cursor
    while cursor != END and len(addresses) < limit:
        piece = await store.continue_list(cursor, size=min(CHUNK, limit - len(addresses)))
        addresses += piece.addresses
        cursor = piece.cursor
    return Page(addresses, cursor)


async def stream(
    store: Store, first: Page, bookmark: str, representation: Representation
) -> AsyncIterator[bytes]:
    """The whole list, its first page read already, without holding more than two pages.

    The next page is read while one is being sent. Callers that moved to the front in the meantime come
    at the end; nobody is named twice or left out.
    """
    part, cursor = representation.open() + representation.join(first.addresses), first.cursor
    while cursor != END:
        upcoming = asyncio.create_task(store.continue_list(cursor, size=CHUNK, bookmark=bookmark))
        try:
            yield part
            page = await upcoming
        finally:
            upcoming.cancel()
        part = representation.join(page.addresses, more=True) if page.addresses else b""
        cursor = page.cursor
    yield part
    while skipped := await store.take_skipped(bookmark, CHUNK):
        yield representation.join(skipped, more=True)
    yield representation.close()
