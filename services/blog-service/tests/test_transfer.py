"""Export and import: all of one's posts, out and in again."""

import io
import struct
import zipfile

import pytest


def _send(person, content, name="posts.zip"):
    return person.client.post(
        "/account/import",
        data={"csrf_token": person.token("/create"), "file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def _archive(**files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.md", text)
    return target.getvalue()


def _export(person):
    answer = person.get("/account/export")
    assert answer.content_type == "application/zip"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.data


@pytest.fixture
def library(author, post_id, clock):
    author.write("Same", "one\n\n---\ntext: x\n---\n", tags="a, c++")
    author.write("Same", "two  \n\n")
    author.write('Quotes: "x" \\ 🎌', "", status="draft")
    author.write("Later", "text", publish_at="2999-01-31T09:00:00Z")
    clock.turn(days=1)
    author.post(f"/{post_id('Later')}/update", {"title": "Renamed", "publish_at": "2999-01-31T09:00"})
    return author


def test_archive_comes_back_byte_for_byte(library, member):
    exported = _export(library)
    library.post("/account/delete", {"password": "correct horse battery"})
    other = member()
    assert _send(other, exported).location == "/account"
    assert "4 posts are imported." in other.get("/account").text
    assert _export(other) == exported


def test_archive_has_one_file_for_each_own_post(library, member):
    member().write("somebody else's")
    with zipfile.ZipFile(io.BytesIO(_export(library))) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert len(texts) == 4
    assert 'title: "Same"\n' in texts["posts/same.md"]
    assert 'tags: ["a", "c++"]\n' in texts["posts/same.md"]
    assert texts["posts/same.md"].endswith("---\none\n\n---\ntext: x\n---\n")
    assert 'status: "draft"' in next(text for text in texts.values() if "Quotes" in text)


def test_imported_post_of_a_taken_slug_gets_another(library, reader):
    before = reader.get("/posts/same").text
    assert _send(library, _export(library)).status_code == 302
    assert reader.get("/posts/same").text == before
    assert reader.get("/").text.count(">Same</a>") == 4


def test_plain_front_matter_is_understood(author, reader):
    assert _send(
        author, _archive(x="---\ntitle: A plain title\nstatus: published\ntags: a, b\n---\nText.")
    ).location
    assert "<p>Text.</p>" in reader.get("/posts/a-plain-title").text
    assert _send(author, _archive(x="---\ntitle: No status\n---\n")).location
    assert reader.get("/posts/no-status").status_code == 404


def test_fault_in_one_post_stores_none(author, rows):
    good = "---\ntitle: t\n---\n"
    answer = _send(author, _archive(a=good, b="no front matter"))
    assert answer.status_code == 422
    assert rows("SELECT * FROM post") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---\n---\n",
        "---\ntitle\n---\n",
        "---\ntitle: \n---\n",
        "---\ntitle: 5\n---\n",
        '---\ntitle: "\\ud800"\n---\n',
        "---\ntitle: [[[[\n" + "[" * 5000 + "\n---\n",
        "---\ntitle: t\ntags: [1]\n---\n",
        "---\ntitle: t\ntags: {}\nstatus: deleted\n---\n",
        "---\ntitle: t\npublish_at: tomorrow\n---\n",
        "---\ntitle: t\npublish_at: 5\n---\n",
        "---\ntitle: t\n---\n\x00",
        "---\ntitle: t\n---\n" + "x" * ((1 << 20) + 1),
        b"---\ntitle: t\n---\n\xff",
        "x" * (2 << 20),
    ],
)
def test_refused_post_says_which(author, rows, text):
    answer = _send(author, _archive(bad=text))
    assert answer.status_code == 422
    assert rows("SELECT * FROM post") == []


def _bomb():
    return _archive(**{f"p{number}": b"\0" * (1 << 20) for number in range(260)})


def _lying():
    """An archive whose directory says that a large file is small."""
    content = bytearray(_archive(p="---\ntitle: t\n---\n" + "x" * 500_000))
    directory = content.rindex(b"PK\x01\x02")
    struct.pack_into("<L", content, directory + 24, 20)
    return bytes(content)


def _encrypted():
    content = bytearray(_archive(p="---\ntitle: t\n---\n"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(mark) + offset] |= 1
    return bytes(content)


def _odd_method():
    content = bytearray(_archive(p="---\ntitle: t\n---\n"))
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", content, content.rindex(mark) + offset, 99)
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"x" * 5000,
        _archive(p="---\ntitle: t\n---\n")[:-30],
        _bomb(),
        _lying(),
        _encrypted(),
        _odd_method(),
    ],
    ids=["empty", "short", "other", "cut", "bomb", "lying", "encrypted", "method"],
)
def test_hostile_archive_is_refused(author, rows, content):
    assert _send(author, content).status_code == 422
    assert rows("SELECT * FROM post") == []


def test_names_in_an_archive_mean_nothing(author, tmp_path):
    content = _archive(**{"../../evil": "---\ntitle: t\n---\n", "/etc/evil": "---\ntitle: u\n---\n"})
    assert _send(author, content).status_code == 302
    assert not list(tmp_path.parent.rglob("evil*"))


def test_import_needs_a_login_a_token_and_a_file(reader, author, rows):
    assert reader.get("/account/export").location.startswith("/auth/login")
    assert reader.post("/account/import").location == "/auth/login"
    assert (
        author.client.post("/account/import", data={"file": (io.BytesIO(b"x"), "x.zip")}).status_code == 400
    )
    assert author.post("/account/import").status_code == 422


def test_preview_shows_the_text_and_stores_nothing(author, reader, rows):
    answer = author.post("/preview", {"body": "some *text* <script>alert(1)</script>"})
    assert answer.text == "<p>some <em>text</em> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert author.post("/preview", {"body": "\x00"}).status_code == 422
    assert author.client.post("/preview", data={"body": "x"}).status_code == 400
    assert reader.post("/preview", {"body": "x"}).location == "/auth/login"
    assert rows("SELECT * FROM post") == []
