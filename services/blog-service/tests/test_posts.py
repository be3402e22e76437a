"""Posts: written, shown, changed and deleted, by those who may."""

import pytest


def test_front_page_has_the_newest_post_first(author, reader):
    for title in ("first", "second", "third"):
        author.write(title, f"body of {title}")
    page = reader.get("/").text
    assert page.index("third") < page.index("second") < page.index("first")
    assert "body of second" in page
    assert f'by <a href="/authors/{author.name}">{author.name}</a>' in page


def test_writing_leads_to_the_front_page(author):
    answer = author.write("a title", "a body")
    assert (answer.status_code, answer.location) == (302, "/")


def test_post_has_its_page(author, reader):
    author.write("A Title!", "some *text*\nsecond line")
    page = reader.get("/posts/a-title")
    assert page.status_code == 200
    assert "<h1>A Title!</h1>" in page.text
    assert "<em>text</em>" in page.text


def test_number_of_a_post_leads_to_its_page(author, reader, post_id):
    author.write("A Title")
    answer = reader.get(f"/{post_id('A Title')}")
    assert (answer.status_code, answer.location) == (302, "/posts/a-title")


@pytest.mark.parametrize("path", ["/create", "/1/update", "/account"])
def test_page_for_members_asks_for_a_login(reader, path):
    answer = reader.get(path)
    assert answer.status_code == 302
    assert answer.location == f"/auth/login?next={path}"


@pytest.mark.parametrize(
    "path", ["/create", "/1/update", "/1/delete", "/account/password", "/account/delete"]
)
def test_post_is_checked_for_the_login_first(reader, author, path):
    author.write("theirs")
    answer = reader.client.post(path, data={"title": "t"})
    assert answer.status_code == 302
    assert answer.location.startswith("/auth/login")


@pytest.mark.parametrize("path", ["/{}/update", "/{}/delete"])
def test_token_is_checked_before_existence_and_author(author, member, post_id, path):
    author.write("theirs")
    other = member()
    for number in (post_id("theirs"), 999_999):
        assert other.client.post(path.format(number), data={"title": "t"}).status_code == 400


@pytest.mark.parametrize("path", ["/999999/update", "/999999/delete"])
def test_unknown_post_is_404(author, path):
    assert author.post(path, {"title": "t"}).status_code == 404


def test_unknown_post_has_no_form(author):
    assert author.get("/999999/update").status_code == 404


def test_other_user_may_not_change_a_post(author, member, post_id, rows):
    author.write("theirs", "untouched")
    number, other = post_id("theirs"), member()
    assert other.get(f"/{number}/update").status_code == 403
    assert other.post(f"/{number}/update", {"title": "mine now"}).status_code == 403
    assert other.post(f"/{number}/delete").status_code == 403
    assert [row["body"] for row in rows("SELECT * FROM post")] == ["untouched"]
    assert f"/{number}/update" not in other.get("/").text


def test_delete_is_not_for_get(author, post_id):
    author.write("kept")
    answer = author.get(f"/{post_id('kept')}/delete")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_edit_link_is_the_authors(author, reader, post_id):
    author.write("mine")
    path = f"/{post_id('mine')}/update"
    assert path in author.get("/").text
    assert path not in reader.get("/").text


def test_author_changes_a_post(author, reader, post_id):
    author.write("before", "old text", tags="one, two")
    path = f"/{post_id('before')}/update"
    form = author.get(path).text
    assert "old text</textarea>" in form
    assert 'value="one, two"' in form
    answer = author.post(path, {"title": "before", "body": "new text", "tags": "two"}, page=path)
    assert (answer.status_code, answer.location) == (302, "/")
    page = reader.get("/posts/before").text
    assert "new text" in page
    assert "/tags/one" not in page


def test_author_deletes_a_post(author, reader, post_id, rows):
    author.write("gone", tags="one")
    answer = author.post(f"/{post_id('gone')}/delete")
    assert (answer.status_code, answer.location) == (302, "/")
    assert reader.get("/posts/gone").status_code == 404
    assert "gone" not in reader.get("/").text
    assert rows("SELECT * FROM post_slug") == rows("SELECT * FROM post_tag") == []


