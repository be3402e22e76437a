"""A bare Starlette route: one round trip of the ip-service's script, without telemetry."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ip_service.quota import counter_key
from ip_service.scripts import SOURCES, VISIT
from ip_service.store import KEYS


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, redis.asyncio.Redis]]:
    """Connect."""
    url = os.environ["REDIS_URL"]  # noqa: TID251 - a measuring stick
    client = redis.asyncio.Redis.from_url(url, decode_responses=True)
    await client.script_load(SOURCES[VISIT.sha])
    async with client:
        yield {"client": client}


async def get_ip(request: Request) -> PlainTextResponse:
    """Record the caller."""
    caller = request.client.host if request.client else ""
    await request.state.client.evalsha(VISIT.sha, len(KEYS) + 1, *KEYS, counter_key(caller), 0, 0, caller)
    return PlainTextResponse(f"{caller}\n")


app = Starlette(routes=[Route("/get-ip", get_ip)], lifespan=lifespan)
