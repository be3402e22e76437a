"""Media types as Content-Type carries them (RFC 9110 §8.3.1, parameters §5.6.6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
QUOTED_STRING = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'
PARAMETER = re.compile(rf"[ \t]*;[ \t]*(?:({WORD})=({WORD}|{QUOTED_STRING}))?")

_ESSENCE = re.compile(rf"[ \t]*({WORD}/{WORD})")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type.

    Arguments:
        essence: `type/subtype` in lower case.
        parameters: by lower-case name; values as sent, without quotes.
    """

    essence: str
    parameters: Mapping[str, str]


def unquote(value: str) -> str:
    """Return the text of a token or a quoted string (RFC 9110 §5.6.4)."""
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def parse_media_type(header: str | None) -> MediaType | None:
    """Parse a Content-Type field value; None when it is absent or malformed (RFC 9110 §8.3)."""
    found = _ESSENCE.match(header) if header else None
    if header is None or found is None:
        return None
    parameters = _parse_parameters(header.rstrip(" \t"), found.end())
    if parameters is None:
        return None
    return MediaType(found[1].lower(), MappingProxyType(parameters))


def _parse_parameters(header: str, position: int) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    while position < len(header):
        found = PARAMETER.match(header, position)
        if found is None:
            return None
        position = found.end()
        if found[1] is None:
            continue
        if found[1].lower() in parameters:
            return None
        parameters[found[1].lower()] = unquote(found[2])
    return parameters