TITLES = [
    ("", "Title is required."),
    ("   ", "Title is required."),
    ("x" * 256, "Title must have at most 255 characters."),
    ("a\nb", "Title must not contain control characters."),
    ("a\x00b", "Title must not contain control characters."),
]


@pytest.mark.parametrize(("title", "message"), TITLES)
def test_refused_title_says_why_and_keeps_the_body(author, rows, title, message):
    answer = author.write(title, "what I wrote")
    assert answer.status_code == 200
    assert message in answer.text
    assert "what I wrote</textarea>" in answer.text
    assert rows("SELECT * FROM post") == []


@pytest.mark.parametrize(("title", "message"), TITLES)
def test_refused_edit_changes_nothing(author, post_id, rows, title, message):
    author.write("before", "old text")
    answer = author.post(f"/{post_id('before')}/update", {"title": title, "body": "new text"})
    assert answer.status_code == 200
    assert message in answer.text
    assert "new text</textarea>" in answer.text
    assert [row["body"] for row in rows("SELECT * FROM post")] == ["old text"]


def test_post_without_any_field_needs_a_title(author):
    assert "Title is required." in author.post("/create").text


@pytest.mark.parametrize(
    "title", ["x" * 255, "é" * 255, "🎌" * 255, "日本", "-", "..", "a/b", "<b>", "%2F", "?", "#"]
)
def test_any_title_has_a_page(author, reader, tags_of, title):
    assert author.write(title).status_code == 302
    links = [attrs["href"] for tag, attrs in tags_of(reader.get("/").text) if tag == "a"]
    (page,) = [link for link in links if link.startswith("/posts/")]
    assert reader.get(page).status_code == 200


def test_same_titles_have_pages_of_their_own(author, rows):
    for _ in range(3):
        assert author.write("same").status_code == 302
    slugs = [row["slug"] for row in rows("SELECT slug FROM post")]
    assert len(set(slugs)) == 3
    assert all(slug.startswith("same") for slug in slugs)


def test_old_slug_leads_on_after_a_rename(author, reader, post_id):
    author.write("first name")
    path = f"/{post_id('first name')}/update"
    author.post(path, {"title": "second name"})
    author.post(path, {"title": "third name"})
    for old in ("first-name", "second-name"):
        answer = reader.get(f"/posts/{old}")
        assert (answer.status_code, answer.location) == (301, "/posts/third-name")


def test_renaming_back_takes_the_old_slug_again(author, reader, post_id):
    author.write("first name")
    path = f"/{post_id('first name')}/update"
    author.post(path, {"title": "second name"})
    author.post(path, {"title": "first name"})
    assert reader.get("/posts/first-name").status_code == 200
    assert reader.get("/posts/second-name").location == "/posts/first-name"


def test_slug_of_another_post_is_never_taken_over(author, reader, post_id):
    author.write("mine")
    author.post(f"/{post_id('mine')}/update", {"title": "moved"})
    author.write("mine", "the newer one")
    assert reader.get("/posts/mine").location == "/posts/moved"


def test_post_of_one_mebibyte_is_stored_whole(author, rows):
    body = ("é" * 31 + "\n") * 16384 + "ab" * 8192
    assert len(body.encode()) == 1 << 20
    assert author.write("large", body).status_code == 302
    assert rows("SELECT body FROM post")[0]["body"] == body


def test_larger_post_is_refused_and_kept_on_the_form(author, rows):
    answer = author.write("larger", "x" * ((1 << 20) + 1))
    assert answer.status_code == 200
    assert "Body must have at most 1 MiB." in answer.text
    assert rows("SELECT * FROM post") == []


def test_much_larger_body_is_413(author):
    assert author.client.post("/create", data={"body": "x" * (8 << 20)}).status_code == 413


def test_line_ends_are_stored_one_way(author, rows):
    author.write("lines", "a\r\nb\rc\n")
    assert rows("SELECT body FROM post")[0]["body"] == "a\nb\nc\n"


