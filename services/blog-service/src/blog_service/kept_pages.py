"""Pages that were rendered, to be sent again to readers without a session while nothing on them changes."""

from threading import Lock

from cachetools import LRUCache

_SIZE = 512 << 10
_SHARE = 4  # no page takes more than one part of so many


class KeptPages:
    """Rendered pages by their entity tags; what was asked for the longest ago goes first.

    Arguments:
        size: bytes of all pages together.
    """

    def __init__(self, size: int = _SIZE) -> None:
        self._pages: LRUCache[str, bytes] = LRUCache(size, getsizeof=len)
        self._largest = size // _SHARE
        self._lock = Lock()

    def get(self, etag: str) -> bytes | None:
        """Return the page that has this entity tag."""
        with self._lock:
            return self._pages.get(etag)

    def keep(self, etag: str, page: bytes) -> None:
        """Keep a page, unless others would have to go for it that are worth more."""
        if len(page) <= self._largest:
            with self._lock:
                self._pages[etag] = page
