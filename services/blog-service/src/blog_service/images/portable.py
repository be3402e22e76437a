"""Images in an archive: the files as they are, and a list of what is known of them."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any, NamedTuple

from blog_service.archive import open_archive, read_entry, unfit_entry, write_entry
from blog_service.errors import UnfitArchive
from blog_service.images.model import Image, alt_fault
from blog_service.posts.portable import stamp
from blog_service.posts.writing import parse_timestamp

_FOLDER = "images/"
_LIST = f"{_FOLDER}index.json"
_MAX_LIST = 4 << 20
_MAX_FILES = 1000
_MAX_IMAGE = 10 << 20
_PART = 32 << 20


class PortableImage(NamedTuple):
    """An image with what an import keeps of it."""

    content: bytes
    alt: str
    created: datetime | None


def parts_of(images: Iterable[Image]) -> list[list[Image]]:
    """Divide images over as many archives as can be imported again; there is one at least."""
    parts: list[list[Image]] = [[]]
    room = _PART
    for image in images:
        if image.size > room and parts[-1]:
            parts.append([])
            room = _PART
        parts[-1].append(image)
        room -= image.size
    return parts


def write_images(images: Iterable[Image], content_of: Callable[[Image], bytes], target: IO[bytes]) -> None:
    """Add images to an archive; without any, it stays as it is."""
    with zipfile.ZipFile(target, "a") as archive:
        known = []
        for image in images:
            write_entry(archive, _FOLDER + image.file_name, content_of(image), pack=False)
            known.append({"file": image.file_name, "alt": image.alt, "created_at": stamp(image.created)})
        if known:
            write_entry(archive, _LIST, json.dumps(known, ensure_ascii=False, indent=1))


def read_images(source: IO[bytes]) -> Iterator[PortableImage]:
    """Read the images of an archive, one by one; what is in them is not looked at.

    Raises:
        UnfitArchive: it is none, too large, or its list of images cannot be read.
    """
    with open_archive(source) as archive:
        entries = [entry for entry in archive.infolist() if _is_image(entry)]
        if len(entries) > _MAX_FILES:
            raise UnfitArchive(f"An archive can have at most {_MAX_FILES} images.")
        known = _read_list(archive) if entries else {}
        for entry in entries:
            alt, created = known.get(entry.filename.removeprefix(_FOLDER), ("", None))
            yield PortableImage(read_entry(archive, entry, _MAX_IMAGE), alt, created)


def _is_image(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.startswith(_FOLDER) and not entry.is_dir() and entry.filename != _LIST


def _read_list(archive: zipfile.ZipFile) -> dict[str, tuple[str, datetime | None]]:
    if _LIST not in archive.namelist():
        return {}
    entry = archive.getinfo(_LIST)
    try:
        return dict(_known(fields) for fields in json.loads(read_entry(archive, entry, _MAX_LIST)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise unfit_entry(entry, "it cannot be read") from exc


def _known(fields: Any) -> tuple[str, tuple[str, datetime | None]]:
    file, alt, created = fields["file"], fields.get("alt", ""), fields.get("created_at")
    alt.encode()  # half a surrogate pair, which JSON can spell, is a ValueError
    if fault := alt_fault(alt):
        raise ValueError(fault)
    return file, (alt, None if created is None else parse_timestamp(created))
