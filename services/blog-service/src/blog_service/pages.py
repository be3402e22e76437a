"""HTML pages: rendered, with the headers that every page has."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, make_response, render_template, request

from blog_service.blog import current_blog
from blog_service.sessions import current_user, has_session
from chassis import Problem, StoreUnavailable, etag_of, none_match

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


_ADDRESS = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
REFERRER = "same-origin"


def page(template: str, *key: object, **context: Any) -> Response:
    """Render a page that may be the reader's already, or that was rendered for another.

    Arguments:
        template: file name.
        key: all that the page of a reader without a session depends on, besides its address.
        context: for the template.
    """
    if has_session():
        return form_page(template, **context)
    etag = etag_of_key(*key)
    return not_modified(etag) or tagged(make_response(_rendered(etag, template, context)), etag)


def _rendered(etag: str, template: str, context: dict[str, Any]) -> bytes:
    kept = current_blog().kept_pages
    if (content := kept.get(etag)) is None:
        content = render_template(template, **context).encode()
        kept.keep(etag, content)
    return content


def asks_for_news() -> bool:
    """Tell whether the reader has a page already, and may be told that it is still the same."""
    return "If-None-Match" in request.headers and not has_session()


def not_modified(etag: str) -> Response | None:
    """Tell the reader that what has this entity tag is what they have, or return None."""
    if none_match(request.headers.get("If-None-Match"), etag):
        return tagged(Response(status=304), etag)
    return None


def tagged(response: Response, etag: str) -> Response:
    """Let the response be kept, and asked for again with its entity tag."""
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    return response


def etag_of_key(*key: object) -> str:
    """Make the entity tag of a page that depends on its address, the blog's look and `key` only."""
    return etag_at(request.environ, current_app.config["LOOK"], key)


def etag_at(environ: WSGIEnvironment, look: object, key: tuple[object, ...]) -> str:
    """Make the entity tag of a page at the address that a request asks for."""
    address = [environ.get(name) for name in _ADDRESS]
    return etag_of(repr((address, look, key)).encode())


def form_page(template: str, status: int = 200, **context: Any) -> Response:
    """Render a page that is this reader's alone."""
    response = make_response(render_template(template, **context), status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def error_page(problem: Problem, request_id: str) -> str:
    """Render an error in the blog's own look, also when the database is away."""
    try:
        current_user()
    except StoreUnavailable:
        g.user = None
    title = problem.title or HTTPStatus(problem.status).phrase
    return render_template("error.html", problem=problem, title=title, request_id=request_id)


def install_pages(app: Flask) -> None:
    """Give templates the user, and pages their headers."""

    @app.context_processor
    def context() -> dict[str, object]:
        return {"user": current_user(), "has_session": has_session()}

    @app.after_request
    def set_headers(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.vary.add("Cookie")
            response.headers.setdefault("Content-Security-Policy", POLICY)
            response.headers["Referrer-Policy"] = REFERRER
        return response
