"""A span of each call, in the trace of whoever calls."""

from collections.abc import Awaitable, Callable

from opentelemetry.trace import SpanContext, SpanKind, StatusCode, get_current_span, use_span
from opentelemetry.util.types import AttributeValue
from starlette.requests import Request
from starlette.responses import Response

from chassis import Tracing, extract

Handler = Callable[[Request], Awaitable[Response]]


def traced(handler: Handler, tracing: Tracing) -> Handler:
    """Give each call of a handler a span (OpenTelemetry semantic conventions, HTTP server spans)."""

    async def handle(request: Request) -> Response:
        path = request.url.path
        attributes: dict[str, AttributeValue] = {
            "http.request.method": request.method,
            "http.route": path,
            "url.path": path,
            "url.scheme": request.url.scheme,
        }
        span = tracing.start(f"{request.method} {path}", SpanKind.SERVER, _parent_of(request), attributes)
        with use_span(span, end_on_exit=True):
            response = await handler(request)
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                span.set_attribute("error.type", str(response.status_code))
                span.set_status(StatusCode.ERROR)
        return response

    return handle


def _parent_of(request: Request) -> SpanContext | None:
    parent = get_current_span(extract(request.headers)).get_span_context()
    return parent if parent.is_valid else None
