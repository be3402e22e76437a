"""The id that ties a request's log lines, spans and answers together."""

import re
import time
from random import getrandbits

_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,128}")
_VERSION_AND_VARIANT = 7 << 76 | 2 << 62
_RANDOM_BITS = (1 << 76) - 1 & ~(3 << 62)


def request_id(candidate: str | None) -> str:
    """Return the client's id when it is well formed, else a new UUIDv7 (RFC 9562 §5.7)."""
    if candidate and _ACCEPTED.fullmatch(candidate):
        return candidate
    milliseconds = time.time_ns() // 1_000_000
    random_bits = getrandbits(80) & _RANDOM_BITS  # unique, not secret; seeded anew after a fork
    digits = f"{milliseconds << 80 | _VERSION_AND_VARIANT | random_bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
