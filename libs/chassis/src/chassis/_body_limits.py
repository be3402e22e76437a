"""How large a request body may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis._problem import ContentTooLarge

LINGER_SECONDS = 2.0  # for which a refused client is still read from


@dataclass(frozen=True)
class BodyLimits:
    """The limits of one service.

    Attributes:
        default: bytes at most.
        by_path: paths that take more or less.
    """

    default: int
    by_path: Mapping[str, int] = field(default_factory=dict)

    def of(self, path: str) -> int:
        """Bytes that a body sent to `path` may have."""
        return self.by_path.get(path, self.default)

    def check(self, path: str, content_length: str) -> None:
        """Refuse a body by its announced length, before any of it is read.

        Raises:
            ContentTooLarge: when it is past the limit.
        """
        limit = self.of(path)
        if content_length.isdecimal() and int(content_length[:20]) > limit:
            raise too_large(limit)


def too_large(limit: int) -> ContentTooLarge:
    """The problem of a body past `limit` bytes."""
    return ContentTooLarge(
        f"The request body may have at most {limit} bytes.", headers={"Connection": "close"}
    )
