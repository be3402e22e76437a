"""The JSON API: the rules of the pages, with tokens."""

import re

import pytest

API = "/api/v1/posts"


class Program:
    """A program with a token, or without."""

    def __init__(self, client, token=None):
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method, path="", headers=None, **options):
        return self.client.open(
            f"{API}{path}", method=method, headers={**self.headers, **(headers or {})}, **options
        )


@pytest.fixture
def program_of(app):
    def make(person):
        page = person.post("/account/tokens", {"name": "my program"}).text
        return Program(app.test_client(), re.search(r"blog_[\w-]{43}", page)[0])

    return make


@pytest.fixture
def program(author, program_of):
    return program_of(author)


@pytest.fixture
def anonymous(app):
    return Program(app.test_client())


@pytest.fixture
def stored(program):
    return program.send("POST", json={"title": "A post", "body": "some *text*", "tags": ["One two"]}).json


def test_new_post_is_given_back_whole(program, author, reader):
    answer = program.send("POST", json={"title": " A post ", "body": "some *text*", "tags": ["One two", "b"]})
    assert answer.status_code == 201
    post = answer.json
    assert answer.headers["Location"] == f"{API}/{post['id']}"
    assert set(post) == {
        *("id", "slug", "title", "body", "html", "tags", "status", "author"),
        *("created_at", "updated_at", "publish_at"),
    }
    assert (post["title"], post["slug"], post["tags"]) == ("A post", "a-post", ["one-two", "b"])
    assert post["html"] == "<p>some <em>text</em></p>\n"
    assert (post["author"], post["status"]) == (author.name, "published")
    assert post["publish_at"].endswith("Z")
    assert "A post" in reader.get("/").text
    assert program.send("GET", f"/{post['id']}").json == post


def test_list_is_in_parts(program, anonymous):
    for number in range(23):
        program.send("POST", json={"title": f"Post {number}", "tags": ["odd"] if number % 2 else []})
    first = anonymous.send("GET").json
    rest = anonymous.send("GET", query_string={"before": first["next"]}).json
    titles = [post["title"] for post in first["items"] + rest["items"]]
    assert titles == [f"Post {number}" for number in reversed(range(23))]
    assert rest["next"] is None
    assert len(anonymous.send("GET", "?tag=odd").json["items"]) == 11
    assert anonymous.send("GET", "?before=x").status_code == 400


def test_put_replaces_and_delete_deletes(program, stored, author):
    path = f"/{stored['id']}"
    answer = program.send("PUT", path, json={"title": "Another"})
    assert (answer.status_code, answer.json["title"], answer.json["body"]) == (200, "Another", "")
    assert answer.json["tags"] == []
    assert answer.json["publish_at"] == stored["publish_at"]
    assert "some *text*" in author.get(f"{path}/revisions/1").text
    assert program.send("DELETE", path).status_code == 204
    assert program.send("GET", path).status_code == 404


def test_edit_of_another_text_is_412(program, stored):
    path = f"/{stored['id']}"
    etag = program.send("GET", path).headers["ETag"]
    assert program.send("GET", path, {"If-None-Match": etag}).status_code == 304
    assert program.send("PUT", path, {"If-Match": etag}, json={"title": "one"}).status_code == 200
    assert program.send("PUT", path, {"If-Match": etag}, json={"title": "two"}).status_code == 412
    assert program.send("DELETE", path, {"If-Match": etag}).status_code == 412
    assert program.send("GET", path).json["title"] == "one"


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"publish_at": "2999-01-01T00:00:00Z"}])
def test_hidden_post_is_its_authors_alone(program, program_of, anonymous, member, fields):
    post = program.send("POST", json={"title": "Hidden", "tags": ["t"], **fields}).json
    path, other = f"/{post['id']}", program_of(member())
    assert program.send("GET", path).json == post
    for who in (anonymous, other):
        assert who.send("GET", path).status_code == 404
        assert who.send("GET").json["items"] == []
        assert who.send("GET", "?tag=t").json["items"] == []
    assert other.send("PUT", path, json={"title": "t"}).status_code == 404
    assert other.send("DELETE", path).status_code == 404


