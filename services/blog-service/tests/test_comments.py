"""Comments: who says what, and who lets it stand."""

import pytest

from blog_service.app import create_app

TEXT = "I read this twice."


@pytest.fixture
def commenter(author, member):
    author.write("A post")
    person = member()
    assert person.post("/posts/a-post/comments", {"body": TEXT}).location == "/posts/a-post#comments"
    return person


@pytest.fixture
def comment_id(rows):
    return lambda: rows("SELECT id FROM comment ORDER BY id DESC")[0]["id"]


def test_comment_waits_for_the_author_of_the_post(commenter, author, reader, member, comment_id):
    for person, sees in ((author, True), (commenter, True), (reader, False), (member(), False)):
        assert (TEXT in person.get("/posts/a-post").text) is sees
    etag = reader.get("/posts/a-post").headers["ETag"]
    assert author.post(f"/comments/{comment_id()}/approve").status_code == 302
    page = reader.get("/posts/a-post", headers={"If-None-Match": etag})
    assert page.status_code == 200
    assert TEXT in page.text
    assert commenter.name in page.text


def test_author_of_the_post_needs_no_approval(commenter, author, reader):
    author.post("/posts/a-post/comments", {"body": "my own"})
    assert "my own" in reader.get("/posts/a-post").text


def test_only_the_author_of_the_post_approves(commenter, author, member, comment_id, rows):
    assert commenter.post(f"/comments/{comment_id()}/approve").status_code == 403
    assert member().post(f"/comments/{comment_id()}/approve").status_code == 404
    assert rows("SELECT status FROM comment")[0]["status"] == "waiting"
    author.post(f"/comments/{comment_id()}/approve")
    assert member().post(f"/comments/{comment_id()}/approve").status_code == 403


def test_writer_and_author_of_the_post_delete(commenter, author, member, comment_id, rows):
    author.post(f"/comments/{comment_id()}/approve")
    assert member().post(f"/comments/{comment_id()}/delete").status_code == 403
    assert commenter.post(f"/comments/{comment_id()}/delete").location.startswith("/")
    assert rows("SELECT * FROM comment") == []
    commenter.post("/posts/a-post/comments", {"body": TEXT})
    author.post(f"/comments/{comment_id()}/delete")
    assert rows("SELECT * FROM comment") == []
    assert author.post("/comments/1/delete").status_code == 404


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 5001, "\x00", "a\x1b[31m"])
def test_refused_comment_is_shown_again(commenter, rows, body):
    before = rows("SELECT * FROM comment")
    answer = commenter.post("/posts/a-post/comments", {"body": body})
    assert answer.status_code == 200
    assert "Comment " in answer.text
    assert rows("SELECT * FROM comment") == before


def test_comment_needs_a_login_a_token_and_a_post(reader, author, member):
    author.write("A post")
    author.write("Hidden", status="draft")
    assert reader.post("/posts/a-post/comments", {"body": TEXT}).location == "/auth/login"
    assert author.client.post("/posts/a-post/comments", data={"body": TEXT}).status_code == 400
    assert member().post("/posts/hidden/comments", {"body": TEXT}).status_code == 404
    assert member().post("/posts/nope/comments", {"body": TEXT}).status_code == 404


def test_comments_go_with_their_post_and_their_writer(commenter, author, post_id, rows):
    commenter.post("/account/delete", {"password": "correct horse battery"})
    assert rows("SELECT * FROM comment") == []
    author.post("/posts/a-post/comments", {"body": TEXT})
    author.post(f"/{post_id('A post')}/delete")
    assert rows("SELECT * FROM comment") == []


def test_comments_are_off_unless_switched_on(settings, author, member, clock):
    author.write("A post")
    author.post("/posts/a-post/comments", {"body": TEXT})
    app = create_app(settings.model_copy(update={"blog_comments": "off"}), now=clock)
    person = type(author)(app.test_client())
    person.log_in(author.name)
    assert "omment" not in person.get("/posts/a-post").text
    assert person.post("/posts/a-post/comments", {"body": TEXT}).status_code == 404
    assert person.post("/comments/1/delete").status_code == 404
    app.extensions["blog_engine"].dispose()
    app.chassis.close()
