"""What is left of a client's rate limit."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Self

from chassis import QuotaExceeded, RateLimit, client_key
from ip_service.errors import NoAddress

RawHeaders = tuple[tuple[bytes, bytes], ...]


class Quota(NamedTuple):
    """A client's count after one of its requests.

    Attributes:
        limit: None when there is none.
        used: requests in the window, this one included.
        reset: seconds until the window ends, rounded up.
    """

    limit: RateLimit | None
    used: int
    reset: int

    @classmethod
    def of(cls, limit: RateLimit | None, used: int, left: int) -> Self:
        """Read a script's answer; `left` is in milliseconds."""
        return cls(limit, used, -(-left // 1000))

    def check(self) -> Self:
        """Return itself.

        Raises:
            QuotaExceeded: when there were too many requests.
        """
        if self.limit and self.used > self.limit.amount:
            raise QuotaExceeded.of(self.limit, self.reset)
        return self

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit-Policy and RateLimit; empty without a limit."""
        return self.limit.headers(self.limit.amount - self.used, self.reset) if self.limit else {}


@lru_cache(maxsize=1024)
def raw_headers(quota: Quota) -> RawHeaders:
    """The quota's headers as ASGI takes them."""
    return tuple((name.lower().encode(), value.encode()) for name, value in quota.headers.items())


def counter_key(address: str) -> str:
    """Key of the counter that a caller's requests are counted by; the whole /64 for IPv6.

    Raises:
        NoAddress: when it is no IP address.
    """
    key = client_key(address)
    if key is None:
        raise NoAddress("The caller has no IP address.")
    return f"{{ip}}:limit:{key}"
