"""What an image is outside the store."""

import re
from datetime import datetime
from typing import Final, NamedTuple

from blog_service.forms import CONTROLS

MAX_ALT_LENGTH = 500
MEDIA_TYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_BRACKETS = re.compile(r"([\\\[\]`*_<>!&])")


class Image(NamedTuple):
    """An uploaded image as its owner sees it.

    Attributes:
        number: counts up.
        id: the beginning of the SHA-256 digest of the file, and its width and height: `3f0c…-800x600`.
        extension: of its format.
        size: bytes.
        alt: what it shows, for who does not see it.
        created: when it was uploaded.
    """

    number: int
    id: str
    extension: str
    size: int
    alt: str
    created: datetime

    @property
    def file_name(self) -> str:
        """The end of its address."""
        return f"{self.id}.{self.extension}"

    @property
    def markdown(self) -> str:
        """What shows it in a post."""
        alt = _BRACKETS.sub(r"\\\1", self.alt)
        return f"![{alt}](/images/{self.file_name})"

    @property
    def dimensions(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, _, height = self.id.rpartition("-")[2].partition("x")
        return int(width), int(height)


def alt_fault(alt: str) -> str | None:
    """Say why a description is refused, or None: its length, or what a line cannot hold."""
    if len(alt) > MAX_ALT_LENGTH:
        return f"Description must have at most {MAX_ALT_LENGTH} characters."
    if not CONTROLS.isdisjoint(alt) or "\n" in alt:
        return "Description must not contain control characters."
    return None
