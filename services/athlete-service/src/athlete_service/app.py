"""The application: one resource, the favourite athlete."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from athlete_service.athlete import Athlete
from athlete_service.config import follow_config
from athlete_service.settings import Settings
from chassis import Problem, best_match
from chassis.fastapi import App
from chassis.fastapi import create_app as create_chassis_app

RESPONSES = {
    200: {"content": {"application/json": {"example": {"myFavoriteAthlete": "Usain Bolt"}}}},
    304: {"description": "Not Modified: the client's copy is current"},
}
ERROR_TYPES = ("text/plain", "application/problem+json", "application/json")


def create_app(settings: Settings) -> App:
    """Make the application.

    Args:
        settings: the name of the athlete, and the chassis' settings.
    """
    athlete = Athlete(settings.athlete_name, "no-cache" if settings.config_url else "public, max-age=60")

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            if settings.config_url:
                tasks.start_soon(follow_config, settings, athlete)
            yield
            tasks.cancel_scope.cancel()

    app = create_chassis_app(settings, name="athlete-service", lifespan=lifespan, render_error=render_error)

    async def get_athlete(request: Request) -> Response:
        """The favourite athlete."""
        return athlete.response(request.headers.get("if-none-match"))

    app.plain_route("/", get_athlete, responses=RESPONSES)
    return app


def render_error(request: Request, problem: Problem) -> Response | None:
    """Answer a wrong method on `/` in the words of the original, unless JSON is asked for by name."""
    wanted = best_match(request.headers.get("accept"), ERROR_TYPES) or "text/plain"
    if problem.status != 405 or wanted != "text/plain":
        return None
    return PlainTextResponse("Only GET method valid", 405, {"Vary": "Accept", **problem.headers})
