"""Drafts and scheduled posts: hidden on every route until their time."""

import re

import pytest

SECRET = "zebrastripe"
HIDDEN = [
    {"status": "draft"},
    {"publish_at": "2999-01-01T00:00"},
    {"status": "draft", "publish_at": "2020-01-01T00:00"},
]


def _paths(app, values):
    """Every address of the blog that can be read, with the hidden post's own values filled in."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint != "static"]
    return [re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda m: str(values[m[1]]), rule.rule) for rule in rules]


@pytest.mark.parametrize("fields", HIDDEN)
def test_hidden_post_is_nowhere(app, author, member, reader, post_id, clock, fields):
    author.write("Grey Okapi", "striped words", tags="savanna", **fields)
    author.write("public", "text")
    number = post_id("Grey Okapi")
    author.post(
        f"/{number}/update",
        {"title": "Grey Okapi", "body": "more striped words", "tags": "savanna", **fields},
    )
    author.post("/posts/grey-okapi/comments", {"body": "a striped comment"})
    values = {
        "post_id": post_id("Grey Okapi"),
        "slug": "grey-okapi",
        "tag": "savanna",
        "username": author.name,
        "year": clock.time.year,
        "month": clock.time.month,
        "version": 1,
        "image_id": "0" * 32 + "-1x1",
        "extension": "png",
    }
    paths, other = _paths(app, values), member()
    paths += [
        "/search?q=okapi",
        "/search?q=striped",
        "/search?q=savanna",
        "/archive/2020/1",
        "/archive/2999/1",
    ]
    assert len(paths) > 20
    for path in paths:
        for who in (reader, other):
            answer = who.get(path)
            text = answer.text.replace("“striped”", "").replace(">striped<", "").replace('"striped"', "")
            assert "Okapi" not in text, path
            assert "striped" not in text, path
            assert "okapi" not in (answer.location or "").removeprefix(
                "/auth/login?next=/posts/grey-okapi"
            ), path


_VARYING = re.compile(
    r'name="csrf_token" value="[^"]+"|"?request_id"?:? ?"?[\w-]{36}"?|<code>[\w-]{36}</code>'
)


def _answers(app, person, values):
    """What every address says, with its entity tag, but for what no two answers share."""
    paths = [*_paths(app, values), "/search?q=okapi", "/search?q=common", "/api/v1/posts?tag=savanna"]
    answers = {path: person.get(path) for path in paths if path not in ("/metrics", "/readyz")}
    return {
        path: (answer.status_code, answer.headers.get("ETag"), answer.location, _VARYING.sub("", answer.text))
        for path, answer in answers.items()
    }


@pytest.mark.parametrize("fields", [*HIDDEN, {"until": "taken back"}, {"until": "deleted"}])
def test_hidden_post_changes_no_answer(app, author, reader, post_id, clock, rows, fields):
    author.write("Common zebra", "common words", tags="savanna")
    values = {"post_id": 10**6, "slug": "grey-okapi", "tag": "savanna", "username": author.name}
    values |= {"year": clock.time.year, "month": clock.time.month, "version": 1}
    values |= {"image_id": "0" * 32 + "-1x1", "extension": "png"}
    before = _answers(app, reader, values)
    assert len(before) > 20
    author.write("Grey Okapi", "common words", tags="savanna", **fields)
    number = post_id("Grey Okapi")
    if end := fields.get("until"):
        edit = {"title": "Grey Okapi", "body": "common", "tags": "savanna"}
        author.post(f"/{number}/update", edit)
        author.post("/posts/grey-okapi/comments", {"body": "common words"})
        meanwhile = _answers(app, reader, values)
        assert sum("Grey Okapi" in answer[3] for answer in meanwhile.values()) > 10
        if end == "deleted":
            author.post(f"/{number}/delete")
            assert rows("SELECT * FROM post_tag WHERE post_id = :id", id=number) == []
        else:
            author.post(f"/{number}/update", {**edit, "status": "draft"})
    after = _answers(app, reader, values)
    assert after == before
    assert reader.get(f"/{number}").status_code == 404


@pytest.mark.parametrize("path", ["/posts/zebrastripe", "/{}"])
def test_hidden_post_is_404_for_others(author, member, reader, post_id, path):
    author.write(SECRET, status="draft")
    path = path.format(post_id(SECRET))
    assert reader.get(path).status_code == 404
    assert member().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/{}/update", "/{}/delete"])
def test_hidden_post_looks_unknown_to_who_would_change_it(author, member, post_id, path):
    author.write(SECRET, status="draft")
    assert member().post(path.format(post_id(SECRET)), {"title": "t"}).status_code == 404


def test_author_reads_and_finds_the_own_draft(author):
    author.write(SECRET, status="draft")
    page = author.get(f"/posts/{SECRET}")
    assert "Draft: only you can see this." in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert SECRET in author.get("/account").text
    assert SECRET not in author.get("/").text


def test_scheduled_post_appears_at_its_time(author, reader, clock):
    author.write(
        SECRET, tags="later", publish_at=f"{clock.time.replace(microsecond=0):%Y-%m-%dT%H:%M:%S}+00:00"
    )
    assert SECRET in reader.get("/").text
    author.write(
        "tomorrow",
        tags="later",
        publish_at=f"{clock.time.replace(day=1, year=clock.time.year + 1):%Y-%m-%dT%H:%M}",
    )
    assert "tomorrow" not in reader.get("/").text
    clock.turn(days=400)
    for path in ("/", "/tags/later", f"/authors/{author.name}", "/feed.atom", "/feed.rss", "/feed.json"):
        assert "tomorrow" in reader.get(path).text, path
    assert reader.get("/posts/tomorrow").status_code == 200


def test_page_in_a_cache_is_stale_when_a_post_goes_live(author, reader, clock):
    author.write("tomorrow", publish_at=f"{clock.time.replace(year=clock.time.year + 1):%Y-%m-%dT%H:%M}")
    etag = reader.get("/").headers["ETag"]
    assert reader.get("/", headers={"If-None-Match": etag}).status_code == 304
    clock.turn(days=400)
    assert reader.get("/", headers={"If-None-Match": etag}).status_code == 200


def test_published_draft_gets_the_time_of_its_publication(author, post_id, rows, clock):
    author.write(SECRET, status="draft")
    assert rows("SELECT publish_at FROM post")[0]["publish_at"] is None
    clock.turn(days=3)
    author.post(f"/{post_id(SECRET)}/update", {"title": SECRET, "status": "published"})
    assert str(rows("SELECT publish_at FROM post")[0]["publish_at"])[:16] == f"{clock.time:%Y-%m-%d %H:%M}"


def test_edit_keeps_the_place_in_the_list(author, reader, post_id, clock):
    author.write("older")
    author.write("newer")
    clock.turn(days=1)
    author.post(f"/{post_id('older')}/update", {"title": "older", "body": "edited"})
    page = reader.get("/").text
    assert page.index("newer") < page.index("older")


def test_post_can_be_taken_back(author, reader, post_id):
    author.write(SECRET, tags="one")
    author.post(f"/{post_id(SECRET)}/update", {"title": SECRET, "tags": "one", "status": "draft"})
    for path in ("/", "/tags/one", f"/authors/{author.name}", "/feed.atom"):
        assert SECRET not in reader.get(path).text


@pytest.mark.parametrize(
    "moment",
    ["tomorrow", "2026-13-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "\x00", "1" * 400],
)
def test_refused_moment_says_why(author, rows, moment):
    answer = author.write("t", publish_at=moment)
    assert answer.status_code == 200
    assert "Publish at must be a date and a time" in answer.text
    assert rows("SELECT * FROM post") == []


@pytest.mark.parametrize("status", ["deleted", "PUBLISHED", "", "\x00"])
def test_unknown_status_is_refused(author, rows, status):
    answer = author.write("t", status=status)
    assert answer.status_code == 200
    assert rows("SELECT * FROM post") == []
