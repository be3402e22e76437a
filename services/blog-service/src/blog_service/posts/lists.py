"""The pages that list posts."""

from calendar import month_name
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.blog import current_blog
from blog_service.pages import asks_for_news, etag_of_key, not_modified, page
from blog_service.posts.listing import Scope
from blog_service.posts.model import Cursor, Page
from blog_service.posts.search import MAX_LENGTH
from blog_service.posts.tags import normal_tag

lists = Blueprint("lists", __name__)

_MONTH = "/archive/<int(min=1900, max=2999):year>/<int(min=1, max=12):month>"


@lists.get("/")
def index() -> Response:
    """List the posts, newest first."""
    return _list_page("index.html")


@lists.get("/tags/<tag>")
def by_tag(tag: str) -> WerkzeugResponse:
    """List the posts with a tag."""
    normal = normal_tag(tag)
    if normal != tag and normal:
        return redirect(url_for("lists.by_tag", tag=normal), 301)
    return _list_page("tag.html", "tag", tag=normal)


@lists.get("/authors/<path:username>")
def by_author(username: str) -> Response:
    """List one author's posts."""
    author = current_blog().accounts.author(username)
    return _list_page("author.html", "author", author_id=author.id, author=author)


@lists.get(_MONTH)
def by_month(year: int, month: int) -> Response:
    """List the posts of a month."""
    first, end = _month(year, month), _month(year, month + 1)
    around = {"earlier": _month(year, month - 1), "later": end}
    return _list_page(
        "archive.html", "month", first=first, end=end, title=f"{month_name[month]} {year}", **around
    )


@lists.get("/search")
def search() -> Response:
    """List the posts with all words of a query."""
    text = request.args.get("q", "").strip()[:MAX_LENGTH]
    cursor = _cursor()
    found = current_blog().posts.search(text, cursor)
    return _page("search.html", found, cursor, text=text)


def _month(year: int, month: int) -> datetime:
    """Return the first moment of a month, which may be the one before or after a year."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


def _list_page(template: str, scope: Scope = "all", **context: object) -> Response:
    cursor = _cursor()
    bound = {name: context[name] for name in ("tag", "author_id", "first", "end") if name in context}
    posts = current_blog().posts
    if asks_for_news() and (same := not_modified(etag_of_key(posts.newest_state(cursor, scope, **bound)))):
        return same
    return _page(template, posts.newest(cursor, scope, **bound), cursor, **context)


def _page(template: str, part: Page, cursor: Cursor | None, **context: object) -> Response:
    return page(template, part.state, posts=part.items, next=part.next, cursor=cursor, **context)


def _cursor() -> Cursor | None:
    before = request.args.get("before")
    return Cursor.parse(before) if before else None
