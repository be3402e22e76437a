"""The front page that did not change: answered at the edge, as the application would."""

import pytest
from flask import template_rendered

from blog_service.kept_pages import KeptPages

OWN = {"X-Request-ID", "X-Trace-ID"}


@pytest.fixture
def etag(author, reader):
    author.write("a post")
    return reader.get("/").headers["ETag"]


@pytest.fixture
def rendered(app):
    """The names of the templates that were rendered meanwhile."""
    names = []

    def note(_app, template, **_):
        names.append(template.name)

    with template_rendered.connected_to(note, app):
        yield names


def _headers(answer):
    return {name: value for name, value in answer.headers.items() if name not in OWN}


@pytest.mark.parametrize("unchanged", [True, False])
def test_edge_answers_as_the_application_does(app, reader, etag, rendered, monkeypatch, unchanged):
    headers = {"If-None-Match": etag if unchanged else '"other"'}
    quick = reader.get("/", headers=headers)
    app.edge.known.clear()
    monkeypatch.setattr(KeptPages, "get", lambda *_: None)
    slow = reader.get("/", headers=headers)
    assert (quick.status_code, quick.data) == (slow.status_code, slow.data)
    assert _headers(quick) == _headers(slow)
    assert quick.headers["X-Request-ID"]
    assert (quick.status_code, rendered) == ((304, []) if unchanged else (200, ["index.html"]))


@pytest.mark.parametrize("status", ["200", "304"])
def test_it_is_counted_as_the_front_page(app, reader, etag, status):
    def count():
        labels = {"method": "GET", "route": "/", "status": status}
        name = "http_server_request_duration_seconds_count"
        return app.chassis.registry.get_sample_value(name, labels) or 0

    before = count()
    reader.get("/", headers={"If-None-Match": etag} if status == "304" else {})
    assert count() == before + 1


def test_page_is_rendered_once_for_all_readers(app, author, reader, rendered):
    author.write("a post")
    path = "/posts/a-post"
    rendered.clear()
    pages = [client.get(path).text for client in (reader, app.test_client(), reader)]
    assert rendered == ["post.html"]
    assert len(set(pages)) == 1
    assert "Log out" not in pages[0]


def test_members_get_pages_of_their_own(author, reader, etag, rendered):
    assert "Log out" not in reader.get("/").text
    for _ in range(2):
        assert "Log out" in author.get("/").text
    assert "Log out" not in reader.get("/").text
    assert rendered == ["index.html"] * 2


def test_head_is_answered_without_the_page(reader, etag):
    page, head = reader.get("/"), reader.client.head("/")
    assert (head.status_code, head.data) == (200, b"")
    assert _headers(head) == _headers(page)


def test_pages_that_were_asked_for_the_longest_ago_make_room():
    pages = KeptPages(size=1000)
    for number in range(20):
        pages.keep(f"{number}", b"x" * 100)
        pages.get("0")
    assert [number for number in range(20) if pages.get(f"{number}")] == [0, *range(11, 20)]


def test_large_page_takes_no_room_from_others():
    pages = KeptPages(size=1000)
    pages.keep("small", b"x" * 100)
    pages.keep("large", b"x" * 900)
    assert (pages.get("small"), pages.get("large")) == (b"x" * 100, None)


@pytest.mark.parametrize("change", ["write", "update", "hide", "delete"])
def test_change_is_seen_at_once(author, reader, etag, post_id, change):
    path = f"/{post_id('a post')}"
    {
        "write": lambda: author.write("another"),
        "update": lambda: author.post(f"{path}/update", {"title": "a post", "body": "new"}),
        "hide": lambda: author.post(f"{path}/update", {"title": "a post", "status": "draft"}),
        "delete": lambda: author.post(f"{path}/delete"),
    }[change]()
    assert reader.get("/", headers={"If-None-Match": etag}).status_code == 200
    assert reader.get("/").headers["ETag"] != etag


def test_post_whose_time_has_come_is_seen(author, reader, clock):
    author.write("later", publish_at=f"{clock.time.replace(year=clock.time.year + 1):%Y-%m-%dT%H:%M}")
    etag = reader.get("/").headers["ETag"]
    assert reader.get("/", headers={"If-None-Match": etag}).status_code == 304
    clock.turn(days=400)
    assert "later" in reader.get("/", headers={"If-None-Match": etag}).text


@pytest.mark.parametrize("path", ["/", "/?before=2999-01-01T00:00:00.000000Z_1"])
def test_member_and_other_parts_are_not_taken_for_it(author, reader, etag, path):
    assert author.get(path, headers={"If-None-Match": etag}).status_code == 200
    if path != "/":
        assert reader.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_other_host_has_a_page_of_its_own(reader, etag):
    headers = {"If-None-Match": etag, "Host": "other.test"}
    assert reader.get("/", headers=headers).status_code == 200
    assert "http://other.test/" in reader.get("/", headers=headers).text
    assert "other.test" not in reader.get("/").text


def test_database_that_is_away_is_503(app, reader, etag, tmp_path, database):
    if database.get_backend_name() != "sqlite":
        pytest.skip("a server cannot be taken away from other tests")
    app.extensions["blog_engine"].dispose()
    for file in tmp_path.glob("blog.sqlite*"):
        file.unlink()
    (tmp_path / "blog.sqlite").mkdir()
    for extra in ({"If-None-Match": etag}, {}):
        answer = reader.get("/", headers={"Accept": "application/json", **extra})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.content_type == "application/problem+json"
