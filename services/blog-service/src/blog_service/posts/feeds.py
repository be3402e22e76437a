"""Feeds: what other programs read of the blog."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blog_service.blog import current_blog
from blog_service.pages import etag_of_key, not_modified, tagged
from blog_service.posts.html import place_images
from blog_service.posts.model import Feed
from chassis import dump_json, etag_of

feeds = Blueprint("feeds", __name__)

_TITLE = "Blog"
# What XML 1.0 cannot hold; an old database may.
_NOT_XML = {code: "�" for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)} | {0xFFFE: "�", 0xFFFF: "�"}


@feeds.get("/feed.atom")
def atom() -> Response:
    """Give the newest posts as Atom (RFC 4287)."""
    return _feed(lambda feed: _xml("feed.atom.xml", feed), "application/atom+xml")


@feeds.get("/feed.rss")
def rss() -> Response:
    """Give the newest posts as RSS 2.0."""
    return _feed(lambda feed: _xml("feed.rss.xml", feed), "application/rss+xml")


@feeds.get("/feed.json")
def json() -> Response:
    """Give the newest posts as JSON Feed 1.1."""
    return _feed(_json, "application/feed+json")


@feeds.get("/sitemap.xml")
def sitemap() -> Response:
    """Tell search engines where the posts are (sitemaps.org protocol 0.9)."""
    text = render_template("sitemap.xml", posts=current_blog().posts.addresses(), rfc3339=_rfc3339)
    content = text.encode()
    etag = etag_of(content)
    return not_modified(etag) or tagged(_document(content, "application/xml"), etag)


def _feed(render: Callable[[Feed], bytes], media_type: str) -> Response:
    """Answer with what `render` makes of the newest posts, unless the reader has it."""
    posts = current_blog().posts
    if "If-None-Match" in request.headers and (same := not_modified(etag_of_key(posts.newest_state()))):
        return same
    feed = posts.feed()
    return tagged(_document(render(feed), media_type), etag_of_key(feed.state))


def _entries(feed: Feed) -> list[dict[str, Any]]:
    base = url_for("lists.index", _external=True).rstrip("/")
    return [
        {
            "id": url_for("posts.show_by_id", post_id=listed.id, _external=True),
            "url": url_for("posts.show", slug=listed.slug, _external=True),
            "title": listed.title,
            "author": listed.author,
            "summary": listed.summary,
            "tags": listed.tags,
            "html": html and place_images(html, base),
            "published": listed.publish_at,
            "updated": updated,
        }
        for listed, updated, html in feed.entries
    ]


def _json_item(entry: dict[str, Any]) -> dict[str, Any]:
    content = {"content_html": entry["html"]} if entry["html"] else {"content_text": entry["summary"]}
    return {
        "id": entry["id"],
        "url": entry["url"],
        "title": entry["title"],
        **content,
        "date_published": _rfc3339(entry["published"]),
        "date_modified": _rfc3339(entry["updated"]),
        "authors": [{"name": entry["author"]}],
        "tags": list(entry["tags"]),
    }


def _json(feed: Feed) -> bytes:
    return dump_json(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": _TITLE,
            "home_page_url": url_for("lists.index", _external=True),
            "feed_url": url_for("feeds.json", _external=True),
            "items": [_json_item(entry) for entry in _entries(feed)],
        }
    )


def _xml(template: str, feed: Feed) -> bytes:
    entries = _entries(feed)
    # A feed without posts has not changed since the beginning of time.
    updated = max((entry["updated"] for entry in entries), default=datetime(1970, 1, 1, tzinfo=UTC))
    text = render_template(
        template, title=_TITLE, entries=entries, updated=updated, rfc3339=_rfc3339, rfc5322=format_datetime
    )
    return text.translate(_NOT_XML).encode()


def _document(content: bytes, media_type: str) -> Response:
    return Response(content, content_type=f"{media_type}; charset=utf-8")


def _rfc3339(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
