"""The routes: text in, capitals out."""

from typing import TypedDict

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from chassis import best_match
from chassis.fastapi import App, check_media_type
from shout_service.answers import render, render_batch
from shout_service.batch import shout_all
from shout_service.body import JSON, find_header, read_items, read_text, read_unit
from shout_service.openapi import HTML, PAGE, PAGE_ANSWER, SHOUT, SHOUT_BATCH
from shout_service.page import FORM, HEADERS, Wish, read_wish, render_page
from shout_service.reversal import reverse
from shout_service.service import Shouter


class State(TypedDict):
    """What the requests share."""

    shouter: Shouter


async def show_page(request: Request) -> Response:
    """A page to try it on; for programs, where the description of the API is."""
    root = request.scope["root_path"]
    if best_match(find_header(request, b"accept"), (JSON, HTML)) == HTML:
        return HTMLResponse(render_page(Wish(), None, root=root), headers=HEADERS)
    links = {"openapi": f"{root}/openapi.json", "docs": f"{root}/docs"}
    return JSONResponse({"name": request.app.title, **links}, headers={"Vary": "Accept"})


async def answer_page(request: Request) -> Response:
    """What the page's form asks for, as the page again."""
    check_media_type(request, (FORM,))
    wish = read_wish(await request.body())
    shouter: Shouter = request.state.shouter
    answer = await shouter.shout(reverse(wish.text, wish.unit))
    page = render_page(wish, answer, root=request.scope["root_path"])
    return HTMLResponse(page, headers={**HEADERS, "Shout-Source": answer.source})


async def shout(request: Request) -> Response:
    """Reverse a text, then shout it."""
    unit = read_unit(request)
    text, media_type = await read_text(request)
    shouter: Shouter = request.state.shouter
    return render(await shouter.shout(reverse(text, unit)), media_type, find_header(request, b"accept"))


async def shout_batch(request: Request) -> Response:
    """Reverse and shout up to a hundred texts."""
    unit = read_unit(request)
    items = await read_items(request)
    answers = await shout_all(request.state.shouter, items, unit)
    return render_batch(answers, f"{request.scope['root_path']}/v1/batch")


def add_routes(app: App) -> None:
    """Add the routes to the app."""
    app.plain_route("/", show_page, **PAGE)
    app.plain_route("/", answer_page, methods=("POST",), **PAGE_ANSWER)
    app.plain_route("/v1", shout, methods=("POST",), **SHOUT)
    app.plain_route("/v1/batch", shout_batch, methods=("POST",), **SHOUT_BATCH)
