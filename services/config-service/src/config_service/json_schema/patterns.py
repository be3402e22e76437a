"""Patterns in linear time: RE2, so that nobody's expression can keep the service busy."""

import re
from collections.abc import Callable

MAX_MEMORY = 1024 * 1024  # bytes that one compiled pattern may take
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|c([A-Za-z])|.)", re.DOTALL)


def search_of(pattern: str) -> Callable[[str], bool]:
    r"""Return what looks for a pattern in a text.

    Args:
        pattern: of ECMA-262, without look-around and back references.

    Raises:
        ValueError: it is none, or too large.
    """
    import re2  # noqa: PLC0415 2 MB of memory, which stores without patterns do without

    options = re2.Options()
    options.max_mem, options.log_errors = MAX_MEMORY, False
    try:
        compiled = re2.compile(_ESCAPE.sub(_translated, pattern), options)
    except re2.error as exc:
        reason = exc.args[0] if exc.args else "it cannot be read"
        raise ValueError(reason.decode(errors="replace") if isinstance(reason, bytes) else reason) from exc
    return lambda text: compiled.search(text.encode()) is not None


def _translated(escape: re.Match[str]) -> str:
    r"""Write `\uXXXX` and `\cX` as RE2 has them."""
    unit, control = escape.groups()
    if unit:
        return rf"\x{{{unit}}}"
    return rf"\x{{{ord(control) % 32:x}}}" if control else escape[0]
