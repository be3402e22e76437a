"""The routes of the original: the caller's address, and the list of all."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.fastapi import App
from ip_service import page
from ip_service.api import router
from ip_service.documentation import GET_IP, GET_IP_LIST
from ip_service.listing import FIRST_CHUNK, Window, complete, stream
from ip_service.quota import raw_headers
from ip_service.representation import HTML, Representation, choose
from ip_service.store import END
from ip_service.visit import accept_of, caller_of, geo_of, keep, limited, store_of


class Answer(Response):
    """A response whose headers are made already; Starlette would encode them anew each time."""

    def __init__(self, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.status_code = 200
        self.background = None
        self.body = body
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body))]


async def get_ip(request: Request) -> Response:
    """Record the caller and answer with its address."""
    caller, representation = caller_of(request), choose(accept_of(request))
    if representation is HTML:
        return await _page(request, caller)
    quota = await store_of(request).record(caller)
    keep(request, quota)
    return Answer(representation.render(caller), representation.raw_headers + raw_headers(quota))


async def _page(request: Request, caller: str) -> Response:
    quota, overview = await store_of(request).record_and_look(caller, page.NEWEST)
    keep(request, quota)
    assert overview is not None  # noqa: S101 only a refused request has none
    geo = geo_of(request)
    content = page.render(
        overview,
        geo.find(caller) if geo else None,
        root=request.scope["root_path"],
        now=dt.datetime.now(dt.UTC),
    )
    return Answer(content, page.HEADERS + raw_headers(quota))


async def get_ip_list(request: Request) -> Response:
    """Record the caller and answer with every address that ever called, the last caller first."""
    window = Window.parse(request.query_params)
    representation = choose(accept_of(request))
    if window is None:
        return await _whole_list(request, representation)
    return await _part_of_list(request, representation, window)


async def _whole_list(request: Request, representation: Representation) -> Response:
    store, bookmark = store_of(request), secrets.token_hex(8)
    if request.scope.get("chassis.head"):
        keep(request, await store.record(caller_of(request)))
        answer = Answer(b"", representation.raw_headers)
        del answer.headers["Content-Length"]
        return answer
    quota, first = await store.record_and_list(
        caller_of(request), cursor=None, size=FIRST_CHUNK, bookmark=bookmark
    )
    keep(request, quota)
    response = StreamingResponse(
        stream(store, first, bookmark, representation), background=BackgroundTask(store.end_list, bookmark)
    )
    response.raw_headers = list(representation.raw_headers)
    return response


async def _part_of_list(request: Request, representation: Representation, window: Window) -> Response:
    store = store_of(request)
    quota, first = await store.record_and_list(
        caller_of(request), cursor=window.cursor, size=min(window.limit, FIRST_CHUNK)
    )
    keep(request, quota)
    part = await complete(store, first, window.limit)
    response = Answer(representation.render_list(part.addresses), representation.raw_headers)
    if part.cursor != END:
        link = window.next_link(request.scope["path"], request.query_params, part.cursor)
        response.headers["Link"] = link
    return response


def add_routes(app: App) -> None:
    """Add them to an application."""
    app.plain_route("/get-ip", get_ip, **GET_IP)
    app.plain_route("/get-ip-list", limited(get_ip_list), **GET_IP_LIST)
    app.include_router(router)
