"""What image files are made of: pixels only, or something else too."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from blog_service.images.layout import is_plain, kind_of, webp_size
from blog_service.images.pictures import Refused, convert

EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
KINDS = ["PNG", "JPEG", "GIF", "WEBP"]
FRAMES = [Image.new("RGB", (40, 30), (number * 90, 0, 0)) for number in range(3)]


def written(kind, **options):
    target = io.BytesIO()
    FRAMES[0].save(target, kind, **options)
    return target.getvalue()


def moving(kind):
    return written(kind, save_all=True, append_images=FRAMES[1:], duration=50, loop=0)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_anew_is_plain(kind):
    assert is_plain(convert(written(kind)).content)
    assert kind_of(written(kind)) == kind


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_animation_is_plain(kind):
    assert is_plain(convert(moving(kind)).content)


def _with_text():
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "words")
    return written("PNG", pnginfo=text)


def _chunk(kind, content):
    return (
        content[:33]
        + struct.pack(">L", 4)
        + kind
        + b"abcd"
        + struct.pack(">L", zlib.crc32(kind + b"abcd"))
        + content[33:]
    )


NOT_PLAIN = {
    "text of png": _with_text(),
    "unknown chunk of png": _chunk(b"prVt", written("PNG")),
    "comment of jpeg": written("JPEG", comment=b"words"),
    "exif of jpeg": written("JPEG", exif=EXIF),
    "profile of jpeg": written("JPEG", icc_profile=b"x" * 200),
    "comment of gif": written("GIF", comment=b"words"),
    "exif of webp": written("WEBP", exif=EXIF),
    "xmp of webp": written("WEBP", xmp=b"<x/>"),
    **{f"end of {kind}": written(kind) + b"!" for kind in KINDS},
    **{f"cut {kind}": written(kind)[:-3] for kind in KINDS},
    **{f"start of {kind}": written(kind)[:12] for kind in KINDS},
    "nothing": b"",
    "text": b"text",
}


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_anything_else_is_not_plain(name):
    assert not is_plain(NOT_PLAIN[name])


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": EXIF}])
def test_size_of_webp_is_read_from_its_head(options):
    assert webp_size(written("WEBP", **options)) == (40, 30)


@pytest.mark.parametrize("kind", KINDS)
def test_plain_file_is_kept_when_asked(kind):
    content = convert(written(kind)).content
    assert convert(content, keep_plain=True).content == content
    with pytest.raises((Refused, OSError, SyntaxError, EOFError)):
        convert(content[: len(content) // 2], keep_plain=True)


@given(st.sampled_from(KINDS), st.binary(max_size=200))
def test_reading_parts_never_fails(kind, tail):
    heads = {kind: written(kind)[:40] for kind in KINDS}
    assert is_plain(heads[kind] + tail) in (True, False)


@given(st.sampled_from([written(kind) for kind in KINDS] + [moving("GIF"), moving("WEBP")]), st.data())
def test_changed_byte_gives_a_plain_file_or_a_refusal(content, data):
    place = data.draw(st.integers(0, len(content) - 1))
    changed = content[:place] + bytes([data.draw(st.integers(0, 255))]) + content[place + 1 :]
    try:
        made = convert(changed)
    except Exception:  # noqa: BLE001 - the worker refuses whatever raises
        return
    assert is_plain(made.content)
