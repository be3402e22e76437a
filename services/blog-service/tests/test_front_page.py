"""The front page of readers who have it: answered at the edge, as the application would."""

import pytest

OWN = {"X-Request-ID", "X-Trace-ID", "Content-Type"}


@pytest.fixture
def etag(author, reader):
    author.write("a post")
    return reader.get("/").headers["ETag"]


def _headers(answer):
    return {name: value for name, value in answer.headers.items() if name not in OWN}


def test_edge_answers_as_the_application_does(app, reader, etag):
    quick = reader.get("/", headers={"If-None-Match": etag})
    app.edge.known.clear()
    slow = reader.get("/", headers={"If-None-Match": etag})
    assert (quick.status_code, quick.data) == (slow.status_code, slow.data) == (304, b"")
    assert _headers(quick) == _headers(slow)
    assert quick.headers["X-Request-ID"]


def test_it_is_counted_as_the_front_page(app, reader, etag):
    reader.get("/", headers={"If-None-Match": etag})
    labels = {"method": "GET", "route": "/", "status": "304"}
    counted = app.chassis.registry.get_sample_value("http_server_request_duration_seconds_count", labels)
    assert counted == 1


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


def test_database_that_is_away_is_503(app, reader, etag, tmp_path, database):
    if database.get_backend_name() != "sqlite":
        pytest.skip("a server cannot be taken away from other tests")
    app.extensions["blog_engine"].dispose()
    for file in tmp_path.glob("blog.sqlite*"):
        file.unlink()
    (tmp_path / "blog.sqlite").mkdir()
    answer = reader.get("/", headers={"If-None-Match": etag, "Accept": "application/json"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.content_type == "application/problem+json"
