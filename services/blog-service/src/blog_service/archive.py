"""Zip archives that come from outside, and those that leave."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from blog_service.errors import UnfitArchive

MAX_PACKED = 64 << 20
MAX_UNPACKED = 256 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
# What zipfile raises for files that are broken, encrypted, or packed in a way that it does not know.
_UNREADABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    zlib.error,
)


@contextmanager
def open_archive(source: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Open an archive; its sizes are checked before anything is unpacked.

    Raises:
        UnfitArchive: it is none, or too large; also from within the block.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise UnfitArchive("An archive can have at most 256 MiB unpacked.")
            yield archive
    except _UNREADABLE as exc:
        raise UnfitArchive("This is no zip archive that can be read.") from exc


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Unpack a file of at most `most` bytes; nothing past what the directory announced is read."""
    if entry.file_size > most:
        raise unfit_entry(entry, "it is too large")
    with archive.open(entry) as file:
        return file.read(entry.file_size + 1)


def write_entry(archive: zipfile.ZipFile, name: str, content: str | bytes, *, pack: bool = True) -> None:
    """Add a file; the same files give the same archive."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
    archive.writestr(entry, content)


def unfit_entry(entry: zipfile.ZipInfo, why: str) -> UnfitArchive:
    """Say which file of an archive is refused."""
    return UnfitArchive(f"{entry.filename[:200]}: {why}")
