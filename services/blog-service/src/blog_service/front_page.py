"""The front page that did not change: answered before Flask makes anything of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from blog_service.blog import Blog
from blog_service.pages import POLICY, REFERRER, etag_at
from blog_service.sessions import COOKIE
from chassis import none_match
from chassis.flask import App

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_FAILURE = "blog.failure"


def install_front_page(app: App, blog: Blog) -> None:
    """Answer at the edge; what fails there is told by the application."""

    def known(environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes] | None:
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if environ.get("QUERY_STRING") or COOKIE in environ.get("HTTP_COOKIE", "") or "*" in (wanted or ""):
            return None
        try:
            key = blog.posts.newest_state()
        except Exception as exc:  # noqa: BLE001 - the application raises it again
            environ[_FAILURE] = exc
            return None
        etag = etag_at(environ, app.config["LOOK"], (key,))
        if none_match(wanted, etag):
            return "304 NOT MODIFIED", _headers(etag), b""
        page = blog.kept_pages.get(etag)
        return None if page is None else ("200 OK", [*_headers(etag), *_content(page)], page)

    @app.before_request
    def tell() -> None:
        if failure := request.environ.get(_FAILURE):
            raise failure

    app.edge.known["/"] = known


def _headers(etag: str) -> list[tuple[str, str]]:
    return [
        ("ETag", etag),
        ("Cache-Control", "no-cache"),
        ("Vary", "Cookie"),
        ("Content-Security-Policy", POLICY),
        ("Referrer-Policy", REFERRER),
    ]


def _content(page: bytes) -> list[tuple[str, str]]:
    return [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
