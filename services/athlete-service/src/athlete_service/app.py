"""The application: one resource, the favourite athlete."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from athlete_service.settings import Settings
from chassis import Problem, best_match, dump_json, etag_of, none_match
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
    app = create_chassis_app(settings, name="athlete-service", render_error=render_error)
    body = dump_json({"myFavoriteAthlete": settings.athlete_name})
    headers = {"ETag": etag_of(body), "Cache-Control": "public, max-age=60"}

    found = Response(body, headers=headers, media_type="application/json")
    not_modified = Response(status_code=304, headers=headers)

    async def get_athlete(request: Request) -> Response:
        """The favourite athlete."""
        return not_modified if none_match(request.headers.get("if-none-match"), headers["ETag"]) else found

    app.plain_route("/", get_athlete, responses=RESPONSES)
    return app


def render_error(request: Request, problem: Problem) -> Response | None:
    """Answer a wrong method on `/` in the words of the original, unless JSON is asked for by name."""
    wanted = best_match(request.headers.get("accept"), ERROR_TYPES) or "text/plain"
    if problem.status != 405 or wanted != "text/plain":
        return None
    return PlainTextResponse("Only GET method valid", 405, {"Vary": "Accept", **problem.headers})
