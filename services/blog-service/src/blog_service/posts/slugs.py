"""Slugs: the readable part of a post's address."""

import re
import secrets
import unicodedata

MAX_LENGTH = 80
_GAPS = re.compile(r"[\W_]+")


def slug_of(title: str) -> str:
    """Make a slug of a title; letters of all scripts stay."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", title).casefold())
    return _GAPS.sub("-", text).strip("-")[:MAX_LENGTH].rstrip("-") or "post"


def another_slug(slug: str) -> str:
    """Make a slug that is likely free, of one that is taken."""
    return f"{slug}-{secrets.token_hex(4)}"
