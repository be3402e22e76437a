"""Posts as Markdown files with front matter, in a zip archive, out and in again."""

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any, NamedTuple

from blog_service.archive import open_archive, read_entry, unfit_entry, write_entry
from blog_service.errors import UnfitArchive
from blog_service.posts.model import Post, Writing
from blog_service.posts.slugs import slug_of
from blog_service.posts.tags import parse_tags
from blog_service.posts.visibility import DRAFT, PUBLISHED
from blog_service.posts.writing import MAX_BODY_BYTES, body_fault, parse_timestamp, title_fault

MAX_FILES = 10_000
_MAX_FRONT_MATTER = 64 << 10
_FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)


class Portable(NamedTuple):
    """A post with what an import keeps of it: its slug, if it is free, and its times."""

    writing: Writing
    slug: str | None
    created: datetime | None
    updated: datetime | None


def write_archive(posts: Iterable[Post], target: IO[bytes]) -> None:
    """Write one file for each post; the same posts give the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for post in posts:
            write_entry(archive, f"posts/{post.slug}.md", _to_text(post))


def read_archive(source: IO[bytes]) -> Iterator[Portable]:
    """Read the posts of an archive, one by one; its sizes are checked before anything is unpacked.

    Raises:
        UnfitArchive: it is none, too large, or a post in it breaks a rule.
    """
    with open_archive(source) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(".md")]
        if len(entries) > MAX_FILES:
            raise UnfitArchive(f"An archive can have at most {MAX_FILES} posts.")
        for entry in entries:
            yield _read_post(archive, entry)


def _read_post(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Portable:
    content = read_entry(archive, entry, MAX_BODY_BYTES + _MAX_FRONT_MATTER)
    try:
        return _from_text(content.decode())
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise unfit_entry(entry, str(exc) or "its front matter cannot be read") from exc


def _to_text(post: Post) -> str:
    fields = {
        "title": post.title,
        "slug": post.slug,
        "tags": list(post.tags),
        "status": post.status,
        "publish_at": stamp(post.publish_at),
        "created_at": stamp(post.created),
        "updated_at": stamp(post.updated),
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(["---", *lines, "---", post.body])


def _from_text(text: str) -> Portable:
    found = _FRONT_MATTER.match(text)
    if found is None:
        raise ValueError("it has no front matter")
    fields = dict(_field(line) for line in found[1].split("\n"))
    tags, slug = fields.get("tags", ""), fields.get("slug")
    writing = Writing(
        _checked(fields.get("title", ""), title_fault),
        _checked(text[found.end() :], body_fault),
        parse_tags(tags if isinstance(tags, str) else ",".join(tags)),
        fields.get("status", DRAFT),
        _moment(fields.get("publish_at")),
    )
    if writing.status not in (DRAFT, PUBLISHED):
        raise ValueError("its status is unknown")
    slug = slug if isinstance(slug, str) and slug == slug_of(slug) else None
    return Portable(writing, slug, _moment(fields.get("created_at")), _moment(fields.get("updated_at")))


def _field(line: str) -> tuple[str, Any]:
    """Read a line of front matter; a value that is no JSON is text, as in YAML."""
    name, separator, value = line.partition(":")
    if not separator:
        raise ValueError("its front matter has a line without a colon")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value.strip()


def _checked(text: str, fault_of: Callable[[str], str | None]) -> str:
    if not isinstance(text, str):
        raise TypeError("its title is no text")
    text.encode()  # half a surrogate pair, which JSON can spell, is a ValueError
    if fault := fault_of(text):
        raise ValueError(fault)
    return text


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_timestamp(text)


def stamp(moment: datetime | None) -> str | None:
    """Write a moment as an archive has it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}" if moment else None
