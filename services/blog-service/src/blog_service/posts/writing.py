"""The rules of what an author hands in, by form, API or import."""

import re
import unicodedata
from datetime import UTC, datetime

from blog_service.forms import CONTROLS

MAX_TITLE_LENGTH = 255
MAX_BODY_BYTES = 1 << 20
_MAX_MOMENT_LENGTH = 40
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def title_fault(title: str) -> str | None:
    """Say why a title is refused, or None: its length, or what a line cannot hold."""
    if not title:
        return "Title is required."
    if len(title) > MAX_TITLE_LENGTH:
        return f"Title must have at most {MAX_TITLE_LENGTH} characters."
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in title):
        return "Title must not contain control characters."
    return None


def body_fault(body: str) -> str | None:
    """Say why a body is refused, or None: its size, or what neither a page nor a feed can hold."""
    if len(body.encode()) > MAX_BODY_BYTES:
        return "Body must have at most 1 MiB."
    if not CONTROLS.isdisjoint(body):
        return "Body must not contain control characters."
    return None


def parse_moment(text: str) -> datetime | None:
    """Read a date and time: RFC 3339, or as a browser's field sends it, in UTC.

    Raises:
        ValueError: it is no moment that the database can hold.
    """
    if not text:
        return None
    if len(text) > _MAX_MOMENT_LENGTH:
        raise ValueError("too long")
    moment = datetime.fromisoformat(text)
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as exc:
        raise ValueError("out of range") from exc
    if not 1000 < moment.year < 9999:
        raise ValueError("out of range")
    return moment


def parse_timestamp(text: str) -> datetime | None:
    """Read an RFC 3339 timestamp; raises as `parse_moment` does."""
    if not _RFC3339.fullmatch(text):
        raise ValueError("no RFC 3339 timestamp")
    return parse_moment(text.upper())
