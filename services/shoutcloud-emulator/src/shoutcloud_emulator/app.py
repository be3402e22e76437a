"""The app: the API at /V1/SHOUT, its faults at /admin/faults, the probes."""

import asyncio
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from chassis import Tracing
from shoutcloud_emulator.answers import answer, bad_request, wrong_answer
from shoutcloud_emulator.faults import NO_FAULT, Fault, FaultPlan
from shoutcloud_emulator.tracing import traced

MAX_BODY: Final = 2**20


def create_app(tracing: Tracing) -> Starlette:
    """Build the app; each has its own faults and counters.

    Args:
        tracing: makes the spans of the API's calls.
    """
    app = Starlette(
        routes=[
            Route("/V1/SHOUT", traced(call_api, tracing), methods=["POST"]),
            Route("/admin/faults", show_faults, methods=["GET"]),
            Route("/admin/faults", set_faults, methods=["PUT"]),
            Route("/admin/faults", clear_faults, methods=["DELETE"]),
            Route("/livez", probe),
            Route("/readyz", probe),
        ],
        exception_handlers={HTTPException: show_error},
    )
    app.state.plan = FaultPlan()
    return app


async def call_api(request: Request) -> Response:
    """Shout, unless a fault is in the way."""
    fault = _plan(request).next()
    text = await _read_input(request)
    await asyncio.sleep(fault.latency)
    if fault.kind == "reset":
        return await _reset(request)
    if text is None:
        return bad_request()
    return answer(text) if fault.kind == "none" else wrong_answer(fault, text)


async def show_faults(request: Request) -> Response:
    """Show the fault in force and the calls seen."""
    return JSONResponse(_plan(request).describe())


async def set_faults(request: Request) -> Response:
    """Put a fault in force; counters start at 0."""
    try:
        fault = Fault.model_validate_json(await _read_body(request))
    except ValueError as exc:
        return PlainTextResponse(f"{exc}\n", 422)
    _plan(request).replace(fault)
    return await show_faults(request)


async def clear_faults(request: Request) -> Response:
    """End all faults; counters start at 0."""
    _plan(request).replace(NO_FAULT)
    return await show_faults(request)


async def probe(_: Request) -> Response:
    """Tell that the process serves."""
    return PlainTextResponse("ok")


async def show_error(_: Request, exc: Exception) -> Response:
    """Answer an unknown path or a wrong method in plain text."""
    if not isinstance(exc, HTTPException):
        raise exc
    return PlainTextResponse(exc.detail.upper(), exc.status_code, exc.headers)


def _plan(request: Request) -> FaultPlan:
    plan: FaultPlan = request.app.state.plan
    return plan


async def _reset(request: Request) -> Response:
    request.scope["reset_connection"]()
    await request.receive()
    return Response(status_code=499)  # for the span; nobody is left to read it


async def _read_input(request: Request) -> str | None:
    """Return the text to shout, or None when the call is not a proper one."""
    if request.headers.get("content-type") != "application/json":
        return None
    try:
        content: Any = orjson.loads(await _read_body(request))
    except ValueError:
        return None
    text = content.get("INPUT") if isinstance(content, dict) else None
    return text if isinstance(text, str) else None


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise ValueError(f"a body of at most {MAX_BODY} bytes is expected")
    return bytes(body)
