"""Bare handlers: the same bytes from the same server, and nothing else."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = b'{"myFavoriteAthlete":"Usain Bolt"}'


async def constant(request: Request) -> Response:
    """The athlete-service's bytes."""
    return Response(BODY, media_type="application/json")


app = Starlette(routes=[Route("/", constant)])
