"""Rate limits: how they are written, announced (draft-ietf-httpapi-ratelimit-headers) and keyed."""

import math
import re
from dataclasses import dataclass

from chassis._address import read_address, spell_network

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": 2592000, "year": 31104000}
_LIMIT = re.compile(
    r"([0-9]{1,9})\s*(?:/|\sper\s)\s*(?:([0-9]{1,9})\s*)?(" + "|".join(_SECONDS) + r")s?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests in so much time.

    Arguments:
        amount: requests, at least 1.
        window: seconds, at least 1.
    """

    amount: int
    window: int

    @classmethod
    def parse(cls, text: str) -> "RateLimit | None":
        """Read a limit such as `20/minute` or `100 per 5 minutes`; `off` is none.

        Raises:
            ValueError: the text says something else.
        """
        if text.strip().lower() == "off":
            return None
        found = _LIMIT.fullmatch(text.strip())
        limit = found and cls(int(found[1]), int(found[2] or 1) * _SECONDS[found[3].lower()])
        if not limit or limit.amount < 1 or limit.window < 1:
            raise ValueError(f"{text!r} is no rate limit such as 20/minute, 100 per 5 minutes or off")
        return limit

    def headers(self, remaining: int, reset: float) -> dict[str, str]:
        """Return RateLimit-Policy and RateLimit: requests left, seconds until the quota is whole."""
        left, seconds = max(0, remaining), max(0, math.ceil(reset))
        return {
            "RateLimit-Policy": f'"default";q={self.amount};w={self.window}',
            "RateLimit": f'"default";r={left};t={seconds}',
        }


def client_key(address: str) -> str | None:
    """Return what a client is counted by: an IPv4 address or an IPv6 /64; None when it is neither."""
    found = read_address(address)
    if found is None:
        return None
    return found.text if len(found.packed) == 4 else spell_network(found.packed)
