"""A FastAPI service that shows every side of the chassis to its tests."""

import asyncio
import gc
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import structlog
from fastapi import Query, Request
from fastapi.sse import ServerSentEvent
from opentelemetry import baggage
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from chassis import Conflict, NotFound, ServiceSettings, etag_of, get_logger, none_match
from chassis.fastapi import App, EventStream, Router, check_media_type, create_app, problem_responses, run
from chassis.http import create_client as create_http_client
from chassis.redis import create_client as create_redis_client

PATCH = "application/merge-patch+json"
router = Router()


class Settings(ServiceSettings):
    """What the sample can be told."""

    redis_url: str = "redis://127.0.0.1:1/0"
    downstream_url: str = "http://127.0.0.1:1"
    hanging_check: bool = False
    sample_secret: SecretStr | None = None


class Tag(BaseModel):
    """A part of an item."""

    label: str


class Item(BaseModel):
    """A body with depth."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    tags: list[Tag] = []


@router.get("/items/{item_id}", responses=problem_responses(404))
async def get_item(item_id: int) -> dict[str, int]:
    """Show an item."""
    if item_id == 0:
        raise NotFound("No such item.")
    return {"item_id": item_id}


@router.post("/items", status_code=201)
async def create_item(item: Item) -> dict[str, Any]:
    """Make an item."""
    return item.model_dump()


@router.patch("/items/{item_id}", openapi_extra={"requestBody": {"content": {PATCH: {}}}})
async def patch_item(item_id: int, item: Item) -> dict[str, Any]:
    """Change an item."""
    return item.model_dump()


@router.post("/echo")
async def echo(request: Request) -> Response:
    """Say how long the body was."""
    return PlainTextResponse(str(len(await request.body())))


@router.post("/typed")
async def typed(request: Request) -> Response:
    """Take two media types."""
    return PlainTextResponse(check_media_type(request, ("application/json", "text/plain")))


@router.get("/boom")
async def boom() -> Response:
    """Fail."""
    raise RuntimeError("mysql://root:hunter2@db.internal SELECT secret")


@router.get("/conflict")
async def conflict(detail: str = "Taken.") -> Response:
    """Refuse."""
    raise Conflict(detail, headers={"X-Reason": "held\r\nSet-Cookie: a=b"})


@router.get("/optional")
async def optional(number: Annotated[int | None, Query(le=5)] = None) -> dict[str, int | None]:
    """Take a parameter or none."""
    return {"number": number}


@router.get("/slow")
async def slow(seconds: float) -> Response:
    """Take some time."""
    await asyncio.sleep(seconds)
    get_logger("sample").info("slept", seconds=seconds)
    return PlainTextResponse("done")


@router.get("/whoami")
async def whoami(request: Request) -> dict[str, Any]:
    """Show what the service knows of the caller."""
    return {
        "client": request.client.host if request.client else None,
        "scheme": request.url.scheme,
        "host": request.headers.get("host"),
        "url": str(request.url_for("whoami")),
        "prefix": request.scope["root_path"],
        "pid": os.getpid(),
        "objects_spared": gc.get_freeze_count(),
        "baggage": dict(baggage.get_all()),
    }


@router.get("/page")
async def page() -> Response:
    """Show markup."""
    return HTMLResponse("<p>page</p>")


@router.get("/cached")
async def cached(request: Request) -> Response:
    """Show something that may be kept."""
    headers = {"ETag": etag_of(b"kept"), "Cache-Control": "max-age=60", "Vary": "Accept"}
    if none_match(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return PlainTextResponse("kept", headers=headers)


@router.get("/log")
async def log(text: str) -> Response:
    """Write the text to the log, in two ways."""
    get_logger("sample").warning("said", text=text)
    structlog.stdlib.logging.getLogger("library").warning("said %s", text)
    return PlainTextResponse("ok")


@router.get("/call")
async def call(request: Request, path: str) -> dict[str, Any]:
    """Ask another service."""
    response = await request.state.http.get(path)
    return {"status": response.status_code, "body": response.json()}


@router.get("/stored/{key}")
async def stored(request: Request, key: str) -> dict[str, Any]:
    """Read and write the store."""
    await request.state.redis.set(key, "secret-value")
    return {"value": await request.state.redis.get(key)}


@router.get("/events", response_class=EventStream)
async def events(request: Request, count: int = 3, heartbeat: float = 15.0) -> EventStream:
    """Send some events, then wait."""
    return EventStream(request.app.chassis, _events(count), heartbeat=heartbeat)


async def _events(count: int) -> AsyncGenerator[ServerSentEvent, None]:
    try:
        for number in range(count):
            yield ServerSentEvent(id=str(number), event="tick", data={"text": "a\nb", "number": number})
        if count != 1:
            await asyncio.Event().wait()
    finally:
        get_logger("sample").info("stream_ended")


async def fast(request: Request) -> Response:
    """Answer without detours."""
    return PlainTextResponse("fast")


@asynccontextmanager
async def _lifespan(app: App) -> AsyncIterator[dict[str, Any]]:
    settings = app.chassis.settings
    assert isinstance(settings, Settings)
    http = create_http_client(app.chassis, "downstream", base_url=settings.downstream_url)
    redis = create_redis_client(app.chassis, settings.redis_url)
    if settings.hanging_check:
        app.chassis.health.add("hanging", asyncio.Event().wait)
    async with http, redis:
        yield {"http": http, "redis": redis}


def make_app(settings: Settings) -> App:
    """Make the application."""
    app = create_app(
        settings,
        name="chassis",
        lifespan=_lifespan,
        max_body=2000,
        body_limits={"/typed": 10},
        description="A <b>sample</b>.",
    )
    app.include_router(router)
    app.plain_route("/", fast, summary="Answer without detours")
    return app


if __name__ == "__main__":
    run(Settings, make_app)
