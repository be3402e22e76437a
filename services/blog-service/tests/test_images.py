"""Images: uploaded, written anew, shown, listed, deleted."""

import io
import os
import re
import struct
import zlib

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from blog_service.images import converter
from blog_service.images.files import FolderFiles
from blog_service.images.routes import MAX_UPLOAD
from chassis import StoreUnavailable

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


def picture(kind="PNG", size=(40, 30), colour="teal", **options) -> bytes:
    """An image of one colour."""
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, kind, **options)
    return target.getvalue()


def send(person, form, accept="application/json"):
    form["file"] = FileStorage(*form["file"])
    stream, length, boundary = stream_encode_multipart(form, use_tempfile=False)
    kind = f"multipart/form-data; boundary={boundary}"
    return person.client.post(
        "/images", data=stream.read(length), content_type=kind, headers={"Accept": accept}
    )


def upload(person, content, name="a.png", **fields):
    return send(
        person, {"csrf_token": person.token("/create"), "file": (io.BytesIO(content), name), **fields}
    )


def addresses(person) -> list[str]:
    return list(dict.fromkeys(re.findall(r'src="(/images/[^"]+)"', person.get("/images").text)))


in_each_store = pytest.mark.parametrize("settings", ["database", "folder"], indirect=True)


@pytest.fixture
def settings(request, settings, tmp_path):
    folder = str(tmp_path / "images") if getattr(request, "param", None) == "folder" else None
    return settings.model_copy(update={"blog_images": folder})


@in_each_store
@pytest.mark.parametrize(("kind", "media_type"), TYPES.items())
def test_uploaded_image_is_shown(author, reader, kind, media_type):
    answer = upload(author, picture(kind))
    assert answer.status_code == 201
    assert (answer.json["width"], answer.json["height"]) == (40, 30)
    shown = reader.get(answer.json["url"])
    assert shown.status_code == 200
    assert shown.headers["Content-Type"] == media_type
    assert Image.open(io.BytesIO(shown.data)).size == (40, 30)
    assert answer.json["markdown"] == f"![]({answer.json['url']})"
    assert answer.location == answer.json["url"]


@in_each_store
def test_image_is_kept_by_caches_and_runs_nothing(author, reader):
    path = upload(author, picture()).json["url"]
    answer = reader.get(path)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["ETag"].startswith('"')
    again = reader.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = reader.client.head(path)
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(answer.data))


def test_form_works_as_a_browser_sends_it(author):
    form = {
        "csrf_token": author.token("/images"),
        "file": (io.BytesIO(picture()), "x"),
        "alt": "A [teal] *sea*",
    }
    answer = send(author, form, "text/html")
    assert (answer.status_code, answer.location[:14]) == (302, "/images#image-")
    page = author.get("/images").text
    assert "The image is stored." in page
    (path,) = addresses(author)
    assert rf"![A \[teal\] \*sea\*]({path})" in page
    assert 'alt="A [teal] *sea*"' in page


def test_refused_image_is_told_on_the_page(author):
    form = {"csrf_token": author.token("/images"), "file": (io.BytesIO(b"text"), "a.png"), "alt": "my words"}
    answer = send(author, form, "text/html")
    assert answer.status_code == 422
    assert "This is no PNG, JPEG, WebP or GIF image." in answer.text
    assert 'value="my words"' in answer.text


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Secret Camera", 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return exif


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_metadata_is_gone_and_the_picture_upright(author, reader, kind):
    options = {
        "exif": _exif(),
        "icc_profile": b"Secret Profile" * 20,
        "comment": b"Secret Comment",
        "quality": 90,
    }
    content = picture(kind, **options)
    assert b"Secret" in content
    shown = reader.get(upload(author, content).json["url"]).data
    assert b"Secret" not in shown
    assert b"Exif" not in shown
    assert Image.open(io.BytesIO(shown)).size == (30, 40)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_animation_goes_on_moving(author, reader, kind):
    frames = [Image.new("RGB", (20, 20), (number * 60, 0, 0)) for number in range(4)]
    target = io.BytesIO()
    frames[0].save(
        target,
        kind,
        save_all=True,
        append_images=frames[1:],
        duration=[100, 200, 300, 400],
        loop=0,
        comment=b"Secret",
    )
    shown = Image.open(io.BytesIO(reader.get(upload(author, target.getvalue()).json["url"]).data))
    assert (shown.n_frames, shown.info["loop"]) == (4, 0)
    durations = []
    for number in range(4):
        shown.seek(number)
        shown.load()
        durations.append(shown.info["duration"])
    assert durations == [100, 200, 300, 400]


def test_large_image_is_scaled_down(author):
    answer = upload(author, picture("JPEG", (4000, 3000))).json
    assert (answer["width"], answer["height"]) == (2000, 1500)
    answer = upload(author, picture("PNG", (3000, 20))).json
    assert (answer["width"], answer["height"]) == (2048, 14)


