"""Export and import: all of one's posts, out and in again."""

import io
import re
import struct
import zipfile

import pytest
from PIL import Image


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
    "make",
    [
        lambda: b"",
        lambda: b"PK",
        lambda: b"x" * 5000,
        lambda: _archive(p="---\ntitle: t\n---\n")[:-30],
        _bomb,
        _lying,
        _encrypted,
        _odd_method,
    ],
    ids=["empty", "short", "other", "cut", "bomb", "lying", "encrypted", "method"],
)
def test_hostile_archive_is_refused(author, rows, make):
    assert _send(author, make()).status_code == 422
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


def _picture(colour="teal", kind="PNG"):
    image, target = Image.new("RGB", (40, 30), colour), io.BytesIO()
    image.paste(Image.effect_noise((20, 20), 50), (5, 5))
    image.save(target, kind, comment=b"Secret")
    return target.getvalue()


def _upload(person, content, alt=""):
    form = {"csrf_token": person.token("/create"), "file": (io.BytesIO(content), "a"), "alt": alt}
    return person.client.post("/images", data=form, headers={"Accept": "application/json"}).json["url"]


def test_images_come_back_byte_for_byte(author, member, reader):
    paths = [
        _upload(author, _picture(kind=kind), f"an image: {kind}, “é”")
        for kind in ("PNG", "JPEG", "WEBP", "GIF")
    ]
    author.write("With images", "\n".join(f"![]({path})" for path in paths))
    exported, shown = _export(author), [reader.get(path).data for path in paths]
    author.post("/account/delete", {"password": "correct horse battery"})
    assert [reader.get(path).status_code for path in paths] == [404] * 4
    other = member()
    assert _send(other, exported).location == "/account"
    assert "1 post and 4 images are imported." in other.get("/account").text
    assert [reader.get(path).data for path in paths] == shown
    assert _export(other) == exported


def test_image_of_an_archive_is_made_safe(author, reader):
    content = _picture(kind="JPEG")
    assert b"Secret" in content
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("images/../../evil.html", content)
        archive.writestr("images/", b"")
    assert _send(author, target.getvalue()).status_code == 302
    (path,) = set(re.findall(r'src="(/images/[^"]+)"', author.get("/images").text))
    assert b"Secret" not in reader.get(path).data


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("images/a.png", b"<html>"),
        ("images/a.png", b""),
        ("images/index.json", b"[" * 5000),
        ("images/index.json", b'[{"alt": "no file"}]'),
        ("images/index.json", b'[{"file": "a.png", "alt": 5}]'),
        ("images/index.json", b'[{"file": "a.png", "alt": "\\ud800"}]'),
        ("images/index.json", b'[{"file": "a.png", "created_at": "yesterday"}]'),
        ("images/index.json", b'[{"file": ["a.png"]}]'),
        ("images/index.json", b"{}x"),
    ],
)
def test_fault_in_an_image_stores_no_post(author, rows, name, content):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.md", "---\ntitle: t\n---\n")
        archive.writestr(name, content)
        if name != "images/a.png":
            archive.writestr("images/b.png", _picture())
    assert _send(author, target.getvalue()).status_code == 422
    assert rows("SELECT * FROM post") == []


def test_large_export_comes_in_parts_that_can_be_imported(author, member, monkeypatch):
    monkeypatch.setattr("blog_service.images.portable._PART", 100)
    for colour in ("red", "green", "blue"):
        _upload(author, _picture(colour))
    author.write("a post")
    page = author.get("/account").text
    parts = re.findall(r'href="(/account/export[^"]*)"', page)
    assert len(parts) == 3
    other = member()
    for part in parts:
        assert _send(other, author.get(part).data).location == "/account"
    assert other.get("/images").text.count("<img ") == 3
    for wrong in ("0", "4", "-1"):
        assert author.get(f"/account/export?part={wrong}").status_code == 404
