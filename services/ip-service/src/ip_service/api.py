"""`/v1`: what is known of the addresses. Its requests are limited and not recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Coroutine
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Query, Request, Response
from fastapi.routing import APIRoute

from chassis.fastapi import EventStream, Router, problem_responses
from ip_service.admin import require_admin
from ip_service.documentation import LIMIT_HEADERS
from ip_service.errors import UnknownAddress
from ip_service.events import Feed
from ip_service.geo import Geo
from ip_service.schemas import Address, AddressPage, PageQuery, Stats
from ip_service.service import search, summarize
from ip_service.store import EventId, Store
from ip_service.visit import caller_of, geo_of, keep, limited, store_of


class LimitedRoute(APIRoute):
    """A route that counts each request once, whatever becomes of it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that Starlette calls."""
        return limited(super().get_route_handler())


router = Router(
    prefix="/v1/ips",
    route_class=LimitedRoute,
    responses=problem_responses(422, 429, 503),
    tags=["addresses"],
)
EVENTS_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A stream that does not end",
        "headers": LIMIT_HEADERS,
        "content": {
            "text/event-stream": {
                "example": "event: address\n"
                'data: {"ip":"203.0.113.7","first_seen":"2026-01-31T12:00:00.000Z"}\n'
                "id: 1769860800000-0\n\n"
            }
        },
    }
}
FOUND: dict[int | str, dict[str, Any]] = {200: {"headers": LIMIT_HEADERS}}
_NAMES = frozenset({"me", "stats", "events"})
Caller = Annotated[str, Depends(caller_of)]
Addresses = Annotated[Store, Depends(store_of)]
Origins = Annotated[Geo, Depends(geo_of)]


def _refuse_names(request: Request) -> None:
    """Answer 405 for what has a path of its own and can only be read."""
    if request.path_params["ip"] in _NAMES:
        raise HTTPException(405)


@router.get("", responses=FOUND)
async def list_addresses(
    request: Request,
    caller: Caller,
    store: Addresses,
    geo: Origins,
    query: Annotated[PageQuery, Query()],
) -> AddressPage:
    """Addresses that called, the last caller first."""
    quota, found = await search(store, caller, query)
    keep(request, quota)
    return AddressPage(items=[Address.of(row, geo) for row in found.rows], next=found.cursor)


@router.get("/me", responses=FOUND)
async def get_own_address(request: Request, caller: Caller, store: Addresses, geo: Origins) -> Address:
    """What is known of the caller's address."""
    quota, row = await store.find(caller, caller)
    keep(request, quota)
    return Address.of(row, geo) if row else Address.unknown(caller, geo)


@router.get("/stats", responses=FOUND)
async def get_stats(request: Request, caller: Caller, store: Addresses) -> Stats:
    """How many addresses called, in all and on each of the last 30 days."""
    quota, unique, counts = await store.stats(caller)
    keep(request, quota)
    return summarize(unique, counts, dt.datetime.now(dt.UTC).date())


@router.get("/events", status_code=200, response_class=EventStream, responses=EVENTS_RESPONSES)
async def listen(
    request: Request, caller: Caller, store: Addresses, last_event_id: Annotated[str, Header()] = ""
) -> EventStream:
    """New addresses as they come, one server-sent event each; `Last-Event-ID` resumes."""
    keep(request, await store.count(caller))
    feed: Feed = request.state.feed
    return EventStream(request.app.chassis, await feed.listen(EventId.parse(last_event_id)))


@router.get("/{ip}", responses={**FOUND, **problem_responses(404)})
async def get_address(
    request: Request, caller: Caller, store: Addresses, geo: Origins, ip: IPv4Address | IPv6Address
) -> Address:
    """What is known of an address."""
    quota, row = await store.find(caller, _canonical(ip))
    keep(request, quota)
    if row is None:
        raise UnknownAddress(f"{ip} is not known here.")
    return Address.of(row, geo)


@router.delete(
    "/{ip}",
    status_code=204,
    response_class=Response,
    responses=problem_responses(401, 403, 404),
    dependencies=[Depends(_refuse_names), Depends(require_admin)],
)
async def erase_address(
    request: Request, caller: Caller, store: Addresses, ip: IPv4Address | IPv6Address
) -> None:
    """Erase an address and what is known of it."""
    quota, erased = await store.erase(caller, _canonical(ip))
    keep(request, quota)
    if not erased:
        raise UnknownAddress(f"{ip} is not known here.")


def _canonical(ip: IPv4Address | IPv6Address) -> str:
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return str(mapped or ip)