def _png_of(width, height):
    """A PNG that announces a size, and has next to no data."""

    def chunk(name, data):
        return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))

    header = struct.pack(">LLBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _enlarged(kind, old, new):
    """An image whose head says that it is far larger."""
    content = picture(kind, (40, 30))
    assert old in content
    return content.replace(old, new)


def _long_animation():
    target = io.BytesIO()
    frames = [Image.new("L", (8, 8), number % 256) for number in range(600)]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], duration=10)
    return target.getvalue()


HOSTILE = {
    "empty": b"",
    "text": b"hello",
    "html": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "ico": picture("ICO"),
    "png signature": b"\x89PNG\r\n\x1a\n",
    "png of noise": b"\x89PNG\r\n\x1a\n" + os.urandom(500),
    "cut png": picture("PNG", (300, 300))[:-40],
    "cut jpeg": picture("JPEG", (300, 300))[:-200],
    "cut gif": picture("GIF", (300, 300))[:-40],
    "cut webp": picture("WEBP", (300, 300))[:-20],
    "short webp": b"RIFF\x04\0\0\0WEBP",
    "zero webp": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(18),
    "huge webp": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff" * 6 + bytes(8),
    "huge png": _png_of(60_000, 60_000),
    "zero png": _png_of(0, 0),
    "hungry png": _png_of(2000, 2000),
    "huge jpeg": _enlarged("JPEG", struct.pack(">HH", 30, 40), struct.pack(">HH", 60_000, 60_000)),
    "huge gif": _enlarged("GIF", struct.pack("<HH", 40, 30), struct.pack("<HH", 60_000, 60_000)),
    "long animation": _long_animation(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused(author, rows, name):
    answer = upload(author, HOSTILE[name])
    assert answer.status_code == 422, answer.text
    assert answer.json["detail"]
    assert rows("SELECT * FROM image") == []


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    "payload", [b"<script>alert(1)</script>", b"PK\x03\x04 a zip", b"%PDF-1.4", b"GIF89a;"]
)
def test_what_hangs_behind_an_image_is_gone(author, reader, kind, payload):
    answer = upload(author, picture(kind) + payload)
    if answer.status_code == 201:
        assert payload not in reader.get(answer.json["url"]).data
    else:
        assert answer.status_code == 422


@in_each_store
@pytest.mark.parametrize(
    "name", ["../../evil.png", "/etc/passwd", "a.html", "a\x00.png", "x" * 300, "é🦉.svg"]
)
def test_name_of_a_file_means_nothing(author, reader, tmp_path, name):
    answer = upload(author, picture(), name)
    assert re.fullmatch(r"/images/[0-9a-f]{32}-40x30\.png", answer.json["url"])
    assert reader.get(answer.json["url"]).content_type == "image/png"
    assert not list(tmp_path.parent.rglob("*evil*"))


def test_type_that_is_announced_means_nothing(author):
    form = {
        "csrf_token": author.token("/create"),
        "file": (io.BytesIO(picture("GIF")), "a.html", "file", "text/html"),
    }
    answer = send(author, form)
    assert answer.json["url"].endswith(".gif")


def test_too_large_file_is_refused(author, rows):
    assert upload(author, picture() + bytes(MAX_UPLOAD)).status_code == 422
    assert upload(author, bytes(2 * MAX_UPLOAD)).status_code == 413
    assert rows("SELECT * FROM image") == []


def test_upload_needs_a_login_a_token_and_a_file(author, reader, rows):
    assert reader.get("/images").location == "/auth/login?next=/images"
    assert upload_without_login(reader).location.startswith("/auth/login")
    form = {"file": (io.BytesIO(picture()), "a.png")}
    assert author.client.post("/images", data=form).status_code == 400
    assert author.post("/images").status_code == 422
    assert upload(author, picture(), alt="x" * 501).status_code == 422
    assert upload(author, picture(), alt="a\x00b").status_code == 422
    assert rows("SELECT * FROM image") == []


def upload_without_login(reader):
    form = {"csrf_token": reader.token("/auth/login"), "file": (io.BytesIO(picture()), "a.png")}
    return reader.client.post("/images", data=form)


@in_each_store
@pytest.mark.parametrize(
    "path",
    [
        "/images/../settings.py",
        "/images/..%2f..%2fetc%2fpasswd",
        "/images/%00.png",
        "/images/x.png",
        "/images/x.html",
        "/images/" + "0" * 32 + "-1x1.png",
        "/images/" + "0" * 5000 + ".png",
    ],
)
def test_unknown_image_is_404(reader, path):
    assert reader.get(path).status_code == 404


def test_image_has_one_address(author, reader):
    path = upload(author, picture()).json["url"]
    assert reader.get(path.replace(".png", ".gif")).status_code == 404
    assert reader.get(path.upper().replace("/IMAGES/", "/images/").replace(".PNG", ".png")).status_code == 404


@in_each_store
def test_same_image_again_is_one(author):
    first, second = upload(author, picture(), alt="old"), upload(author, picture(), alt="new")
    assert first.json["url"] == second.json["url"] == upload(author, picture()).json["url"]
    assert len(addresses(author)) == 1
    assert "![new](" in author.get("/images").text


def test_list_is_ones_own_and_goes_on(author, member):
    upload(member(), picture(colour="red"))
    for number in range(26):
        upload(author, picture(colour=(number, 0, 0)))
    first = author.get("/images").text
    assert first.count("<img ") == 24
    older = re.search(r'href="(\?before=\d+)"', first)[1]
    assert author.get(f"/images{older}").text.count("<img ") == 2
    for before in ("0", "-1", "x", "9" * 30):
        assert author.get(f"/images?before={before}").status_code == 200


@in_each_store
def test_deleted_image_is_gone(author, reader, rows):
    path = upload(author, picture()).json["url"]
    assert author.post(f"{path}/delete").location == "/images"
    assert reader.get(path).status_code == 404
    assert author.post(f"{path}/delete").status_code == 404
    assert rows("SELECT * FROM image") == rows("SELECT * FROM image_content") == []


@in_each_store
def test_nobody_deletes_what_another_has(author, member, reader):
    path, other = upload(author, picture()).json["url"], member()
    assert other.post(f"{path}/delete").status_code == 404
    assert upload(other, picture()).json["url"] == path
    assert other.post(f"{path}/delete").status_code == 302
    assert reader.get(path).status_code == 200


@in_each_store
def test_images_go_with_the_account(author, reader, rows, tmp_path):
    path = upload(author, picture()).json["url"]
    assert author.post("/account/delete", {"password": "wrong"}).status_code == 200
    assert reader.get(path).status_code == 200
    assert author.post("/account/delete", {"password": "correct horse battery"}).status_code == 302
    assert reader.get(path).status_code == 404
    assert rows("SELECT * FROM image") == rows("SELECT * FROM image_content") == []
    assert not list(tmp_path.rglob("*.png"))


def test_account_has_room_for_so_many(author, monkeypatch):
    monkeypatch.setattr("blog_service.images.service.MAX_IMAGES", 1)
    assert upload(author, picture()).status_code == 201
    assert upload(author, picture()).status_code == 201
    assert upload(author, picture(colour="red")).status_code == 409
    monkeypatch.setattr("blog_service.images.service.MAX_IMAGES", 10)
    monkeypatch.setattr("blog_service.images.service.MAX_BYTES", 100)
    assert upload(author, picture(colour="red")).status_code == 409


def test_image_in_a_post_has_its_size_and_the_sites_prefix(author, reader):
    path = upload(author, picture()).json["url"]
    author.write("with an image", f'![a]({path}) ![b](https://example.test/images/x.png)\n\n`src="/images/`')
    page = reader.get("/posts/with-an-image", headers={"X-Forwarded-Prefix": "/blog"}).text
    (tag,) = re.findall(rf'<img [^>]*src="/blog{re.escape(path)}"[^>]*>', page)
    assert 'width="40"' in tag
    assert 'height="30"' in tag
    assert 'loading="lazy"' in tag
    assert '<code>src="/images/</code>' in page
    assert f'src="{path}"' in reader.get("/posts/with-an-image").text
    feed = {"X-Forwarded-Prefix": "/blog", "X-Forwarded-Host": "example.test", "X-Forwarded-Proto": "https"}
    (item,) = reader.get("/feed.json", headers=feed).json["items"]
    assert f'src="https://example.test/blog{path}"' in item["content_html"]
    assert f'src="/blog{path}"' in reader.get("/api/v1/posts", headers=feed).json["items"][0]["html"]


def test_second_upload_waits_its_turn_then_is_told(app, author, monkeypatch):
    monkeypatch.setattr(converter, "_WAIT_SECONDS", 0.01)
    with app.extensions["blog"].images._converter.start():
        answer = upload(author, picture())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert upload(author, picture()).status_code == 201


def test_process_that_dies_of_an_image_is_a_refusal(author, monkeypatch):
    monkeypatch.setattr(converter, "_COMMAND", [converter.sys.executable, "-c", "import os; os.abort()"])
    assert upload(author, picture()).status_code == 422


def test_folder_that_cannot_be_written_is_503(tmp_path):
    (tmp_path / "file").touch()
    files = FolderFiles(tmp_path / "file")
    for call in (lambda: files.put("1/a", b""), lambda: files.get("1/a"), lambda: files.delete("1/a")):
        with pytest.raises(StoreUnavailable):
            call()


def test_process_has_little_memory_and_no_secrets(settings, monkeypatch):
    code = (
        "import os, resource, sys; sys.argv = ['worker']; sys.stdin = open(os.devnull);"
        "from blog_service.images.worker import main; main();"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], *os.environ)"
    )
    monkeypatch.setenv("FLASK_APP_SECRET_KEY", "a secret")
    monkeypatch.setattr(converter, "_COMMAND", [converter.sys.executable, "-c", code])
    with converter._worker(keep_plain=False) as (requests, answers):
        requests.close()
        memory, *names = answers.read().decode().split()
    assert int(memory) < 150 << 20
    assert set(names) <= {"PYTHONPATH", "LC_CTYPE"}
