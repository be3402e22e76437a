"""A Flask application on the chassis."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import flask
from opentelemetry.sdk.trace.export import SpanExporter
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from chassis._body_limits import BodyLimits
from chassis._chassis import Chassis
from chassis._exchange import UNMATCHED
from chassis._problem import Problem, render_problem
from chassis._settings import ServiceSettings
from chassis.flask._auth import Guard
from chassis.flask._edge import EXCHANGE, Edge
from chassis.flask._forms import Request
from chassis.flask._rule import Rule

MAX_BODY = 64 * 1024
ErrorPage = Callable[[Problem, str], str]
_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


class App(flask.Flask):
    """Flask, answering OPTIONS with 204.

    Attributes:
        chassis: settings, registry, health and tracing of this service.
        edge: what is around the application.
    """

    chassis: Chassis
    edge: Edge
    error_page: ErrorPage | None = None
    request_class = Request
    url_rule_class = Rule

    def make_default_options_response(self) -> flask.Response:
        """The answer to OPTIONS: only `Allow`."""
        response = super().make_default_options_response()
        response.status_code = 204
        del response.headers["Content-Type"]
        return response


def create_app(
    settings: ServiceSettings,
    *,
    name: str,
    import_name: str,
    max_body: int = MAX_BODY,
    body_limits: Mapping[str, int] | None = None,
    error_page: ErrorPage | None = None,
    open_routes: Collection[tuple[str, str]] = (),
    exporter: SpanExporter | None = None,
    **options: Any,
) -> App:
    """Make an application that keeps the platform contract.

    Args:
        settings: the service's.
        name: its distribution name.
        import_name: package of templates and static files.
        max_body: bytes that a request body may have.
        body_limits: the same for single paths.
        error_page: renders a problem and the request id as HTML, for browsers.
        open_routes: method and template of the routes that decide themselves whom they serve, where
            all others ask for a token.
        exporter: span exporter instead of the configured one; for tests.
        options: of Flask.
    """
    app = App(import_name, **options)
    app.chassis = Chassis(settings, name=name, exporter=exporter)
    app.error_page = error_page
    limits = BodyLimits(max_body, body_limits or {})
    app.before_request(lambda: _check_length(limits))
    app.url_map.strict_slashes = False
    app.before_request(_note_route)
    if app.chassis.auth is not None:
        app.before_request(Guard(app.chassis.auth, open_routes))
    app.register_error_handler(Exception, _answer_error)
    app.edge = edge = Edge(app.wsgi_app, app.chassis, limits)
    app.wsgi_app = edge  # type: ignore[method-assign]
    for path in edge.probe_paths:  # the edge answers GET; these rules make the rest 204 and 405
        app.add_url_rule(path, f"probe{path}", lambda: "", methods=["GET"])
    return app


def _check_length(limits: BodyLimits) -> None:
    request = flask.request
    limits.check(request.path, request.headers.get("Content-Length", "0"))


def _note_route() -> None:
    if (rule := flask.request.url_rule) is not None:
        flask.request.environ[EXCHANGE].route = _template(rule.rule)


def _answer_error(error: Exception) -> Response:
    request = flask.request
    exchange = request.environ[EXCHANGE]
    if isinstance(error, HTTPException) and (error.response is not None or (error.code or 500) < 400):
        return error.get_response(request.environ)
    if isinstance(error, MethodNotAllowed):
        exchange.route = _route_of_405(error)
        error = error if exchange.route != UNMATCHED else NotFound()
    problem = _to_problem(error)
    if problem is None:
        exchange.fail(error)
        problem = Problem()
    accept = request.headers.get("Accept")
    body, headers = render_problem(
        problem, accept=accept, instance=request.script_root + request.path, request_id=exchange.request_id
    )
    response = Response(body, problem.status, headers)
    page = flask.current_app.error_page  # type: ignore[attr-defined]
    if page is not None and response.mimetype == "text/html":
        response.headers.pop("Content-Security-Policy")
        response.set_data(page(problem, exchange.request_id))
    return response


def _to_problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        detail = error.description if error.code not in (404, 405) else None
        headers = (
            {"Allow": ", ".join(sorted(error.valid_methods or ()))}
            if isinstance(error, MethodNotAllowed)
            else {}
        )
        return Problem.of_status(error.code or 500, detail, headers=headers)
    return None


def _route_of_405(error: MethodNotAllowed) -> str:
    adapter = flask.current_app.create_url_adapter(flask.request)
    methods = list(error.valid_methods or ())
    if adapter is None or not methods:
        return UNMATCHED
    try:
        rule, _ = adapter.match(method=methods[0], return_rule=True)
    except HTTPException:  # Werkzeug names methods of rules whose converters refuse the path, too
        return UNMATCHED
    return _template(rule.rule)


def _template(rule: str) -> str:
    """`/<int:id>/update` as `/{id}/update`."""
    return _PARAMETER.sub(r"{\1}", rule)
