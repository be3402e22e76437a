"""Revisions: an edit loses nothing."""

import pytest


@pytest.fixture
def number(author, post_id):
    author.write("First", "first text", tags="one")
    number = post_id("First")
    author.post(f"/{number}/update", {"title": "Second", "body": "second text", "tags": "two"})
    author.post(f"/{number}/update", {"title": "Third", "body": "third text"})
    return number


def test_each_edit_keeps_what_it_replaced(author, number):
    page = author.get(f"/{number}/revisions").text
    assert page.index("version 2") < page.index("version 1")
    assert "version 3" not in page
    for version, word in ((1, "first text"), (2, "second text")):
        assert word in author.get(f"/{number}/revisions/{version}").text
    assert "Earlier texts" in author.get("/posts/third").text


def test_earlier_text_comes_back_as_an_edit(author, reader, number, rows):
    answer = author.post(f"/{number}/revisions/1/restore")
    assert answer.location == "/posts/first"
    page = reader.get("/posts/first").text
    assert "first text" in page
    assert 'rel="tag">one<' in page
    assert rows("SELECT version FROM post")[0]["version"] == 4
    assert "third text" in author.get(f"/{number}/revisions/3").text


def test_refused_edit_keeps_no_revision(author, number, rows):
    before = rows("SELECT * FROM post_revision")
    fields = {"title": "Late", "body": "late", "version": "1"}
    assert author.post(f"/{number}/update", fields).status_code == 409
    assert rows("SELECT * FROM post_revision") == before


@pytest.mark.parametrize("path", ["/revisions", "/revisions/1", "/revisions/1/restore"])
def test_revisions_are_for_the_author_alone(author, reader, member, number, path):
    send = reader.post if path.endswith("restore") else reader.get
    assert send(f"/{number}{path}").location.startswith("/auth/login")
    other = member()
    send = other.post if path.endswith("restore") else other.get
    assert send(f"/{number}{path}").status_code == 403
    author.post(f"/{number}/update", {"title": "Third", "status": "draft"})
    assert send(f"/{number}{path}").status_code == 404


@pytest.mark.parametrize("version", ["0", "3", "99999999999", "x"])
def test_version_that_never_was_is_404(author, number, version):
    assert author.get(f"/{number}/revisions/{version}").status_code == 404
    assert author.post(f"/{number}/revisions/{version}/restore").status_code == 404


def test_revisions_go_with_their_post(author, number, rows):
    author.post(f"/{number}/delete")
    assert rows("SELECT * FROM post_revision") == []
