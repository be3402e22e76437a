"""The parts that image files are made of: which kind it is, and whether it has pixels only."""

import struct
from collections.abc import Callable, Iterator

Parts = Iterator[bytes]
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_WEBP_PARTS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
_GIF_PARTS = {b"header", b",", b"!\xf9", b"!\xffNETSCAPE2.0", b";"}
# Start and end, JFIF, quantisation, baseline and progressive frames, Huffman tables, restarts, scans.
_JPEG_PARTS = {b"\xd8", b"\xd9", b"\xe0JFIF\0", b"\xdb", b"\xc0", b"\xc2", b"\xc4", b"\xdd", b"\xda"}
_ANMF_HEADER = 16


def kind_of(content: bytes) -> str | None:
    """Tell the format by the first bytes, in the words of Pillow; None for any other."""
    if content.startswith(_PNG):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    return None


def is_plain(content: bytes) -> bool:
    """Tell whether a file has pixels and nothing else: no metadata, no comment, nothing after the end."""
    kind = kind_of(content)
    if kind is None:
        return False
    parts, allowed = _READERS[kind]
    try:
        return allowed.issuperset(parts(content))
    except (IndexError, struct.error):
        return False


def webp_size(content: bytes) -> tuple[int, int]:
    """Read width and height of a WebP file (RFC 9649 §2.4-2.7), whose decoder would begin with memory."""
    kind, data = content[12:16], content[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 6)
    return width & 0x3FFF, height & 0x3FFF


def is_lossless(content: bytes) -> bool:
    """Tell whether a WebP file keeps each pixel."""
    return b"VP8L" in set(_webp_parts(content, deep=True))


def _png_parts(content: bytes) -> Parts:
    place = len(_PNG)
    while place < len(content):
        length, name = struct.unpack_from(">L4s", content, place)
        place += 12 + length
        yield name if place <= len(content) else b"cut"


def _webp_parts(content: bytes, *, deep: bool = False) -> Parts:
    (length,) = struct.unpack_from("<L", content, 4)
    if length + 8 != len(content):
        yield b"more"
    yield from _riff(content, 12, len(content), deep=deep)


def _riff(content: bytes, place: int, end: int, *, deep: bool = True) -> Parts:
    while place < end:
        name, length = struct.unpack_from("<4sL", content, place)
        start, place = place + 8, place + 8 + length + length % 2
        yield name if place <= end else b"cut"
        if name == b"ANMF" and deep:
            yield from _riff(content, start + _ANMF_HEADER, start + length)


def _gif_parts(content: bytes) -> Parts:
    yield b"header"
    place = 13 + _colours(content[10])
    while content[place : place + 1] != b";":
        name = content[place : place + 1]
        if name == b",":
            place += 11 + _colours(content[place + 9])
        elif name == b"!":
            name = content[place : place + 2]
            name += content[place + 3 : place + 14] if name == b"!\xff" else b""
            place += 2
        yield name
        while length := content[place]:
            place += 1 + length
        place += 1
    yield b";" if place + 1 == len(content) else b"more"


def _colours(flags: int) -> int:
    """Return the length of the colour table that the flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _jpeg_parts(content: bytes) -> Parts:
    yield content[1:2]
    place = 2
    while content[place : place + 2] != b"\xff\xd9":
        mark, code, length = struct.unpack_from(">BcH", content, place)
        part = content[place + 4 : place + 2 + length]
        yield code + (part[:5] if code == b"\xe0" and length == 16 else b"" if code != b"\xe0" else b"?")
        if mark != 0xFF:
            yield b"lost"
            return
        place += 2 + length
        if code == b"\xda":
            place = _scan_end(content, place)
    yield b"\xd9" if place + 2 == len(content) else b"more"


def _scan_end(content: bytes, place: int) -> int:
    """Skip a scan: in it, a marker is only one that is neither a stuffed byte nor a restart."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            raise IndexError
        if content[place + 1] != 0 and not 0xD0 <= content[place + 1] <= 0xD7:
            return place
        place += 2


_READERS: dict[str, tuple[Callable[[bytes], Parts], set[bytes]]] = {
    "PNG": (_png_parts, _PNG_PARTS),
    "JPEG": (_jpeg_parts, _JPEG_PARTS),
    "GIF": (_gif_parts, _GIF_PARTS),
    "WEBP": (lambda content: _webp_parts(content, deep=True), _WEBP_PARTS),
}
