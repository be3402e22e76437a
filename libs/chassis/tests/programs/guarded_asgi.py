"""A FastAPI service that asks who calls, when it is given an issuer."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import PlainTextResponse, Response

from chassis import Identity, ServiceSettings
from chassis.fastapi import App, Router, create_app, identity_of, require_scope, run

router = Router()
Reader = Annotated[Identity | None, Depends(require_scope("reports:read"))]


@router.get("/me")
async def show_caller(request: Request) -> dict[str, str | None]:
    """Say who calls."""
    identity = identity_of(request)
    return {"subject": identity.subject if identity else None}


@router.get("/reports/{number}")
async def read_report(reader: Reader, number: int) -> dict[str, int]:
    """Read a report."""
    return {"number": number}


@router.post("/reports")
async def write_report(request: Request) -> int:
    """Write a report."""
    return len(await request.body())


@router.get("/open")
async def read_notice() -> str:
    """Read what everybody may read."""
    return "open"


@router.delete("/open", dependencies=[Depends(require_scope("notices:erase"))])
async def erase_notice() -> str:
    """Erase what everybody may read."""
    return "erased"


async def fast(request: Request) -> Response:
    """Answer without detours."""
    return PlainTextResponse("fast")


def make_app(settings: ServiceSettings) -> App:
    """Make the application."""
    open_routes = [("GET", "/open"), ("DELETE", "/open")]
    app = create_app(settings, name="chassis", open_routes=open_routes)
    app.include_router(router)
    app.plain_route("/fast", fast)
    return app


if __name__ == "__main__":
    run(ServiceSettings, make_app)
