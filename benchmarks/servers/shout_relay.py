"""A bare Starlette route that asks the API through httpx as it comes."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:
    """Keep one client."""
    async with httpx.AsyncClient() as client:
        yield {"client": client, "url": os.environ["SHOUTCLOUD_URL"]}  # noqa: TID251 - a measuring stick


async def shout(request: Request) -> Response:
    """Shout."""
    text: str = orjson.loads(await request.body())["data"]
    headers = {"Content-Type": "application/json"}
    body = orjson.dumps({"INPUT": text[::-1]})
    reply = await request.state.client.post(request.state.url, content=body, headers=headers)
    return Response(orjson.dumps(orjson.loads(reply.content)["OUTPUT"]), media_type="application/json")


app = Starlette(routes=[Route("/v1", shout, methods=["POST"])], lifespan=lifespan)