def test_leading_line_end_of_a_body_survives_the_form(author, post_id):
    author.write("indented", "\n\n    code")
    page = author.get(f"/{post_id('indented')}/update").text
    assert "\n\n\n    code</textarea>" in page


def test_edit_of_an_old_version_is_a_conflict_that_loses_nothing(author, post_id, rows):
    author.write("shared", "original")
    path = f"/{post_id('shared')}/update"
    stored = {"body": "first edit", "tags": "moth, owl", "publish_at": "2020-01-02T03:04"}
    author.post(path, {"title": "shared", "status": "published", "version": "1", **stored})
    answer = author.post(path, {"title": "shared", "body": "second edit", "version": "1"})
    assert answer.status_code == 409
    assert "first edit" in answer.text
    assert "Public from 2 January 2020, 03:04 UTC · tagged moth, owl" in answer.text
    assert "second edit</textarea>" in answer.text
    assert rows("SELECT body FROM post")[0]["body"] == "first edit"
    assert 'name="version" value="2"' in answer.text
    assert author.post(path, {"title": "shared", "body": "second edit", "version": "2"}).status_code == 302


@pytest.mark.parametrize("version", ["", "x", "-1", "1e9", "9" * 40, "²", "0"])
def test_hostile_version_is_no_error(author, post_id, version):
    author.write("shared")
    answer = author.post(f"/{post_id('shared')}/update", {"title": "shared", "version": version})
    assert answer.status_code in (302, 409)


def test_list_goes_on_without_gaps_or_repeats(author, reader, tags_of):
    for number in range(45):
        author.write(f"post {number}")
    seen, path, pages = [], "/", 0
    while path:
        tags = tags_of(reader.get(path).text)
        seen += [a["href"] for tag, a in tags if tag == "a" and a["href"].startswith("/posts/")]
        path = next((f"/{a['href']}" for tag, a in tags if a.get("rel") == "next"), None)
        pages += 1
    assert seen == [f"/posts/post-{number}" for number in reversed(range(45))]
    assert pages == 3


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "_",
        "2026-01-01T00:00:00Z_x",
        "2026-01-01T00:00:00_1",
        "0001-01-01T00:00:00Z_1",
        "9999-12-31T00:00:00Z_1",
        "2026-01-01T00:00:00Z_0",
        "2026-01-01T00:00:00Z_99999999999999",
        "\x00",
        "é",
        "' OR 1=1 --",
        "1" * 5000,
    ],
)
def test_broken_cursor_is_400(reader, cursor):
    assert reader.get("/", query_string={"before": cursor}).status_code == 400


def test_tag_lists_its_posts(author, reader):
    author.write("tagged", tags="Two Words, other,, other ")
    author.write("untagged")
    page = reader.get("/tags/two-words").text
    assert "tagged" in page
    assert "untagged" not in page
    assert reader.get("/tags/nothing").status_code == 200


def test_tag_in_another_spelling_leads_to_the_one_that_is_used(reader):
    answer = reader.get("/tags/Two Words")
    assert (answer.status_code, answer.location) == (301, "/tags/two-words")


@pytest.mark.parametrize("tags", ["<b>", "a/b", "x" * 41, ",".join(map(str, range(21))), ".", "a\x00"])
def test_refused_tag_says_why(author, rows, tags):
    answer = author.write("tagged", tags=tags)
    assert answer.status_code == 200
    assert "tag" in answer.text.split('id="tags-error">')[1].split("<")[0]
    assert rows("SELECT * FROM post") == []


@pytest.mark.parametrize("name", ["Ann", "a/b", "李雷", "a b", "50%", "q?x", "x#y", "<b>"])
def test_author_page_lists_their_posts(member, reader, tags_of, name):
    member(name).write("mine")
    links = [attrs["href"] for tag, attrs in tags_of(reader.get("/").text) if tag == "a"]
    (page,) = [link for link in links if link.startswith("/authors/")]
    assert "mine" in reader.get(page).text


def test_unknown_author_is_404(reader):
    assert reader.get("/authors/nobody").status_code == 404