def test_only_the_author_changes_a_post(stored, program_of, anonymous, member):
    path, other = f"/{stored['id']}", program_of(member())
    for method in ("PUT", "DELETE"):
        assert other.send(method, path, json={"title": "t"}).status_code == 403
        assert anonymous.send(method, path, json={"title": "t"}).status_code == 401


def test_cookie_is_no_login_here(author, stored):
    page = author.token("/create")
    for method, path in (("POST", ""), ("PUT", f"/{stored['id']}"), ("DELETE", f"/{stored['id']}")):
        answer = author.client.open(
            f"{API}{path}", method=method, json={"title": "t"}, headers={"X-CSRFToken": page}
        )
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer blog_x", "Bearer", "Basic YTpi", "blog_x", "Bearer \xff", ""])
def test_bad_token_is_401(app, header):
    answer = app.test_client().get(API, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer error=")
    assert answer.content_type == "application/problem+json"


def test_revoked_token_is_401(author, program, rows):
    number = rows("SELECT id FROM access_token")[0]["id"]
    assert "my program" in author.get("/account").text
    assert author.post(f"/account/tokens/{number}/revoke").location == "/account"
    assert program.send("GET").status_code == 401
    assert author.post(f"/account/tokens/{number}/revoke").status_code == 404


def test_token_of_another_cannot_be_revoked(program, member, rows):
    number = rows("SELECT id FROM access_token")[0]["id"]
    assert member().post(f"/account/tokens/{number}/revoke").status_code == 404
    assert program.send("GET").status_code == 200


def test_token_is_shown_once_and_not_stored(author, program, rows):
    token = program.headers["Authorization"].removeprefix("Bearer ")
    assert token not in author.get("/account").text
    assert token not in str(rows("SELECT * FROM access_token"))


def test_tokens_go_with_their_account(author, program):
    author.post("/account/delete", {"password": "correct horse battery"})
    assert program.send("GET").status_code == 401


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\x00b", "a\nb"])
def test_refused_token_name_says_why(author, rows, name):
    answer = author.post("/account/tokens", {"name": name})
    assert answer.status_code == 200
    assert "Name " in answer.text
    assert rows("SELECT * FROM access_token") == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/title"),
        ({"title": ""}, "/title"),
        ({"title": "  "}, "/title"),
        ({"title": "x" * 256}, "/title"),
        ({"title": "a\nb"}, "/title"),
        ({"title": 1}, "/title"),
        ({"title": "t", "body": None}, "/body"),
        ({"title": "t", "body": "\x00"}, "/body"),
        ({"title": "t", "body": "ü" * (1 << 19) + "x"}, "/body"),
        ({"title": "t", "tags": "a"}, "/tags"),
        ({"title": "t", "tags": ["a,b"]}, "/tags"),
        ({"title": "t", "tags": ["<b>"]}, "/tags"),
        ({"title": "t", "tags": [1]}, "/tags/0"),
        ({"title": "t", "status": "deleted"}, "/status"),
        ({"title": "t", "publish_at": 5}, "/publish_at"),
        ({"title": "t", "publish_at": "5"}, "/publish_at"),
        ({"title": "t", "publish_at": "2030-01-01T00:00:00"}, "/publish_at"),
        ({"title": "t", "publish_at": "0001-01-01T00:00:00+14:00"}, "/publish_at"),
        ({"title": "t", "a/b": 1}, "/a~1b"),
        ([], ""),
    ],
)
def test_body_that_breaks_the_schema_is_422(program, rows, body, pointer):
    answer = program.send("POST", json=body)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json["errors"]]
    assert rows("SELECT * FROM post") == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b'{"title": "a", "title": "b"}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"", "application/json", 400),
        (b"title=t", "application/x-www-form-urlencoded", 415),
        (b'{"title": "t"}', None, 415),
        (b"x" * (8 << 20), "application/json", 413),
    ],
)
def test_body_that_cannot_be_read(program, body, kind, status):
    answer = program.send("POST", data=body, content_type=kind)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_other_method_is_405(anonymous):
    assert anonymous.send("PATCH").status_code == 405
    assert "GET" in anonymous.send("PATCH").headers["Allow"]
