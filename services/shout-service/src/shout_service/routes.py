"""The routes: text in, capitals out."""

from typing import TypedDict

from starlette.requests import Request
from starlette.responses import Response

from chassis.fastapi import App
from shout_service.answers import render, render_batch
from shout_service.batch import shout_all
from shout_service.body import find_header, read_items, read_text, read_unit
from shout_service.openapi import SHOUT, SHOUT_BATCH
from shout_service.reversal import reverse
from shout_service.service import Shouter


class State(TypedDict):
    """What the requests share."""

    shouter: Shouter


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
    app.plain_route("/v1", shout, methods=("POST",), **SHOUT)
    app.plain_route("/v1/batch", shout_batch, methods=("POST",), **SHOUT_BATCH)
