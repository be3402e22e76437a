"""Feeds keep to their formats, whatever the posts hold: Atom (RFC 4287), RSS 2.0, JSON Feed 1.1."""

import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

ATOM, DC = "{http://www.w3.org/2005/Atom}", "{http://purl.org/dc/elements/1.1/}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
NAMES = {
    "feed": {"id": 1, "title": 1, "updated": 1, "link": 9, "author": 9, "subtitle": 1, "entry": 99},
    "entry": {
        **{"id": 1, "title": 1, "updated": 1, "published": 1, "summary": 1, "content": 1},
        **{"link": 9, "author": 9, "category": 99},
    },
}
ITEM_KEYS = {
    *("id", "url", "title", "content_html", "content_text", "date_published", "date_modified"),
    *("authors", "tags"),
}
TEXTS = [
    ("plain", "some *text*"),
    ("a & b < c ]]> \" '", "<b>&amp;</b> `x < y` ]]> &#0; &nbsp;"),
    ("e\u0301moji 🦉 \u202e right to left \ufffe", "\u2028\u2029 \ufdd0"),
    ("empty", ""),
    ("long", "word " * 20_000),
    ("code", "```python\nx = '<&>'\n```\n\n| a |\n|---|\n| 1 |\n\n![i](/images/x.png)"),
]


@pytest.fixture
def library(author, post_id, clock):
    for title, body in TEXTS:
        author.write(title, body, tags="one, c++, a.b")
    clock.turn(days=2)
    author.post(f"/{post_id('plain')}/update", {"title": "plain again", "body": "new"})
    author.write("hidden", "text", status="draft")
    return author


def _is_address(text):
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _check_names(element, allowed):
    names = [child.tag.removeprefix(ATOM) for child in element]
    assert set(names) <= set(allowed)
    for name, most in allowed.items():
        assert names.count(name) <= most, name
    for name in ("id", "title", "updated"):
        assert element.findtext(f"{ATOM}{name}"), name
    assert _is_address(element.findtext(f"{ATOM}id"))
    for name in ("updated", "published"):
        moment = element.findtext(f"{ATOM}{name}")
        assert moment is None or RFC3339.fullmatch(moment)
    links = [
        (link.get("rel"), link.get("type"), link.get("hreflang")) for link in element.findall(f"{ATOM}link")
    ]
    assert len(set(links)) == len(links)
    assert all(_is_address(link.get("href")) for link in element.findall(f"{ATOM}link"))


@pytest.mark.parametrize("posts", ["none", "many"])
def test_atom_keeps_to_rfc_4287(reader, request, posts):
    if posts == "many":
        request.getfixturevalue("library")
    feed = ElementTree.fromstring(reader.get("/feed.atom").text)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    _check_names(feed, NAMES["feed"])
    assert [link.get("href") for link in feed.findall(f"{ATOM}link[@rel='self']")] == [
        "http://localhost/feed.atom"
    ]
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == (len(TEXTS) if posts == "many" else 0)
    for entry in entries:
        _check_names(entry, NAMES["entry"])
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
        assert entry.find(f"{ATOM}link[@rel='alternate']") is not None
        assert all(category.get("term") for category in entry.findall(f"{ATOM}category"))
        content = entry.find(f"{ATOM}content")
        assert content is None or (content.get("type") == "html" and len(content) == 0)
        assert entry.findtext(f"{ATOM}published") <= entry.findtext(f"{ATOM}updated")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    updates = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert not updates or feed.findtext(f"{ATOM}updated") == max(updates)


@pytest.mark.parametrize("posts", ["none", "many"])
def test_rss_keeps_to_2_0(reader, request, posts):
    if posts == "many":
        request.getfixturevalue("library")
    rss = ElementTree.fromstring(reader.get("/feed.rss").text)  # noqa: S314 - our own
    assert (rss.tag, rss.get("version"), [child.tag for child in rss]) == ("rss", "2.0", ["channel"])
    channel = rss[0]
    known = {"title", "link", "description", "language", "lastBuildDate", f"{ATOM}link", "item"}
    assert {child.tag for child in channel} <= known
    for name in ("title", "link", "description"):
        assert len(channel.findall(name)) == 1
    assert RFC822.fullmatch(channel.findtext("lastBuildDate"))
    assert channel.find(f"{ATOM}link").get("rel") == "self"
    items = channel.findall("item")
    assert len(items) == (len(TEXTS) if posts == "many" else 0)
    for item in items:
        known = {"title", "link", "guid", "pubDate", "category", "description", f"{DC}creator"}
        assert {child.tag for child in item} <= known
        assert item.findtext("title") or item.findtext("description")
        assert all(_is_address(item.findtext(name)) for name in ("link", "guid"))
        assert RFC822.fullmatch(item.findtext("pubDate"))
        assert parsedate_to_datetime(item.findtext("pubDate")).utcoffset() is not None
    guids = [item.findtext("guid") for item in items]
    assert len(set(guids)) == len(guids)


@pytest.mark.parametrize("posts", ["none", "many"])
def test_json_feed_keeps_to_1_1(reader, request, posts):
    if posts == "many":
        request.getfixturevalue("library")
    feed = reader.get("/feed.json").json
    assert set(feed) <= {"version", "title", "home_page_url", "feed_url", "language", "items"}
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    assert all(_is_address(feed[name]) for name in ("home_page_url", "feed_url"))
    assert len(feed["items"]) == (len(TEXTS) if posts == "many" else 0)
    for item in feed["items"]:
        assert set(item) <= ITEM_KEYS
        assert isinstance(item["id"], str)
        assert _is_address(item["url"])
        assert ("content_html" in item) or ("content_text" in item)
        assert all(RFC3339.fullmatch(item[name]) for name in ("date_published", "date_modified"))
        assert all(set(person) == {"name"} for person in item["authors"])
        assert all(isinstance(tag, str) for tag in item["tags"])
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])


def _ids(reader):
    atom = ElementTree.fromstring(reader.get("/feed.atom").text)  # noqa: S314 - our own
    rss = ElementTree.fromstring(reader.get("/feed.rss").text)  # noqa: S314 - our own
    return (
        [entry.findtext(f"{ATOM}id") for entry in atom.findall(f"{ATOM}entry")],
        [item.findtext("guid") for item in rss.iter("item")],
        [item["id"] for item in reader.get("/feed.json").json["items"]],
    )


def test_ids_outlive_edits_renames_and_a_time_as_a_draft(author, reader, post_id, clock):
    author.write("before", "text")
    number, first = post_id("before"), _ids(reader)
    assert all(ids == first[0] and len(ids) == 1 for ids in first)
    for fields in (
        {"title": "before", "body": "edited", "tags": "new"},
        {"title": "after"},
        {"title": "after", "status": "draft"},
        {"title": "before", "status": "published", "publish_at": "2020-01-01T00:00"},
    ):
        clock.turn(hours=1)
        author.post(f"/{number}/update", fields)
        assert _ids(reader) == (first if fields.get("status") != "draft" else ([], [], []))
