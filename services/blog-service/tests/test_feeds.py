"""Feeds: well formed, with lasting ids, and only new when something is."""

import json
from datetime import datetime
from xml.etree import ElementTree

import pytest

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = {
    "/feed.atom": "application/atom+xml",
    "/feed.rss": "application/rss+xml",
    "/feed.json": "application/feed+json",
}


def _entries(text):
    return ElementTree.fromstring(text).findall(f"{ATOM}entry")  # noqa: S314 - our own


@pytest.mark.parametrize(("path", "media_type"), FEEDS.items())
def test_feed_has_its_type_and_an_etag(author, reader, path, media_type):
    author.write("a post")
    answer = reader.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    again = reader.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", FEEDS)
def test_feed_is_well_formed_whatever_the_posts_hold(author, reader, rows, path):
    author.write("a & b < c ]]> \" '", "<b>&amp;</b> `x < y`\n\n```python\nx = 1\n```", tags="c++, a.b")
    rows("UPDATE post SET body = :body, summary = :body, html = :body", body="old \x0b text \x01 \ufffe")
    text = reader.get(path).text
    _ = json.loads(text) if path == "/feed.json" else ElementTree.fromstring(text)  # noqa: S314 - our own


@pytest.mark.parametrize("path", FEEDS)
def test_feed_without_posts_is_well_formed(reader, path):
    text = reader.get(path).text
    _ = json.loads(text) if path == "/feed.json" else ElementTree.fromstring(text)  # noqa: S314 - our own


def test_atom_has_what_the_standard_asks_for(author, reader):
    author.write("a title", "some *text*", tags="one, two")
    feed = ElementTree.fromstring(reader.get("/feed.atom").text)  # noqa: S314 - our own
    (entry,) = feed.findall(f"{ATOM}entry")
    for element in (feed, entry):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"{ATOM}{name}")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == author.name
    assert entry.findtext(f"{ATOM}content") == "<p>some <em>text</em></p>\n"
    assert [category.get("term") for category in entry.findall(f"{ATOM}category")] == ["one", "two"]
    assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated")).tzinfo is not None
    assert entry.find(f"{ATOM}link").get("href") == "http://localhost/posts/a-title"


def test_id_stays_when_a_post_is_renamed(author, reader, post_id, clock):
    author.write("before")
    (before,) = _entries(reader.get("/feed.atom").text)
    clock.turn(days=1)
    author.post(f"/{post_id('before')}/update", {"title": "after"})
    (after,) = _entries(reader.get("/feed.atom").text)
    assert after.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")
    assert after.findtext(f"{ATOM}published") == before.findtext(f"{ATOM}published")
    assert after.findtext(f"{ATOM}updated") > before.findtext(f"{ATOM}updated")


def test_json_feed_has_what_its_standard_asks_for(author, reader):
    author.write("a title", "some *text*", tags="one")
    feed = reader.get("/feed.json").json
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = feed["items"]
    assert item["url"] == "http://localhost/posts/a-title"
    assert item["content_html"] == "<p>some <em>text</em></p>\n"
    assert item["authors"] == [{"name": author.name}]


def test_long_post_is_in_the_feed_by_its_summary(author, reader):
    author.write("long", "word " * 20_000)
    text = reader.get("/feed.atom").text
    assert len(text) < 4000
    assert "word word" in text


def test_feed_under_a_prefix_has_whole_addresses(author, reader):
    author.write("a title")
    headers = {
        "X-Forwarded-Prefix": "/blog",
        "X-Forwarded-Host": "example.test",
        "X-Forwarded-Proto": "https",
    }
    item = reader.get("/feed.json", headers=headers).json["items"][0]
    assert item["url"] == "https://example.test/blog/posts/a-title"
