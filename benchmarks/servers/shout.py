"""A bare Starlette route: reads JSON, reverses and uppercases here, answers JSON."""

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def shout(request: Request) -> Response:
    """Shout."""
    text: str = orjson.loads(await request.body())["data"]
    return Response(orjson.dumps(text[::-1].upper()), media_type="application/json")


app = Starlette(routes=[Route("/v1", shout, methods=["POST"])])
